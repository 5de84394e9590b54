import {
  type AttributeValue,
  BatchWriteItemCommand,
  CreateTableCommand,
  DeleteTableCommand,
  type DynamoDBClient,
  paginateScan,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import { nanoid } from 'nanoid';
import { describeTables, featureItem, mappingItem } from '../src/store/tables.ts';
import { idempotencyKeyOf, type Name } from './contenders/index.ts';
import { payloadOf } from './features.ts';

/** A contender's tables, which nobody else uses. */
export interface Tables {
  idempotencyTable: string;
  featuresTable: string;
}

export interface Tally {
  /** Client ids with a feature. */
  stored: number;
  /** Client ids with more than one. */
  storedTwice: number;
  /** Client ids without one. */
  lost: number;
}

type Item = Record<string, AttributeValue>;

/** BatchWriteItem takes 25 items. */
const PAIRS = 12;
const PRELOADS_AT_ONCE = 4;

export async function createTables(dynamodb: DynamoDBClient, contender: Name): Promise<Tables> {
  const prefix = `onefold-bench-${contender}-${nanoid(6)}`;
  const tables = { idempotencyTable: `${prefix}-ids`, featuresTable: `${prefix}-features` };
  const create = async (TableName: string, key: string) => {
    await dynamodb.send(
      new CreateTableCommand({
        TableName,
        KeySchema: [{ AttributeName: key, KeyType: 'HASH' }],
        AttributeDefinitions: [{ AttributeName: key, AttributeType: 'S' }],
        BillingMode: 'PAY_PER_REQUEST',
      }),
    );
    await waitUntilTableExists({ client: dynamodb, maxWaitTime: 120, minDelay: 1 }, { TableName });
  };
  await create(tables.idempotencyTable, idempotencyKeyOf(contender));
  await create(tables.featuresTable, describeTables(tables).features.key);
  return tables;
}

export async function dropTables(dynamodb: DynamoDBClient, tables: Tables): Promise<void> {
  for (const TableName of Object.values(tables)) await dynamodb.send(new DeleteTableCommand({ TableName }));
}

/**
 * Counts what is stored of the ids that were sent. One rule for all, since every contender writes `clientFeatureId` on
 * its features: two features of one client id are two, whatever its idempotency table says.
 */
export async function tally(dynamodb: DynamoDBClient, { featuresTable }: Tables, sent: Set<string>): Promise<Tally> {
  const found = new Map<string, number>();
  const pages = paginateScan(
    { client: dynamodb },
    { TableName: featuresTable, ConsistentRead: true, ProjectionExpression: 'clientFeatureId' },
  );
  for await (const { Items = [] } of pages) {
    for (const { clientFeatureId } of Items) {
      const id = clientFeatureId?.S ?? '';
      if (sent.has(id)) found.set(id, (found.get(id) ?? 0) + 1);
    }
  }
  const storedTwice = [...found.values()].filter(count => count > 1).length;
  return { stored: found.size, storedTwice, lost: sent.size - found.size };
}

/** Fills Onefold's tables with `count` features, as if they had been stored long ago. */
export async function preload(
  dynamodb: DynamoDBClient,
  tables: Tables,
  { count, payloadBytes, onProgress }: { count: number; payloadBytes: number; onProgress(loaded: number): void },
): Promise<void> {
  let next = 0;
  let loaded = 0;
  const lane = async () => {
    while (next < count) {
      const from = next;
      next = Math.min(from + PAIRS, count);
      const pairs = Array.from({ length: next - from }, (_, i) => pair(`preloaded-${from + i}`, payloadBytes));
      await write(dynamodb, tables, pairs);
      loaded += pairs.length;
      onProgress(loaded);
    }
  };
  await Promise.all(Array.from({ length: PRELOADS_AT_ONCE }, lane));
}

function pair(clientFeatureId: string, payloadBytes: number): { mapping: Item; feature: Item } {
  const createdAt = new Date().toISOString();
  const featureId = nanoid();
  const payload = payloadOf(clientFeatureId, payloadBytes);
  const payloadHash = `v1:${'0'.repeat(64)}`; // of the right length; nobody compares it
  return {
    mapping: mappingItem({ clientFeatureId, featureId, createdAt }),
    feature: featureItem({ featureId, clientFeatureId, payload, payloadHash, createdAt }),
  };
}

async function write(
  dynamodb: DynamoDBClient,
  { idempotencyTable, featuresTable }: Tables,
  pairs: { mapping: Item; feature: Item }[],
): Promise<void> {
  const { UnprocessedItems = {} } = await dynamodb.send(
    new BatchWriteItemCommand({
      RequestItems: {
        [idempotencyTable]: pairs.map(({ mapping: Item }) => ({ PutRequest: { Item } })),
        [featuresTable]: pairs.map(({ feature: Item }) => ({ PutRequest: { Item } })),
      },
    }),
  );
  if (Object.keys(UnprocessedItems).length > 0) throw new Error('the store throttles the preload');
}
