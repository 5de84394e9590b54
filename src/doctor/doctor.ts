import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Clock } from '../clock.ts';
import type { Config } from '../config.ts';
import type { Sqs } from '../queue/client.ts';
import { describeTables } from '../store/tables.ts';
import { type Examined, examine } from './check.ts';
import { createOnceCheck } from './create-once.ts';
import { queueChecks } from './queue-checks.ts';
import { queuePermissionChecks } from './queue-permissions.ts';
import { lookAtQueues } from './queues.ts';
import { tableChecks } from './table-checks.ts';
import { tablePermissionChecks } from './table-permissions.ts';
import { lookAtTables } from './tables.ts';

/**
 * Whether what is configured can work: every check, whatever the others find. Receives and sends nothing, and changes
 * nothing but one item of its own in the idempotency table.
 */
export function examineAll(options: {
  sqs: Sqs;
  dynamodb: Pick<DynamoDBClient, 'send'>;
  config: Pick<Config, 'queueUrl' | 'idempotencyTable' | 'featuresTable' | 'writes' | 'drainSeconds'>;
  clock: Clock;
  /** A new id. */
  mint: () => string;
}): Promise<Examined[]> {
  const { sqs, dynamodb: client, config, clock, mint } = options;
  const queues = lookAtQueues(sqs, config.queueUrl);
  const tables = describeTables(config);
  const known = lookAtTables(client, tables);
  const store = { client, tables, known, writes: config.writes };
  return examine([
    ...queueChecks(queues, config),
    ...queuePermissionChecks(sqs, queues, config.queueUrl),
    ...tableChecks(client, known),
    ...tablePermissionChecks(store),
    createOnceCheck({ ...store, clock, mint }),
  ]);
}
