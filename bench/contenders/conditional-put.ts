import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import { nanoid } from 'nanoid';
import { type BatchHandler, eachAtOnce, type Target } from './contender.ts';

/** One conditional PutItem for each step, whose refusal brings the existing item along: the best of one request a step. */
export function conditionalPut({ dynamodb, idempotencyTable, featuresTable }: Target): BatchHandler {
  const documents = DynamoDBDocumentClient.from(dynamodb);

  /** @returns the item that was there before, as DynamoDB's API carries it */
  async function createIfAbsent(TableName: string, key: string, Item: Record<string, unknown>) {
    try {
      await documents.send(
        new PutCommand({
          TableName,
          Item,
          ConditionExpression: 'attribute_not_exists(#key)',
          ExpressionAttributeNames: { '#key': key },
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        }),
      );
      return undefined;
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      return error.Item;
    }
  }

  return eachAtOnce(async ({ clientFeatureId, payload }) => {
    const createdAt = new Date().toISOString();
    const minted = nanoid();
    const mapping = { clientFeatureId, featureId: minted, createdAt };
    const existing = await createIfAbsent(idempotencyTable, 'clientFeatureId', mapping);
    const featureId = existing?.featureId?.S ?? minted;
    await createIfAbsent(featuresTable, 'featureId', { featureId, clientFeatureId, payload, createdAt });
  });
}
