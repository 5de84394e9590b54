import { SendMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { readConfig } from '../config.ts';
import { createSqsClient } from '../queue/client.ts';
import { readCounties } from './feed.ts';
import { type PlannedMessage, type Producer, planMessages } from './plan.ts';

/** What a producer's process tells the demo: which of its planned messages the queue has taken, and under what ids. */
export interface Receipt {
  sent: { index: number; messageId: string }[];
}

/** SQS's limit. Ten messages of the plan are far below its 1 MiB: only one of them is big. */
const BATCH = 10;
const ATTEMPTS = 5;

/**
 * Sends the messages in their order, one batch after the other.
 * @throws Error when the queue has refused a message five times
 */
export async function produce(options: {
  messages: readonly PlannedMessage[];
  sqs: Pick<SQSClient, 'send'>;
  queueUrl: string;
  onSent: (receipt: Receipt) => Promise<void>;
}): Promise<void> {
  const { messages, sqs, queueUrl, onSent } = options;
  const refusals = new Map<number, number>();
  let waiting = messages.map((_, index) => index);
  while (waiting.length > 0) {
    const batch = waiting.slice(0, BATCH);
    const Entries = batch.map(index => ({ Id: String(index), MessageBody: messages[index]?.body }));
    const { Successful = [], Failed = [] } = await sqs.send(
      new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries }),
    );
    await onSent({ sent: Successful.map(({ Id, MessageId = '' }) => ({ index: Number(Id), messageId: MessageId })) });
    for (const { Id, Code, Message } of Failed) {
      const times = (refusals.get(Number(Id)) ?? 0) + 1;
      if (times === ATTEMPTS) throw new Error(`the queue refused a message ${ATTEMPTS} times: ${Code}: ${Message}`);
      refusals.set(Number(Id), times);
    }
    waiting = [...Failed.map(({ Id }) => Number(Id)), ...waiting.slice(BATCH)];
  }
}

if (import.meta.main) {
  const [producer, seed, limit] = process.argv.slice(2).map(Number);
  const features = (await readCounties()).slice(0, limit);
  const sqs = createSqsClient();
  await produce({
    messages: planMessages(features, seed ?? 0)[producer as Producer],
    sqs,
    queueUrl: readConfig(process.env).queueUrl,
    onSent: tell,
  });
  sqs.destroy();
}

/** Resolves when the demo has it: a process may end before its messages have left. */
function tell(receipt: Receipt): Promise<void> {
  return new Promise((resolve, reject) => {
    process.send?.(receipt, undefined, undefined, error => (error ? reject(error) : resolve()));
  });
}
