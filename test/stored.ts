import { paginateScan } from '@aws-sdk/client-dynamodb';
import {
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
} from '@aws-sdk/client-sqs';
import type { TestQueue, TestTables } from './backends.ts';

export interface StoredTruth {
  /** Feature id by client id. */
  mappings: Map<string, string>;
  /** By feature id. */
  features: Map<string, { clientFeatureId: string; createdAt: string }>;
}

/** What both tables hold. */
export async function storedIn({
  dynamodb: client,
  idempotencyTable,
  featuresTable,
}: TestTables): Promise<StoredTruth> {
  const truth: StoredTruth = { mappings: new Map(), features: new Map() };
  for await (const { Items = [] } of paginateScan({ client }, { TableName: idempotencyTable, ConsistentRead: true })) {
    for (const item of Items) truth.mappings.set(item.clientFeatureId?.S ?? '', item.featureId?.S ?? '');
  }
  for await (const { Items = [] } of paginateScan({ client }, { TableName: featuresTable, ConsistentRead: true })) {
    for (const item of Items) {
      truth.features.set(item.featureId?.S ?? '', {
        clientFeatureId: item.clientFeatureId?.S ?? '',
        createdAt: item.createdAt?.S ?? '',
      });
    }
  }
  return truth;
}

/** Each client id has one mapping, each mapping its one feature, and they point at each other. */
export function isWhole({ mappings, features }: StoredTruth): boolean {
  return (
    mappings.size === features.size &&
    [...mappings].every(([id, featureId]) => features.get(featureId)?.clientFeatureId === id)
  );
}

export async function send({ sqs, queueUrl }: TestQueue, bodies: string[], groupId?: string): Promise<void> {
  for (let at = 0; at < bodies.length; at += 10) {
    const Entries = bodies.slice(at, at + 10).map((MessageBody, i) => ({
      Id: String(i),
      MessageBody,
      ...(groupId && { MessageGroupId: groupId, MessageDeduplicationId: `${at + i}` }),
    }));
    await sqs.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
  }
}

export async function counts({ sqs }: TestQueue, url: string): Promise<{ visible: number; hidden: number }> {
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['All'] }));
  return {
    visible: Number(Attributes?.ApproximateNumberOfMessages),
    hidden: Number(Attributes?.ApproximateNumberOfMessagesNotVisible),
  };
}

/** Takes everything out of a queue. */
export async function takeAll({ sqs }: TestQueue, url: string): Promise<Message[]> {
  const taken: Message[] = [];
  for (;;) {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: url,
        MaxNumberOfMessages: 10,
        MessageAttributeNames: ['All'],
        MessageSystemAttributeNames: ['All'],
      }),
    );
    if (Messages.length === 0) return taken;
    taken.push(...Messages);
    for (const { ReceiptHandle } of Messages)
      await sqs.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle }));
  }
}

export const message = (clientFeatureId: string, payload: object = { name: clientFeatureId }): string =>
  JSON.stringify({ clientFeatureId, payload });
