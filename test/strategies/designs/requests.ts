import {
  type AttributeValue,
  ConditionalCheckFailedException,
  PutItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import { toAttributeValue } from '../../../src/store/attribute-value.ts';
import type { Item } from '../../../src/store/tables.ts';
import { CLIENT_ID, FEATURES } from '../../explorer/subject.ts';
import type { Feature, Tools } from '../design.ts';

/** Features under ids of our own, which an index finds by the client's id. */
export const INDEXED_FEATURES = { [FEATURES]: { key: 'featureId', index: CLIENT_ID } };

export const itemOf = ({ clientFeatureId, payload }: Feature): Item => ({
  clientFeatureId: { S: clientFeatureId },
  payload: toAttributeValue(payload),
});

/** Stores the feature under a new id of our own. */
export async function putNew(feature: Feature, { dynamodb, mint }: Tools): Promise<string> {
  const featureId = mint();
  const Item = { featureId: { S: featureId }, ...itemOf(feature) };
  await dynamodb.send(new PutItemCommand({ TableName: FEATURES, Item }));
  return featureId;
}

/** Whether the index knows a feature of this client id. DynamoDB offers no consistent read of one. */
export async function isIndexed({ clientFeatureId }: Feature, { dynamodb }: Tools): Promise<boolean> {
  const query = new QueryCommand({
    TableName: FEATURES,
    IndexName: 'by-client-id',
    KeyConditionExpression: 'clientFeatureId = :id',
    ExpressionAttributeValues: { ':id': { S: clientFeatureId } },
  });
  const { Count = 0 } = await dynamodb.send(query);
  return Count > 0;
}

/** Puts an item under a condition. What stood in its way, or undefined when it was written. */
export async function putIf(
  { dynamodb }: Tools,
  put: {
    TableName: string;
    Item: Item;
    ConditionExpression: string;
    ExpressionAttributeValues?: Record<string, AttributeValue>;
    ExpressionAttributeNames?: Record<string, string>;
  },
): Promise<Item | undefined> {
  try {
    await dynamodb.send(new PutItemCommand({ ...put, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' }));
    return undefined;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return error.Item ?? {};
    throw error;
  }
}
