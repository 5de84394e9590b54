import { IdempotencyConfig, makeIdempotent } from '@aws-lambda-powertools/idempotency';
import { DynamoDBPersistenceLayer } from '@aws-lambda-powertools/idempotency/dynamodb';
import { DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import { nanoid } from 'nanoid';
import { type BatchHandler, eachAtOnce, type Incoming, type Target } from './contender.ts';

/**
 * Powertools for AWS Lambda, as its documentation has it for records of a batch: a function made idempotent by one
 * member of its argument. It keeps a record of its own (in progress, then completed) around the one PutItem.
 * https://docs.aws.amazon.com/powertools/typescript/latest/features/idempotency/
 */
export function powertools({ dynamodb, idempotencyTable, featuresTable }: Target): BatchHandler {
  const documents = DynamoDBDocumentClient.from(dynamodb);

  const store = makeIdempotent(
    async ({ clientFeatureId, payload }: Incoming) => {
      const featureId = nanoid();
      const createdAt = new Date().toISOString();
      await documents.send(
        new PutCommand({ TableName: featuresTable, Item: { featureId, clientFeatureId, payload, createdAt } }),
      );
      return { featureId };
    },
    {
      persistenceStore: new DynamoDBPersistenceLayer({ tableName: idempotencyTable, awsSdkV3Client: dynamodb }),
      config: new IdempotencyConfig({
        eventKeyJmesPath: 'clientFeatureId',
        // It protects against a Lambda's time-out, and complains when it is not told of one: here, the visibility time.
        lambdaContext: { getRemainingTimeInMillis: () => 60_000 },
      }),
    },
  );

  return eachAtOnce(store);
}
