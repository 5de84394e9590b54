import { BatchWriteCommand, type BatchWriteCommandInput, DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { nanoid } from 'nanoid';
import { type BatchHandler, parse, type Target } from './contender.ts';

const ATTEMPTS = 10;

/** Both items of all ten messages in one unconditional BatchWriteItem: what is there already is overwritten, or stored twice. */
export function unsafeBatch({ dynamodb, idempotencyTable, featuresTable }: Target): BatchHandler {
  const documents = DynamoDBDocumentClient.from(dynamodb);
  return async messages => {
    const createdAt = new Date().toISOString();
    // DynamoDB refuses a request in which a key stands twice.
    const features = new Map(messages.map(parse).map(feature => [feature.clientFeatureId, feature]));
    const items = [...features.values()].map(feature => ({ ...feature, featureId: nanoid(), createdAt }));
    let left: BatchWriteCommandInput['RequestItems'] = {
      [idempotencyTable]: items.map(({ payload, ...Item }) => ({ PutRequest: { Item } })),
      [featuresTable]: items.map(Item => ({ PutRequest: { Item } })),
    };
    for (let attempt = 1; left && Object.keys(left).length > 0; attempt++) {
      if (attempt > ATTEMPTS) throw new Error('DynamoDB left items unprocessed');
      left = (await documents.send(new BatchWriteCommand({ RequestItems: left }))).UnprocessedItems;
    }
    return messages;
  };
}
