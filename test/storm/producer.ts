import { SendMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { Clock } from '../../src/clock.ts';
import { CommandFailed } from '../../src/errors.ts';
import { isTransient } from '../../src/queue/transient.ts';

/** SQS's limits on one batch. */
const MAX_ENTRIES = 10;
const MAX_BYTES = 1_048_576;
const PAUSE_MS = 200;
const PATIENCE_MS = 120_000;

interface Sending<M extends { body: string }> {
  messages: readonly M[];
  /** In ms since the epoch; never falling from one message to the next. */
  dueAt: (message: M) => number;
  sqs: Pick<SQSClient, 'send'>;
  queueUrl: string;
  onSent: (message: M, messageId: string) => void;
  clock: Clock;
  signal: AbortSignal;
}

/**
 * Sends each message when it is due, and again until the queue has taken it, as at-least-once producers do: a message
 * whose answer was lost is in the queue more than once.
 * @param producers share the messages and send at the same time
 * @throws CommandFailed when the queue will never take a message, or takes none for two minutes
 */
export async function produce<M extends { body: string }>(producers: number, sending: Sending<M>): Promise<void> {
  const shares = Array.from({ length: producers }, (_, mine) =>
    sending.messages.filter((_, i) => i % producers === mine),
  );
  await Promise.all(shares.map(messages => produceAlone({ ...sending, messages })));
}

async function produceAlone<M extends { body: string }>(sending: Sending<M>): Promise<void> {
  const { dueAt, onSent, clock, signal } = sending;
  const waiting = [...sending.messages];
  let takenAt = clock.now();
  while (waiting[0]) {
    await clock.sleep(Math.max(0, dueAt(waiting[0]) - clock.now()), signal);
    const batch = nextBatch(waiting.slice(0, MAX_ENTRIES).filter((one, i) => i === 0 || dueAt(one) <= clock.now()));
    const taken = await sendOnce(batch, sending);
    const again: M[] = [];
    for (const [i, message] of batch.entries()) {
      const messageId = taken.get(i);
      if (messageId === undefined) again.push(message);
      else onSent(message, messageId);
    }
    waiting.splice(0, batch.length, ...again);
    if (taken.size > 0) takenAt = clock.now();
    if (clock.now() - takenAt > PATIENCE_MS) throw new CommandFailed('the queue takes no messages any more');
    if (again.length > 0) await clock.sleep(PAUSE_MS, signal);
  }
}

/** The message ids of those that the queue is known to have taken, by their place in the batch. */
async function sendOnce(
  batch: { body: string }[],
  { sqs, queueUrl, signal }: Pick<Sending<never>, 'sqs' | 'queueUrl' | 'signal'>,
): Promise<Map<number, string>> {
  const Entries = batch.map(({ body }, i) => ({ Id: String(i), MessageBody: body }));
  const { Successful = [], Failed = [] } = await sqs
    .send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries }), { abortSignal: signal })
    .catch((error: Error) => {
      signal.throwIfAborted();
      if (isTransient(error)) return { Successful: [], Failed: [] };
      throw new CommandFailed(`the queue takes no messages: ${error.name}: ${error.message}`);
    });
  const refused = Failed.find(({ SenderFault }) => SenderFault);
  if (refused) throw new CommandFailed(`the queue refused a message: ${refused.Code}: ${refused.Message}`);
  return new Map(Successful.map(({ Id, MessageId = '' }) => [Number(Id), MessageId]));
}

/** As many as fit into one request, and at least one. */
function nextBatch<M extends { body: string }>(due: M[]): M[] {
  const batch: M[] = [];
  let bytes = 0;
  for (const message of due) {
    bytes += Buffer.byteLength(message.body);
    if (batch.length > 0 && bytes > MAX_BYTES) break;
    batch.push(message);
  }
  return batch;
}
