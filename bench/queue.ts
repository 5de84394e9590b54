import {
  ChangeMessageVisibilityBatchCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { nanoid } from 'nanoid';
import { systemClock } from '../src/clock.ts';
import { enqueue } from '../src/enqueue.ts';
import { setUpQueues } from '../src/setup/queues.ts';
import { messageBody } from './features.ts';

export interface Queue {
  queueUrl: string;
  deadLetterQueueUrl: string;
}

/** With the settings that `onefold setup` gives. */
export async function createQueue(sqs: SQSClient): Promise<Queue> {
  const settings = { queueName: `onefold-bench-${nanoid(6)}`, visibilitySeconds: 60, maxReceiveCount: 10 };
  return setUpQueues(sqs, settings, { created: [], existed: [], notes: [] });
}

export async function dropQueue(sqs: SQSClient, { queueUrl, deadLetterQueueUrl }: Queue): Promise<void> {
  for (const QueueUrl of [queueUrl, deadLetterQueueUrl]) await sqs.send(new DeleteQueueCommand({ QueueUrl }));
}

/** Sends a message for each id. */
export async function fillQueue(
  sqs: SQSClient,
  { queueUrl }: Pick<Queue, 'queueUrl'>,
  ids: string[],
  { payloadBytes, signal }: { payloadBytes: number; signal?: AbortSignal },
): Promise<void> {
  const { refused } = await enqueue({ input: linesOf(ids, payloadBytes, signal), sqs, queueUrl, clock: systemClock });
  if (refused[0]) throw new Error(`a message of the bench was refused: ${refused[0].reason}`);
}

async function* linesOf(ids: string[], payloadBytes: number, signal: AbortSignal | undefined): AsyncGenerator<Buffer> {
  for (const id of ids) {
    signal?.throwIfAborted();
    yield Buffer.from(`${messageBody(id, payloadBytes)}\n`);
  }
}

/** Receives every message once and gives it back: what is delivered after that is a redelivery. */
export async function receiveAllOnce(sqs: SQSClient, { queueUrl }: Queue, count: number): Promise<void> {
  const handles: string[] = [];
  for (let empty = 0; handles.length < count && empty < 20; ) {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl: queueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 600 }),
    );
    empty = Messages.length === 0 ? empty + 1 : 0;
    handles.push(...Messages.map(({ ReceiptHandle = '' }) => ReceiptHandle));
  }
  for (let at = 0; at < handles.length; at += 10) {
    const Entries = handles
      .slice(at, at + 10)
      .map((ReceiptHandle, i) => ({ Id: String(i), ReceiptHandle, VisibilityTimeout: 0 }));
    await sqs.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: queueUrl, Entries }));
  }
}

/** Messages that are in the queue still, in flight or not. */
export async function remaining(sqs: SQSClient, { queueUrl }: Queue): Promise<number> {
  const { Attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({
      QueueUrl: queueUrl,
      AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
    }),
  );
  return Object.values(Attributes).reduce((sum, count) => sum + Number(count), 0);
}
