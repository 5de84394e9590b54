import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import { nanoid } from 'nanoid';
import { type BatchHandler, eachAtOnce, type Target } from './contender.ts';

/** Both items in one transaction, or neither. */
export function transaction({ dynamodb, idempotencyTable, featuresTable }: Target): BatchHandler {
  const documents = DynamoDBDocumentClient.from(dynamodb);
  return eachAtOnce(async ({ clientFeatureId, payload }) => {
    const createdAt = new Date().toISOString();
    const featureId = nanoid();
    const feature = { featureId, clientFeatureId, payload, createdAt };
    const ConditionExpression = 'attribute_not_exists(clientFeatureId)';
    try {
      await documents.send(
        new TransactWriteCommand({
          TransactItems: [
            {
              Put: {
                TableName: idempotencyTable,
                Item: { clientFeatureId, featureId, createdAt },
                ConditionExpression,
              },
            },
            { Put: { TableName: featuresTable, Item: feature, ConditionExpression } },
          ],
        }),
      );
    } catch (error) {
      if (!(error instanceof TransactionCanceledException)) throw error;
      const [mapping] = error.CancellationReasons ?? [];
      if (mapping?.Code !== 'ConditionalCheckFailed') throw error; // a conflict with another transaction: comes again
    }
  });
}
