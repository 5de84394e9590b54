import { BatchGetItemCommand, type DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { createProbe } from '../store/probe.ts';
import type { Table, Tables } from '../store/tables.ts';
import { type Check, failure, ok, type Result } from './check.ts';
import type { KnownTables } from './tables.ts';

export interface StoreUnderTest {
  client: Pick<DynamoDBClient, 'send'>;
  tables: Tables;
  known: KnownTables;
  writes: 'batch' | 'single';
}

/** A client id like any other: whether there is such an item does not matter. */
const SOME_KEY = { S: 'onefold-doctor' };

export function tablePermissionChecks(store: StoreUnderTest): Check[] {
  return [
    { name: 'may read', run: () => mayRead(store) },
    { name: 'may write', run: () => mayWrite(store) },
  ];
}

async function mayRead({ client, known, tables: { mappings, features } }: StoreUnderTest): Promise<Result> {
  await known.both();
  const one = ({ key }: Table) => ({ Keys: [{ [key]: SOME_KEY }], ConsistentRead: true });
  const RequestItems = { [mappings.name]: one(mappings), [features.name]: one(features) };
  const Key = { [features.key]: SOME_KEY };
  return permitted('both tables, strongly consistent', 'dynamodb:BatchGetItem and GetItem', async () => {
    await client.send(new BatchGetItemCommand({ RequestItems }));
    await client.send(new GetItemCommand({ TableName: features.name, Key, ConsistentRead: true }));
  });
}

async function mayWrite({ client, tables, known, writes }: StoreUnderTest): Promise<Result> {
  await known.both();
  const actions = writes === 'batch' ? 'dynamodb:PutItem and PartiQLInsert' : 'dynamodb:PutItem';
  const elsewhere = writes === 'batch' ? '; for a store without PartiQL set ONEFOLD_WRITES=single' : '';
  return permitted(
    `both tables, with ${writes} writes`,
    `${actions}${elsewhere}`,
    createProbe({ client, tables, writes }),
  );
}

/** The tables have been described, so that whatever goes wrong now is about this request. */
async function permitted(worth: string, needs: string, attempt: () => Promise<void>): Promise<Result> {
  try {
    await attempt();
    return ok(worth);
  } catch (thrown) {
    const { name, message } = thrown as Error;
    return failure(`${name}: ${message}`, `the worker needs ${needs}`);
  }
}
