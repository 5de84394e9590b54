import type { Fate } from '../fault-proxy.ts';
import type { Forecast, GustKind, Outage, Target } from './forecast.ts';
import { denySome, refuseSome } from './partial.ts';

/** What the proxies do to requests. Counted where it has happened: a lost answer is one that the backend gave. */
export const REQUEST_FAULTS = [
  'throttledRequests',
  /** Of a batch, inside HTTP 200. */
  'throttledEntries',
  /** Of a batch, inside HTTP 200: done all the same. */
  'deniedEntries',
  /** With a code that does not say that it will pass; the worker's settling and writing alone. */
  'refusedRequests',
  /** Of a batch, inside HTTP 200, with such a code. */
  'refusedEntries',
  'serverErrors',
  'resetsBefore',
  'resetsAfter',
  'slowAnswers',
  /** Done long after the client has given up. */
  'lateRequests',
] as const;

export type RequestFault = (typeof REQUEST_FAULTS)[number];

export interface Struck extends Record<Target, Record<RequestFault, number>> {
  /** Requests to the store while it was down. */
  outageRequests: number;
  /** Answers that were lost with messages in them. */
  lostReceives: number;
}

export interface Weather {
  /** From now on, until `clear`. */
  begin(): void;
  /** Ends all of it, but for what is late already. */
  clear(): void;
  /** When the last late request will have arrived, in ms since the epoch. */
  quietAt(): number;
  fateOf(target: Target, operation: string, body: string): Fate;
  struck: Struck;
}

/** The chance of each fault for one request: all the time, and in a gust besides. */
const CALM: Record<RequestFault, number> = {
  throttledRequests: 0.01,
  throttledEntries: 0.04,
  deniedEntries: 0.02,
  refusedRequests: 0.02,
  refusedEntries: 0.005,
  serverErrors: 0.01,
  resetsBefore: 0.01,
  resetsAfter: 0.02,
  slowAnswers: 0.02,
  lateRequests: 0.006,
};
const GUSTS: Record<GustKind, Partial<Record<RequestFault, number>>> = {
  throttling: { throttledRequests: 0.2, throttledEntries: 0.6 },
  errors: { serverErrors: 0.2, deniedEntries: 0.2, refusedRequests: 0.1 },
  resets: { resetsBefore: 0.25, resetsAfter: 0.25 },
  latency: { slowAnswers: 1 },
};
/** The worker's writes, its deletes and postponements, and its parking. */
const REFUSABLE = new Set([
  'BatchExecuteStatement',
  'PutItem',
  'DeleteMessageBatch',
  'ChangeMessageVisibilityBatch',
  'SendMessage',
]);
const LONGEST_DELAY_MS = 1_500;
/** Past the worker's time-outs, 5 s for the store and 10 s for the queue, so that the retry comes first. */
const LATE_MS: Record<Target, number> = { store: 5_500, queue: 10_500 };

export function createWeather({
  forecast,
  random,
  now,
}: {
  forecast: Forecast;
  /** From 0 up to 1. */
  random: () => number;
  /** Milliseconds since the epoch. */
  now: () => number;
}): Weather {
  const struck: Struck = { store: noFaults(), queue: noFaults(), outageRequests: 0, lostReceives: 0 };
  let began: number | undefined;
  let quietAt = 0;

  /** The one fault that this request shall have, if any. */
  function draw(target: Target, elapsed: number): RequestFault | undefined {
    const chances = { ...CALM };
    for (const gust of forecast.gusts) {
      if (gust.target !== target || elapsed < gust.fromMs || elapsed >= gust.toMs) continue;
      for (const [fault, chance] of Object.entries(GUSTS[gust.kind])) chances[fault as RequestFault] += chance;
    }
    let dice = random();
    for (const fault of REQUEST_FAULTS) {
      dice -= chances[fault];
      if (dice < 0) return fault;
    }
    return undefined;
  }

  function bring(fault: RequestFault, target: Target, operation: string, body: string): Fate {
    const counts = struck[target];
    switch (fault) {
      case 'throttledRequests': {
        counts.throttledRequests++;
        const ofStore = random() < 0.5 ? 'ThrottlingException' : 'ProvisionedThroughputExceededException';
        return { status: 400, error: target === 'store' ? ofStore : 'ThrottlingException' };
      }
      case 'serverErrors':
        counts.serverErrors++;
        return random() < 0.5
          ? { status: 500, error: 'InternalServerError' }
          : { status: 503, error: 'ServiceUnavailable' };
      case 'refusedRequests':
        // Asked at a worker's start, it would be an operator's mistake; of a producer's send, the storm's own.
        if (!REFUSABLE.has(operation) || body.includes('onefold-probe')) return 'pass';
        counts.refusedRequests++;
        return { status: 400, error: target === 'store' ? 'ValidationException' : 'InvalidParameterValue' };
      case 'resetsBefore':
        counts.resetsBefore++;
        return 'reset';
      case 'resetsAfter':
        return {
          answer: text => {
            counts.resetsAfter++;
            if (text.includes('"ReceiptHandle"')) struck.lostReceives++;
            return 'lose';
          },
        };
      case 'slowAnswers':
        counts.slowAnswers++;
        return { delayMs: random() * LONGEST_DELAY_MS };
      case 'lateRequests': {
        // The client waits half a minute for a long poll.
        if (operation === 'ReceiveMessage') return 'pass';
        counts.lateRequests++;
        const delayMs = LATE_MS[target] + random() * LONGEST_DELAY_MS;
        quietAt = Math.max(quietAt, now() + delayMs);
        return { delayMs };
      }
      case 'throttledEntries':
      case 'refusedEntries':
      case 'deniedEntries': {
        if (fault === 'refusedEntries' && !REFUSABLE.has(operation)) return 'pass';
        const share = random();
        const choose = () => random() < share;
        const part =
          fault === 'deniedEntries'
            ? denySome(operation, body, choose)
            : refuseSome(operation, body, fault === 'throttledEntries' ? 'passing' : 'final', choose);
        counts[fault] += part?.entries ?? 0;
        return part?.fate ?? 'pass';
      }
    }
  }

  function inOutage(kind: Outage['kind']): Fate {
    struck.outageRequests++;
    if (kind === 'errors') return { status: 503, error: 'ServiceUnavailable' };
    return kind === 'resets' ? 'reset' : 'hang';
  }

  return {
    struck,
    begin: () => {
      began = now();
    },
    clear: () => {
      began = undefined;
    },
    quietAt: () => quietAt,
    fateOf: (target, operation, body) => {
      if (began === undefined) return 'pass';
      const elapsed = now() - began;
      const { outage } = forecast;
      if (target === 'store' && elapsed >= outage.fromMs && elapsed < outage.toMs) return inOutage(outage.kind);
      const fault = draw(target, elapsed);
      return fault === undefined ? 'pass' : bring(fault, target, operation, body);
    },
  };
}

const noFaults = () => Object.fromEntries(REQUEST_FAULTS.map(fault => [fault, 0])) as Record<RequestFault, number>;
