import { ConditionalCheckFailedException, type DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { judge } from './answer.ts';
import type { Write } from './writes.ts';

/** One conditional PutItem an item: for DynamoDB-compatible stores without PartiQL. */
export function singleWrites({
  client,
  onRequest,
}: {
  client: Pick<DynamoDBClient, 'send'>;
  onRequest: () => void;
}): Write {
  return async (table, item) => {
    onRequest();
    try {
      await client.send(
        new PutItemCommand({
          TableName: table.name,
          Item: item,
          ConditionExpression: 'attribute_not_exists(#key)',
          ExpressionAttributeNames: { '#key': table.key },
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        }),
      );
      return { kind: 'answered', value: { created: true } };
    } catch (thrown) {
      if (thrown instanceof ConditionalCheckFailedException) {
        return { kind: 'answered', value: { created: false, ...(thrown.Item && { existing: thrown.Item }) } };
      }
      return judge(thrown);
    }
  };
}
