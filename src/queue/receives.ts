import type { ReceiveMessageCommand, ReceiveMessageCommandOutput } from '@aws-sdk/client-sqs';
import type { Clock } from '../clock.ts';
import type { Logger } from '../log.ts';
import type { Sqs } from './client.ts';
import { toDelivery } from './delivery.ts';
import { jitter } from './persist.ts';
import type { Delivery } from './port.ts';

const LONGEST_PAUSE_MS = 10_000;
const NOTHING: ReceiveMessageCommandOutput = { $metadata: {} };

/**
 * The receives of all pollers, which sqs-consumer can neither hold back nor end one by one: its `stop` lets a long poll
 * of 20 seconds run, or aborts everything, and after an error it asks again without delay.
 *
 *   open --pause--> paused --resume--> open;  either --end--> ended
 *
 * What arrives when they are not open is given back, but only when no receive of ours is under way any more: before
 * that, our other long polls would receive it again, each time one step nearer to the dead-letter queue.
 */
export interface Receives {
  /** One poller's way to SQS. Never rejects: an error is waited out here, and answered with no messages. */
  poller(): { receive(command: ReceiveMessageCommand): Promise<ReceiveMessageCommandOutput> };
  /** New receives wait; those under way run to their end, since an aborted one would still be answered by SQS. */
  pause(): void;
  resume(): void;
  /** Ends for good; receives under way have `graceMs`. Resolves when everything that arrived is handed over or given back. */
  end(graceMs: number): Promise<void>;
}

export function createReceives({
  sqs,
  giveBack,
  clock,
  random,
  log,
}: {
  sqs: Sqs;
  giveBack(deliveries: Delivery[]): Promise<void>;
  clock: Clock;
  random: () => number;
  log: Logger;
}): Receives {
  let state: 'open' | 'paused' | 'ended' = 'open';
  let reopened = Promise.withResolvers<void>();
  const waits = new AbortController();
  const requests = new AbortController();
  const underWay = new Set<Promise<unknown>>();
  let late: Delivery[] = [];
  let failing = false;

  function poller() {
    let failures = 0;

    async function receive(command: ReceiveMessageCommand): Promise<ReceiveMessageCommandOutput> {
      while (state === 'paused') await reopened.promise;
      if (state === 'ended') return NOTHING;
      const request = sqs.send(command, { abortSignal: requests.signal });
      const ended = request.catch(() => undefined);
      underWay.add(ended);
      try {
        const answer = await request;
        failures = 0;
        tellThatItWorks();
        if (state === 'open') return answer;
        late.push(...(answer.Messages ?? []).map(toDelivery));
      } catch (error) {
        if (requests.signal.aborted) return NOTHING;
        tellThatItFails(error);
        await clock.sleep(jitter(failures++, LONGEST_PAUSE_MS, random), waits.signal).catch(() => undefined);
      } finally {
        underWay.delete(ended);
      }
      return NOTHING;
    }

    return { receive };
  }

  function tellThatItFails(error: unknown): void {
    if (!failing) log.error({ err: error }, 'cannot receive: trying again until it works');
    failing = true;
  }

  function tellThatItWorks(): void {
    if (failing) log.info('receiving again');
    failing = false;
  }

  /** Until then no answer is on its way to us, and each that came has been taken up by whom it was for. */
  async function nothingUnderWay(): Promise<void> {
    await Promise.all(underWay);
    await new Promise<void>(resolve => clock.soon(resolve));
  }

  async function giveBackLate(): Promise<void> {
    const deliveries = late;
    late = [];
    if (deliveries.length === 0) return;
    await giveBack(deliveries).catch(error =>
      log.error({ err: error }, 'messages not given back: they come again later'),
    );
  }

  return {
    poller,
    pause: () => {
      if (state !== 'open') return;
      state = 'paused';
      reopened = Promise.withResolvers();
      void nothingUnderWay().then(giveBackLate);
    },
    resume: () => {
      if (state !== 'paused') return;
      state = 'open';
      reopened.resolve();
      void giveBackLate();
    },
    end: async graceMs => {
      state = 'ended';
      reopened.resolve();
      waits.abort();
      const grace = new AbortController();
      const over = clock.sleep(graceMs, grace.signal).catch(() => undefined);
      await Promise.race([nothingUnderWay(), over]);
      grace.abort();
      requests.abort();
      await nothingUnderWay();
      await giveBackLate();
    },
  };
}
