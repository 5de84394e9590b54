import {
  DeleteQueueCommand,
  type Message,
  type MessageSystemAttributeName,
  ReceiveMessageCommand,
  SendMessageCommand,
  type SendMessageCommandInput,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { nanoid } from 'nanoid';
import { type QueueSettings, setUpQueues } from '../../src/setup/queues.ts';
import type { OwnPlace } from './store-place.ts';

/** Makes queues in one SQS. */
export interface QueuePlace {
  sqs: SQSClient;
  /** A queue of its own for each probe, with a dead-letter queue. */
  newQueue(settings?: Partial<QueueSettings> & { fifo?: boolean }): Promise<ProbedQueue>;
}

export interface ProbedQueue {
  queueUrl: string;
  deadLetterQueueUrl: string;
  send(body: string, extras?: Partial<SendMessageCommandInput>): Promise<void>;
  /** Up to ten messages; waits up to a second, or `wait` seconds, for the first. */
  receive(options?: { wait?: number; from?: string }): Promise<Message[]>;
}

const SYSTEM: MessageSystemAttributeName[] = ['All'];

export async function makeQueuePlace(endpoint: string, access: object): Promise<OwnPlace<QueuePlace>> {
  const sqs = new SQSClient({ endpoint, useQueueUrlAsEndpoint: false, maxAttempts: 1, ...access });
  const urls: string[] = [];

  async function newQueue(settings: Partial<QueueSettings> & { fifo?: boolean } = {}): Promise<ProbedQueue> {
    const { fifo = false, visibilitySeconds = 30, maxReceiveCount = 10 } = settings;
    const queueName = `onefold-conformance-${nanoid(8)}${fifo ? '.fifo' : ''}`;
    const steps = { created: [], existed: [], notes: [] };
    const { queueUrl, deadLetterQueueUrl } = await setUpQueues(
      sqs,
      { queueName, visibilitySeconds, maxReceiveCount },
      steps,
    );
    urls.push(queueUrl, deadLetterQueueUrl);
    return {
      queueUrl,
      deadLetterQueueUrl,
      send: async (MessageBody, extras) => {
        const group = fifo ? { MessageGroupId: 'group', MessageDeduplicationId: nanoid() } : {};
        await sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody, ...group, ...extras }));
      },
      receive: async ({ wait = 1, from = queueUrl } = {}) => {
        const { Messages = [] } = await sqs.send(
          new ReceiveMessageCommand({
            QueueUrl: from,
            MaxNumberOfMessages: 10,
            WaitTimeSeconds: wait,
            MessageAttributeNames: ['All'],
            MessageSystemAttributeNames: SYSTEM,
          }),
        );
        return Messages;
      },
    };
  }

  return {
    place: { sqs, newQueue },
    leave: async () => {
      for (const QueueUrl of urls) await sqs.send(new DeleteQueueCommand({ QueueUrl })).catch(() => {});
      sqs.destroy();
    },
  };
}
