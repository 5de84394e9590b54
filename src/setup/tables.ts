import {
  ContinuousBackupsUnavailableException,
  CreateTableCommand,
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  type DynamoDBClient,
  DynamoDBServiceException,
  ResourceInUseException,
  ResourceNotFoundException,
  type TableDescription,
  UpdateContinuousBackupsCommand,
  UpdateTableCommand,
} from '@aws-sdk/client-dynamodb';
import type { Clock } from '../clock.ts';
import { CommandFailed, OperatorMistake } from '../errors.ts';
import { describeTables, type Table, type TableNames } from '../store/tables.ts';
import type { SetupSteps } from './setup.ts';

/** DynamoDB takes ten seconds or so to create a table; another setup's deletion in progress ends in a minute. */
const ACTIVE_MS = 120_000;

export interface TableDependencies {
  dynamodb: DynamoDBClient;
  clock: Clock;
}

/**
 * Both tables: what is missing is created. No table is touched when one of the names belongs to another kind of table.
 * @throws OperatorMistake for a table of the wrong key schema
 */
export async function setUpTables(to: TableDependencies, names: TableNames, steps: SetupSteps): Promise<void> {
  const tables = Object.values(describeTables(names));
  for (const table of tables) assertKeySchema(table, await find(to, table.name));
  for (const table of tables) {
    await ensureTable(to, table, steps);
    await protect(to, table, steps);
  }
}

/** @throws OperatorMistake unless the partition key is the whole key, of this name, and a string */
export function assertKeySchema(table: Table, found: TableDescription | undefined): void {
  if (!found) return;
  const keys = (found.KeySchema ?? []).map(({ AttributeName, KeyType }) => {
    const type = found.AttributeDefinitions?.find(definition => definition.AttributeName === AttributeName);
    return `${AttributeName} (${KeyType}, ${type?.AttributeType})`;
  });
  const wanted = `${table.key} (HASH, S)`;
  if (keys.join() === wanted) return;
  throw new OperatorMistake(
    `table ${table.name} has the key ${keys.join(', ')}, not ${wanted}: it is some other table`,
    'it was left as it is; name another in ONEFOLD_IDEMPOTENCY_TABLE or ONEFOLD_FEATURES_TABLE',
  );
}

async function ensureTable(to: TableDependencies, table: Table, steps: SetupSteps): Promise<void> {
  try {
    if (await find(to, table.name)) {
      steps.existed.push(`table ${table.name}`);
    } else {
      await to.dynamodb.send(
        new CreateTableCommand({
          TableName: table.name,
          KeySchema: [{ AttributeName: table.key, KeyType: 'HASH' }],
          AttributeDefinitions: [{ AttributeName: table.key, AttributeType: 'S' }],
          BillingMode: 'PAY_PER_REQUEST',
          DeletionProtectionEnabled: true,
        }),
      );
      steps.created.push(`table ${table.name}`);
    }
  } catch (error) {
    if (!(error instanceof ResourceInUseException)) throw error;
    steps.existed.push(`table ${table.name}`); // another setup was quicker
  }
  assertKeySchema(table, await untilActive(to, table.name));
}

async function untilActive(to: TableDependencies, name: string): Promise<TableDescription> {
  const until = to.clock.now() + ACTIVE_MS;
  for (let wait = 50; to.clock.now() < until; wait = Math.min(2 * wait, 2_000)) {
    const found = await find(to, name);
    if (found?.TableStatus === 'ACTIVE') return found;
    await to.clock.sleep(wait);
  }
  throw new CommandFailed(`table ${name} is not active after ${ACTIVE_MS / 1_000} seconds`);
}

/** Without its mapping a feature would be stored again, under another id: neither table may be lost. */
async function protect(to: TableDependencies, { name }: Table, steps: SetupSteps): Promise<void> {
  await whereKnown('deletion protection', name, steps, async () => {
    const found = await find(to, name);
    if (found?.DeletionProtectionEnabled) return;
    await to.dynamodb.send(new UpdateTableCommand({ TableName: name, DeletionProtectionEnabled: true }));
    await untilActive(to, name);
  });
  await whereKnown('point-in-time recovery', name, steps, async () => {
    const { ContinuousBackupsDescription: backups } = await to.dynamodb.send(
      new DescribeContinuousBackupsCommand({ TableName: name }),
    );
    if (backups?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus === 'ENABLED') return;
    await turnOnRecovery(to, name);
  });
}

/** DynamoDB refuses this for the first seconds of a table's life. */
async function turnOnRecovery({ dynamodb, clock }: TableDependencies, name: string): Promise<void> {
  const PointInTimeRecoverySpecification = { PointInTimeRecoveryEnabled: true };
  for (const until = clock.now() + ACTIVE_MS; ; await clock.sleep(1_000)) {
    try {
      await dynamodb.send(new UpdateContinuousBackupsCommand({ TableName: name, PointInTimeRecoverySpecification }));
      return;
    } catch (error) {
      if (!(error instanceof ContinuousBackupsUnavailableException) || clock.now() > until) throw error;
    }
  }
}

/** Emulators lack one or both of these, and a role may lack the permission: worth a line, no reason to stop. */
async function whereKnown(what: string, table: string, steps: SetupSteps, turnOn: () => Promise<void>): Promise<void> {
  try {
    await turnOn();
  } catch (error) {
    const code = error instanceof DynamoDBServiceException ? error.name : '';
    if (code === 'UnknownOperationException' || code === 'ValidationException') {
      const line = `this DynamoDB knows no ${what}`;
      if (!steps.notes.includes(line)) steps.notes.push(line);
    } else if (code === 'AccessDeniedException') {
      steps.notes.push(`${what} is not on for table ${table}: no permission to turn it on`);
    } else {
      throw error;
    }
  }
}

async function find({ dynamodb }: TableDependencies, name: string): Promise<TableDescription | undefined> {
  try {
    return (await dynamodb.send(new DescribeTableCommand({ TableName: name }))).Table;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}
