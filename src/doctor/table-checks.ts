import {
  DescribeContinuousBackupsCommand,
  DescribeTimeToLiveCommand,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import { type Check, failure, ok, type Result, warning } from './check.ts';
import type { KnownTable, KnownTables } from './tables.ts';

type DynamoDB = Pick<DynamoDBClient, 'send'>;

/** The shape of both tables, and what could take an item out of them again. */
export function tableChecks(client: DynamoDB, tables: KnownTables): Check[] {
  return [
    { name: 'idempotency table', run: async () => shapeOf(await tables.mappings()) },
    { name: 'features table', run: async () => shapeOf(await tables.features()) },
    { name: 'expiry', run: async () => neverExpire(client, await tables.usable()) },
    { name: 'recovery', run: async () => recoverable(client, await tables.usable()) },
    { name: 'deletion', run: async () => protectedFromDeletion(await tables.usable()) },
    { name: 'replicas', run: async () => oneRegionWrites(await tables.usable()) },
  ];
}

function shapeOf({ name, description: { KeySchema, TableStatus = 'ACTIVE' } }: KnownTable): Result {
  if (TableStatus === 'ACTIVE' || TableStatus === 'UPDATING')
    return ok(`${name}, key ${KeySchema?.[0]?.AttributeName}`);
  return failure(`${name} is ${TableStatus} and takes no writes`, 'wait until it is active, or restore it');
}

async function neverExpire(client: DynamoDB, tables: KnownTable[]): Promise<Result> {
  const expiring = await namesWhere(tables, async ({ name: TableName }) => {
    const { TimeToLiveDescription } = await client.send(new DescribeTimeToLiveCommand({ TableName }));
    return /^ENABL/.test(TimeToLiveDescription?.TimeToLiveStatus ?? '');
  });
  if (expiring === undefined) return ok('this DynamoDB knows none');
  if (expiring === '') return ok('no item is removed by age');
  return failure(
    `items of ${expiring} expire: a redelivery after that stores its feature again`,
    'turn TTL off: aws dynamodb update-time-to-live with Enabled=false',
  );
}

async function recoverable(client: DynamoDB, tables: KnownTable[]): Promise<Result> {
  const lacking = await namesWhere(tables, async ({ name: TableName }) => {
    const { ContinuousBackupsDescription } = await client.send(new DescribeContinuousBackupsCommand({ TableName }));
    return ContinuousBackupsDescription?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus !== 'ENABLED';
  });
  if (lacking === undefined) return ok('this DynamoDB knows none to a point in time');
  if (lacking === '') return ok('to any point in time');
  return warning(`no point-in-time recovery for ${lacking}`, 'run `onefold setup`: it turns it on');
}

async function protectedFromDeletion(tables: KnownTable[]): Promise<Result> {
  if (tables.every(({ description }) => description.DeletionProtectionEnabled === undefined))
    return ok('this DynamoDB knows no protection from it');
  const open = await namesWhere(tables, async ({ description }) => !description.DeletionProtectionEnabled);
  if (!open) return ok('both tables are protected from it');
  return warning(`one command would delete ${open}`, 'run `onefold setup`: it turns deletion protection on');
}

/** In their default mode global tables evaluate a condition in each Region for itself. */
async function oneRegionWrites(tables: KnownTable[]): Promise<Result> {
  const replicated = await namesWhere(
    tables,
    async ({ description: { Replicas = [], MultiRegionConsistency } }) =>
      Replicas.length > 0 && MultiRegionConsistency !== 'STRONG',
  );
  if (!replicated) return ok('no other Region can create the same key');
  return warning(
    `${replicated} is replicated, and two Regions can both create one key`,
    'run workers in one Region alone, or use global tables with strong consistency (MRSC)',
  );
}

/** Undefined where this DynamoDB does not know what is asked, as most emulators. */
async function namesWhere(
  tables: KnownTable[],
  isSo: (table: KnownTable) => Promise<boolean>,
): Promise<string | undefined> {
  try {
    const found = await Promise.all(tables.map(async table => ((await isSo(table)) ? [table.name] : [])));
    return found.flat().join(' and ');
  } catch (error) {
    if (error instanceof Error && error.name === 'UnknownOperationException') return undefined;
    throw error;
  }
}
