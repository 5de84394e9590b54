import type { Message, MessageAttributeValue } from '@aws-sdk/client-sqs';
import type { Operation } from './operation.ts';
import { operationOf } from './sqs-requests.ts';

export interface QueuedMessage {
  id: string;
  body: string;
  attributes: Record<string, MessageAttributeValue>;
  sentAt: number;
  /** In flight until then. */
  visibleAt: number;
  receiveCount: number;
  /** `dead`: SQS has moved it to the dead-letter queue by itself. */
  state: 'queued' | 'deleted' | 'dead';
}

export interface Queues {
  now(): number;
  /** In the order in which they were sent; those deleted and dead too. */
  messages(queueUrl: string): QueuedMessage[];
  send(queueUrl: string, body: string, attributes?: QueuedMessage['attributes']): QueuedMessage;
  /** Hands the message out, as it may at any time: at least once is no more than that. Undefined once it is dead. */
  receive(message: QueuedMessage): Message | undefined;
  /** The message whose latest receive this handle names; that of an earlier one has no power any more. */
  held(queueUrl: string, receiptHandle: string): QueuedMessage | undefined;
  remove(message: QueuedMessage): void;
  /** What whoever judges a deletion looks at: that may not be reordered with it. */
  judgedBy(body: string): string[];
}

export interface FakeSqs extends Queues {
  /** Takes a command of the SDK apart; nothing is applied yet. */
  begin(command: object): Operation;
}

export const SOURCE = 'https://sqs.us-east-1.amazonaws.com/000000000000/features';
export const DEAD_LETTERS = `${SOURCE}-dlq`;

/** A queue and its dead-letter queue in memory, on the given clock. */
export function createFakeSqs({
  now,
  visibilitySeconds,
  maxReceiveCount,
  judgedBy = () => [],
  onDelete = () => {},
}: {
  now: () => number;
  visibilitySeconds: number;
  maxReceiveCount: number;
  judgedBy?: (body: string) => string[];
  onDelete?: (message: QueuedMessage) => void;
}): FakeSqs {
  const source: QueuedMessage[] = [];
  const deadLetters: QueuedMessage[] = [];

  const queues: Queues = {
    now,
    judgedBy,
    messages: url => {
      if (url !== SOURCE && url !== DEAD_LETTERS) throw new Error(`The specified queue does not exist: ${url}`);
      return url === SOURCE ? source : deadLetters;
    },
    send: (url, body, attributes = {}) => {
      const messages = queues.messages(url);
      const id = `${url === SOURCE ? 'm' : 'd'}${messages.length + 1}`;
      const message: QueuedMessage = {
        id,
        body,
        attributes,
        sentAt: now(),
        visibleAt: now(),
        receiveCount: 0,
        state: 'queued',
      };
      messages.push(message);
      return message;
    },
    receive: message => {
      if (message.receiveCount >= maxReceiveCount && source.includes(message)) {
        message.state = 'dead';
        queues.send(DEAD_LETTERS, message.body, message.attributes);
        return undefined;
      }
      message.state = 'queued';
      message.receiveCount++;
      message.visibleAt = now() + visibilitySeconds * 1_000;
      return {
        MessageId: message.id,
        ReceiptHandle: receiptOf(message),
        Body: message.body,
        Attributes: {
          ApproximateReceiveCount: String(message.receiveCount),
          SentTimestamp: String(message.sentAt),
        },
        MessageAttributes: message.attributes,
      };
    },
    held: (url, receipt) => {
      const message = queues.messages(url).find(({ id }) => receipt.startsWith(`${id}#`));
      return message?.state === 'queued' && receiptOf(message) === receipt ? message : undefined;
    },
    remove: message => {
      message.state = 'deleted';
      onDelete(message);
    },
  };

  return { ...queues, begin: command => operationOf(command, queues) };
}

const receiptOf = ({ id, receiveCount }: QueuedMessage): string => `${id}#${receiveCount}`;
