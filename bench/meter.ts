import { subscribe } from 'node:diagnostics_channel';
import {
  DeleteMessageBatchCommand,
  type DeleteMessageBatchCommandOutput,
  ReceiveMessageCommand,
  type ReceiveMessageCommandOutput,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { countDuration, type Durations, type Sample } from './statistics.ts';

/** Five times a second is enough for a progress bar, and costs nothing that shows. */
const TELL_EVERY_MS = 200;
/** Asking for the CPU time costs a few microseconds: rare enough not to show either. */
const LEAST_GAP_MICROS = 20_000;

/** Sent to the bench while the worker runs. */
export interface Progress {
  /** It has come to its first receive, and is held there until the bench says `go`. */
  ready: boolean;
  deleted: number;
  rssMb: number;
}

export interface MeterReport {
  samples: Sample[];
  /** From the answer that brought a message to the answer that confirmed its deletion. */
  latencies: Durations;
  peakRssMb: number;
}

/**
 * Measures the process it is loaded into, whatever program that runs: requests as Node's HTTP client sends them, so that
 * retries count, and messages as they pass through the SQS client. A look at ten messages costs about as much as one
 * more promise, the same for every contender.
 *
 * The first receive is held back until `go`: what a worker does before it, once in its life, is not measured, and
 * several workers begin together.
 * @param options.runUp messages of this process whose latencies are not counted
 * @returns what is sent to the bench, and what is answered when it asks
 */
export function startMeter({ runUp }: { runUp: number }): {
  progress(): Progress;
  go(): void;
  report(): MeterReport;
} {
  const requests = { dynamodb: 0, sqs: 0 };
  const receivedAt = new Map<string, number>();
  const samples: Sample[] = [];
  let latencies: Durations = {};
  let deleted = 0;
  let ready = false;
  const gate = Promise.withResolvers<void>();

  subscribe('http.client.request.start', message => {
    const { request } = message as { request: { getHeader(name: string): unknown } };
    const target = String(request.getHeader('x-amz-target') ?? '');
    if (target.startsWith('DynamoDB')) requests.dynamodb++;
    if (target.startsWith('AmazonSQS')) requests.sqs++;
  });

  const received = ({ Messages = [] }: ReceiveMessageCommandOutput) => {
    const at = performance.now();
    for (const { ReceiptHandle } of Messages) if (ReceiptHandle) receivedAt.set(ReceiptHandle, at);
  };
  const wasDeleted = (
    { input: { Entries = [] } }: DeleteMessageBatchCommand,
    answer: DeleteMessageBatchCommandOutput,
  ) => {
    const at = performance.now();
    const failed = new Set(answer.Failed?.map(({ Id }) => Id));
    for (const { Id, ReceiptHandle = '' } of Entries) {
      const since = receivedAt.get(ReceiptHandle);
      if (since === undefined || failed.has(Id)) continue;
      receivedAt.delete(ReceiptHandle);
      countDuration(latencies, at - since);
      if (++deleted === runUp) latencies = {};
    }
    sample();
  };

  function sample(): void {
    const at = monotonicMicros();
    const last = samples.at(-1)?.at ?? 0;
    // To a five hundredth of the time passed: exact enough, and few however long it runs.
    if (at - last < Math.max(LEAST_GAP_MICROS, (at - (samples[0]?.at ?? at)) / 500)) return;
    take(at);
  }

  function take(at: number): void {
    const { user, system } = process.cpuUsage();
    const { dynamodb: dynamodbRequests, sqs: sqsRequests } = requests;
    samples.push({ at, deleted, cpu: user + system, dynamodbRequests, sqsRequests });
  }

  const send = SQSClient.prototype.send as (this: SQSClient, ...args: unknown[]) => Promise<unknown>;
  SQSClient.prototype.send = function (this: SQSClient, ...args: unknown[]) {
    const [command] = args;
    if (command instanceof ReceiveMessageCommand) {
      ready = true;
      return gate.promise
        .then(() => send.apply(this, args))
        .then(answer => {
          received(answer as ReceiveMessageCommandOutput);
          return answer;
        });
    }
    if (command instanceof DeleteMessageBatchCommand) {
      return send.apply(this, args).then(answer => {
        wasDeleted(command, answer as DeleteMessageBatchCommandOutput);
        return answer;
      });
    }
    return send.apply(this, args);
  } as SQSClient['send'];

  return {
    progress: () => ({ ready, deleted, rssMb: process.memoryUsage.rss() / 2 ** 20 }),
    go: () => {
      take(monotonicMicros());
      gate.resolve();
    },
    report: () => {
      take(monotonicMicros());
      return { samples, latencies, peakRssMb: process.resourceUsage().maxRSS / 1024 };
    },
  };
}

/** Tells the bench how far it is, does what the bench says, and ends the process when the bench is gone. */
export function tellTheBench({ progress, go, report }: ReturnType<typeof startMeter>): void {
  let told = '';
  const telling = setInterval(() => {
    const { ready, deleted, rssMb } = progress();
    if (told !== `${ready} ${deleted}`) process.send?.({ progress: { ready, deleted, rssMb } });
    told = `${ready} ${deleted}`;
  }, TELL_EVERY_MS);
  telling.unref();
  process.on('message', message => {
    if (message === 'go') go();
    else process.send?.({ report: report() });
  });
  process.once('disconnect', () => process.kill(process.pid));
}

function monotonicMicros(): number {
  return Number(process.hrtime.bigint() / 1000n);
}
