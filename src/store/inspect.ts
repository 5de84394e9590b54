import {
  DescribeTableCommand,
  type DynamoDBClient,
  ResourceNotFoundException,
  type TableDescription,
} from '@aws-sdk/client-dynamodb';
import { BackendUnreachable, OperatorMistake } from '../errors.ts';
import { judge } from './answer.ts';
import { createProbe } from './probe.ts';
import { describeTables, type Table, type TableNames } from './tables.ts';

/**
 * Checks that both tables exist with the right keys and would take our writes.
 * @throws OperatorMistake when they cannot work
 * @throws BackendUnreachable when the store does not answer, or a table is still being made
 */
export async function inspectTables(options: {
  client: DynamoDBClient;
  names: TableNames;
  writes: 'batch' | 'single';
}): Promise<void> {
  const { client, writes } = options;
  const tables = describeTables(options.names);
  await inspectTable(client, tables.mappings, 'ONEFOLD_IDEMPOTENCY_TABLE');
  await inspectTable(client, tables.features, 'ONEFOLD_FEATURES_TABLE');
  try {
    await createProbe({ client, tables, writes })();
  } catch (thrown) {
    const { kind, error } = judge(thrown);
    if (kind === 'transient') throw new BackendUnreachable('DynamoDB', { cause: error });
    const hint =
      writes === 'batch'
        ? 'the worker needs dynamodb:PutItem, GetItem, BatchGetItem and PartiQLInsert on both tables; for a store without PartiQL set ONEFOLD_WRITES=single'
        : 'the worker needs dynamodb:PutItem, GetItem and BatchGetItem on both tables';
    throw new OperatorMistake(`the tables do not take writes: ${error.name}: ${error.message}`, hint);
  }
}

/**
 * What the store says of a table that has the right key.
 * @param variable where the operator names the table
 * @throws as `inspectTables` does
 */
export async function inspectTable(
  client: Pick<DynamoDBClient, 'send'>,
  { name, key }: Table,
  variable: string,
): Promise<TableDescription> {
  const described = await client.send(new DescribeTableCommand({ TableName: name })).catch((thrown: unknown) => {
    if (thrown instanceof ResourceNotFoundException) {
      throw new OperatorMistake(
        `there is no table ${name}`,
        `run \`onefold setup\`, or set ${variable} and AWS_REGION to where it is`,
      );
    }
    const { kind, error } = judge(thrown);
    if (kind === 'transient') throw new BackendUnreachable('DynamoDB', { cause: error });
    throw new OperatorMistake(
      `table ${name} cannot be described: ${error.name}: ${error.message}`,
      'check AWS_REGION, the credentials and dynamodb:DescribeTable',
    );
  });
  const { Table: table = {} } = described;
  const keys = table.KeySchema ?? [];
  const type = table.AttributeDefinitions?.find(({ AttributeName }) => AttributeName === key)?.AttributeType;
  if (keys.length !== 1 || keys[0]?.AttributeName !== key || type !== 'S') {
    const found = keys.map(({ AttributeName, KeyType }) => `${AttributeName} (${KeyType})`).join(', ');
    throw new OperatorMistake(
      `table ${name} has the wrong key: ${found}${type && type !== 'S' ? ` of type ${type}` : ''}; it must be ${key}, a string, alone`,
      `set ${variable} to a table that \`onefold setup\` made: the worker would store nothing in this one`,
    );
  }
  if (table.TableStatus === 'CREATING') throw new BackendUnreachable(`table ${name}, which is being created`);
  return table;
}
