import type { Clock } from './clock.ts';
import type { Logger } from './log.ts';
import { postponeSeconds } from './pipeline/backoff.ts';
import { MispairedTables } from './pipeline/create.ts';
import { OUTCOMES, type Outcome } from './pipeline/outcome.ts';
import { type Settling, settle } from './pipeline/settle.ts';
import type { Heartbeat } from './queue/heartbeat.ts';
import type { Consumer, Delivery, QueueFacts } from './queue/port.ts';
import type { StoreHealth } from './store/health.ts';
import { StoreUnavailable } from './store/port.ts';

export type Counts = Record<'received' | Outcome['kind'] | 'givenBack', number>;

export interface Worker {
  /** Takes up what one receive brought; resolves when each message is settled or given back. */
  take(deliveries: Delivery[]): Promise<void>;
  /** For messages that arrive when none may be taken up any more. */
  giveBack(deliveries: Delivery[]): Promise<void>;
  counts: Counts;
  inFlight(): number;
  /** Rejects when the worker must not go on: the tables are mispaired. */
  broken: Promise<never>;
  /** Resolves when everything held is settled, or after `ms`, when the rest has been given back: then with `false`. */
  finish(ms: number): Promise<boolean>;
}

/**
 * Everything between a receive and a settled message: the pipeline, the heartbeat around it, and what happens when the
 * store is down. Nothing here outlives a message but the counts.
 */
export function createWorker(options: {
  /** What becomes of a message; settling it is the worker's. */
  handle(delivery: Delivery): Promise<Outcome>;
  settling: Settling;
  health: StoreHealth;
  heartbeat: Heartbeat;
  facts: Pick<QueueFacts, 'maxReceiveCount'>;
  clock: Clock;
  log: Logger;
}): Worker {
  const { handle, settling, health, heartbeat, facts, clock, log } = options;
  const { queue, random } = settling;
  const held = new Map<Delivery, Promise<void>>();
  const counts = Object.fromEntries(['received', ...OUTCOMES, 'givenBack'].map(name => [name, 0])) as Counts;
  const { promise: broken, reject: stopForGood } = Promise.withResolvers<never>();
  let finishing = false;

  const isLastReceive = ({ receiveCount }: Delivery) => receiveCount >= facts.maxReceiveCount;

  async function work(delivery: Delivery): Promise<void> {
    const beat = heartbeat.hold(delivery);
    try {
      const outcome = await handleWhileStoreIsUp(delivery);
      await beat.release();
      counts[outcome.kind]++;
      tell(delivery, outcome);
      await settle(delivery, outcome, settling);
    } catch (error) {
      await beat.release();
      await letGo(delivery, error);
    } finally {
      held.delete(delivery);
    }
  }

  function handleWhileStoreIsUp(delivery: Delivery): Promise<Outcome> {
    return handle(delivery).catch(async error => {
      if (!(error instanceof StoreUnavailable) || !isLastReceive(delivery) || finishing) throw error;
      // Given back, SQS would take it for dead at its next receive: it is kept, its visibility renewed.
      await health.whenAvailable();
      return handleWhileStoreIsUp(delivery);
    });
  }

  async function letGo(delivery: Delivery, error: unknown): Promise<void> {
    if (error instanceof StoreUnavailable) {
      counts.givenBack++;
      // Long enough for every worker to stop receiving, and longer each time: an outage must not use up the receives.
      const seconds = finishing ? 0 : 2 + postponeSeconds(delivery.receiveCount, random);
      await queue.changeVisibility(delivery, seconds).catch(logUnsettled(delivery));
    } else if (error instanceof MispairedTables) {
      counts.givenBack++;
      await queue.changeVisibility(delivery, 0).catch(logUnsettled(delivery));
      stopForGood(error);
    } else {
      logUnsettled(delivery)(error);
    }
  }

  const logUnsettled = (delivery: Delivery) => (error: unknown) => {
    log.error({ messageId: delivery.messageId, err: error }, 'not settled; comes back when its visibility ends');
  };

  function tell({ messageId, receiveCount }: Delivery, outcome: Outcome): void {
    const { kind, ...rest } = outcome;
    const level = kind === 'conflict' || kind === 'invalid' || kind === 'failed' ? 'warn' : 'debug';
    log[level]({ messageId, receiveCount, outcome: kind, ...rest }, kind);
  }

  async function giveBack(deliveries: Delivery[]): Promise<void> {
    counts.givenBack += deliveries.length;
    await Promise.all(deliveries.map(one => queue.changeVisibility(one, 0).catch(logUnsettled(one))));
  }

  async function take(deliveries: Delivery[]): Promise<void> {
    counts.received += deliveries.length;
    for (const delivery of deliveries) held.set(delivery, work(delivery));
    await Promise.all(deliveries.map(delivery => held.get(delivery)));
  }

  return {
    counts,
    broken,
    giveBack: async deliveries => {
      const kept = deliveries.filter(one => !health.available && isLastReceive(one));
      const rest = deliveries.filter(one => !kept.includes(one));
      counts.received += rest.length;
      void take(kept); // until the store is back, which nobody here waits for
      await giveBack(rest);
    },
    inFlight: () => held.size,
    take,
    finish: async ms => {
      finishing = true;
      const timeUp = new AbortController();
      const settled = Promise.all(held.values()).then(() => true);
      const tooLate = clock.sleep(ms, timeUp.signal).then(
        () => false,
        () => true,
      );
      const inTime = await Promise.race([settled, tooLate]);
      timeUp.abort();
      if (!inTime) await giveBack([...held.keys()]);
      return inTime;
    },
  };
}

/** Stops receiving while the store is down, and says so. */
export function pauseWhileDown(health: StoreHealth, consumer: Consumer, log: Logger): void {
  health.onChange((available, reason) => {
    if (available) {
      log.info('the store is back: receiving again');
      consumer.resume();
    } else {
      log.error({ reason }, 'the store is down: stopped receiving, giving back what is held, probing every second');
      consumer.pause();
    }
  });
}
