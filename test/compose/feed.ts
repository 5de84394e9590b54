import { SendMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { Clock } from '../../src/clock.ts';
import { readCounties } from '../../src/demo/feed.ts';
import { type PlannedMessage, planMessages } from '../../src/demo/plan.ts';
import type { SentMessage } from '../../src/demo/verdict.ts';
import { CommandFailed } from '../../src/errors.ts';

/** SQS's limit. */
const BATCH = 10;
/** Over how long the second half of a share is spread, unless the fault is over before. */
const SPREAD_MS = 20_000;
/** Longer than any pause, with time for the queue to catch its breath. */
const PATIENCE_MS = 120_000;
const RETRY_MS = 500;

/**
 * What the demo sends, in the same order each time: counties, a third of them two or three times, conflicts and broken
 * messages. Filled up to `total` with a further copy of some.
 * @param total at most about three for each two of the 3,231 counties
 */
export async function planFeed(total: number): Promise<PlannedMessage[]> {
  const counties = await readCounties();
  const { 0: one, 1: other } = planMessages(counties.slice(0, Math.floor((total * 2) / 3)), 4);
  const messages = one.flatMap((message, i) => [message, ...other.slice(i, i + 1)]).concat(other.slice(one.length));
  const again = messages.filter(({ kind }) => kind === 'feature').slice(0, Math.max(0, total - messages.length));
  return messages.concat(again);
}

export interface Feeder {
  sent: SentMessage[];
  /** Sends half of it at once and spreads the rest, which it hurries along when `over` resolves. */
  send(messages: PlannedMessage[], over: Promise<unknown>): Promise<void>;
}

export function createFeeder({
  sqs,
  queueUrl,
  clock,
  signal,
}: {
  sqs: Pick<SQSClient, 'send'>;
  queueUrl: string;
  clock: Clock;
  signal: AbortSignal;
}): Feeder {
  const sent: SentMessage[] = [];

  async function sendBatch(batch: PlannedMessage[]): Promise<void> {
    const giveUpAt = clock.now() + PATIENCE_MS;
    for (let left = batch; left.length > 0; ) {
      const Entries = left.map(({ body }, i) => ({ Id: String(i), MessageBody: body }));
      try {
        const { Successful = [] } = await sqs.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
        const taken = new Map(Successful.map(({ Id, MessageId = '' }) => [Number(Id), MessageId]));
        for (const [i, messageId] of taken) sent.push({ ...(left[i] as PlannedMessage), messageId });
        left = left.filter((_, i) => !taken.has(i));
      } catch (error) {
        // No answer: it may have been taken, and is sent again. The worker is built for that.
        if (clock.now() > giveUpAt) throw new CommandFailed(`the queue takes no messages any more: ${error}`);
      }
      if (left.length > 0) await clock.sleep(RETRY_MS, signal);
    }
  }

  return {
    sent,
    send: async (messages, over) => {
      const hurry = new AbortController();
      void over.finally(() => hurry.abort()).catch(() => undefined);
      const rest = messages.length / 2;
      for (let at = 0; at < messages.length; at += BATCH) {
        signal.throwIfAborted();
        await sendBatch(messages.slice(at, at + BATCH));
        if (at > rest) await clock.sleep((SPREAD_MS * BATCH) / rest, hurry.signal).catch(() => undefined);
      }
    },
  };
}
