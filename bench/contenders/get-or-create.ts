import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { nanoid } from 'nanoid';
import { type BatchHandler, eachAtOnce, type Target } from './contender.ts';

/** The algorithm as first written down: each step reads, else creates, and reads again when another was quicker. */
export function getOrCreate({ dynamodb, idempotencyTable, featuresTable }: Target): BatchHandler {
  const documents = DynamoDBDocumentClient.from(dynamodb);

  async function getOrCreate(TableName: string, key: string, item: Record<string, unknown>) {
    const get = async () => {
      const Key = { [key]: item[key] };
      return (await documents.send(new GetCommand({ TableName, Key, ConsistentRead: true }))).Item;
    };
    const existing = await get();
    if (existing) return existing;
    try {
      await documents.send(
        new PutCommand({
          TableName,
          Item: item,
          ConditionExpression: 'attribute_not_exists(#key)',
          ExpressionAttributeNames: { '#key': key },
        }),
      );
      return item;
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      return await get();
    }
  }

  return eachAtOnce(async ({ clientFeatureId, payload }) => {
    const createdAt = new Date().toISOString();
    const minted = { clientFeatureId, featureId: nanoid(), createdAt };
    const { featureId } = (await getOrCreate(idempotencyTable, 'clientFeatureId', minted)) ?? minted;
    await getOrCreate(featuresTable, 'featureId', { featureId, clientFeatureId, payload, createdAt });
  });
}
