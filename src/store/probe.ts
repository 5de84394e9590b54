import {
  BatchExecuteStatementCommand,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import { judgeCode } from './answer.ts';
import { insertStatement } from './batch-writes.ts';
import type { Table, Tables } from './tables.ts';

/**
 * Would the store take our writes? Asks without ever writing: a PutItem under a condition that is never true, refused
 * by that condition when all is well. It must go through the key schema and the permissions to get that far.
 *
 * PutItem alone does not show the permission `dynamodb:PartiQLInsert`: with batch writes an INSERT that no table can
 * ever take (its key is empty) is sent too, refused as invalid when all is well.
 * @throws the store's error
 */
export function createProbe({
  client,
  tables,
  writes,
}: {
  client: Pick<DynamoDBClient, 'send'>;
  tables: Tables;
  writes: 'batch' | 'single';
}): () => Promise<void> {
  return async () => {
    await Promise.all([
      refusedPut(client, tables.mappings),
      refusedPut(client, tables.features),
      ...(writes === 'batch' ? [refusedInserts(client, [tables.mappings, tables.features])] : []),
    ]);
  };
}

async function refusedPut(client: Pick<DynamoDBClient, 'send'>, { name, key }: Table): Promise<void> {
  try {
    await client.send(
      new PutItemCommand({
        TableName: name,
        Item: { [key]: { S: 'onefold-probe' } },
        ConditionExpression: 'attribute_exists(#key) AND attribute_not_exists(#key)',
        ExpressionAttributeNames: { '#key': key },
      }),
    );
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return;
    throw error;
  }
  throw new Error(`table ${name} took a write under a condition that is never true`);
}

/** The codes with which a store refuses an item's content, which it looks at only after permission and table. */
const CONTENT_REFUSED = /^Validation(Error|Exception)$/;

async function refusedInserts(client: Pick<DynamoDBClient, 'send'>, tables: Table[]): Promise<void> {
  const Statements = tables.map(table => ({
    Statement: insertStatement(table),
    Parameters: table.attributes.map(() => ({ S: '' })),
  }));
  try {
    const { Responses } = await client.send(new BatchExecuteStatementCommand({ Statements }));
    for (const [i, response] of (Responses ?? []).entries()) {
      const { Code = 'no error', Message = '' } = response.Error ?? {};
      // The code names the error: a statement that was throttled says nothing against the table.
      if (!CONTENT_REFUSED.test(Code))
        throw judgeCode(Code, `table ${tables[i]?.name} answered an INSERT with ${Code} ${Message}`).error;
    }
  } catch (error) {
    if (error instanceof Error && CONTENT_REFUSED.test(error.name)) return;
    throw error;
  }
}
