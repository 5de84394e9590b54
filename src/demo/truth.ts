import { type AttributeValue, type DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import {
  ChangeMessageVisibilityBatchCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { parkingNoteOf } from '../queue/dead-letter.ts';
import type { MessageAttribute } from '../queue/port.ts';
import { fromAttributeValue } from '../store/attribute-value.ts';
import type { JsonObject } from '../store/port.ts';
import type { Stack } from './stack.ts';
import type { Found, Letter } from './verdict.ts';

type Contents = Pick<Stack, 'sqs' | 'dynamodb' | 'names' | 'queueUrl' | 'deadLetterQueueUrl'>;

/** What both tables and both queues hold, read without asking any worker. Nobody else may be receiving. */
export async function readTruth({ sqs, dynamodb, names, queueUrl, deadLetterQueueUrl }: Contents): Promise<Found> {
  const { hidden } = await countMessages(sqs, queueUrl);
  const mappings: Found['mappings'] = [];
  for await (const item of scan(dynamodb, names.idempotencyTable)) {
    mappings.push({
      clientFeatureId: text(item, 'clientFeatureId'),
      featureId: text(item, 'featureId'),
      createdAt: text(item, 'createdAt'),
    });
  }
  const features: Found['features'] = [];
  for await (const item of scan(dynamodb, names.featuresTable)) {
    features.push({
      featureId: text(item, 'featureId'),
      clientFeatureId: text(item, 'clientFeatureId'),
      payloadHash: text(item, 'payloadHash'),
      createdAt: text(item, 'createdAt'),
      payload: fromAttributeValue(item.payload ?? { M: {} }) as JsonObject,
    });
  }
  const [left, letters] = await Promise.all([peek(sqs, queueUrl), peek(sqs, deadLetterQueueUrl)]);
  return {
    mappings,
    features,
    letters: letters.map(letterOf),
    left: left.map(({ MessageId = '' }) => MessageId),
    hidden,
  };
}

/** How many messages a queue says it has: to be received now, and hidden by a receive or a delay. */
export async function countMessages(sqs: SQSClient, QueueUrl: string): Promise<{ visible: number; hidden: number }> {
  const { Attributes: counts = {} } = await sqs.send(
    new GetQueueAttributesCommand({
      QueueUrl,
      AttributeNames: [
        'ApproximateNumberOfMessages',
        'ApproximateNumberOfMessagesNotVisible',
        'ApproximateNumberOfMessagesDelayed',
      ],
    }),
  );
  return {
    visible: Number(counts.ApproximateNumberOfMessages ?? 0),
    hidden:
      Number(counts.ApproximateNumberOfMessagesNotVisible ?? 0) +
      Number(counts.ApproximateNumberOfMessagesDelayed ?? 0),
  };
}

/** Items in a table: counted, since a table's own count is hours old on AWS. */
export async function countItems(client: DynamoDBClient, TableName: string): Promise<number> {
  let items = 0;
  for await (const { Count = 0 } of paginateScan({ client }, { TableName, Select: 'COUNT', ConsistentRead: true })) {
    items += Count;
  }
  return items;
}

async function* scan(client: DynamoDBClient, TableName: string): AsyncGenerator<Record<string, AttributeValue>> {
  for await (const { Items = [] } of paginateScan({ client }, { TableName, ConsistentRead: true })) yield* Items;
}

/** Everything in a queue that can be received; given back at the end. */
async function peek(sqs: SQSClient, QueueUrl: string): Promise<Message[]> {
  const messages: Message[] = [];
  for (let last: Message[] | undefined; last?.length !== 0; messages.push(...last)) {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({
        QueueUrl,
        MaxNumberOfMessages: 10,
        // A receive that waits asks all of SQS's servers; one that does not may miss messages.
        WaitTimeSeconds: 1,
        // Long enough to meet none twice.
        VisibilityTimeout: 120,
        MessageAttributeNames: ['All'],
      }),
    );
    last = Messages;
  }
  for (let at = 0; at < messages.length; at += 10) {
    const Entries = messages
      .slice(at, at + 10)
      .map(({ ReceiptHandle }, i) => ({ Id: String(i), ReceiptHandle, VisibilityTimeout: 0 }));
    await sqs.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl, Entries }));
  }
  return messages;
}

/** SQS's own redrive leaves no note, and keeps the message's id. */
function letterOf({ MessageId = '', Body: body = '', MessageAttributes = {} }: Message): Letter {
  const { reason, messageId } = parkingNoteOf(MessageAttributes as Record<string, MessageAttribute>);
  return { messageId: messageId ?? MessageId, body, reason: reason ?? 'exhausted' };
}

const text = (item: Record<string, AttributeValue>, name: string): string => item[name]?.S ?? '';
