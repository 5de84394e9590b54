import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type DynamoDBKind, startBackends } from './backends.ts';
import { serveLeases } from './leases.ts';
import { type HostRecord, readRecord, writeRecord } from './record.ts';

/**
 * Runs the backends of a `.onefold` folder for as long as somebody holds a lease, then ends by itself.
 * Returns at once when the folder has a host already.
 */
export async function hostBackends(directory: string, dynamodb?: DynamoDBKind): Promise<void> {
  const lock = takeLock(join(directory, 'lock.db'));
  if (!lock) return;
  try {
    const last = readRecord(directory);
    const backends = await startBackends({ directory, dynamodb, ports: last && portsOf(last) });
    const token = randomUUID();
    const leases = await serveLeases(token);
    const { sqsEndpoint, dynamodbEndpoint, writes, note } = backends;
    const controlPort = leases.port;
    writeRecord(directory, { pid: process.pid, controlPort, token, sqsEndpoint, dynamodbEndpoint, writes, note });

    const ending = Promise.race([leases.over, backends.lost, once(process, 'SIGTERM').then(() => 'SIGTERM')]);
    const reason = await ending;
    if (reason) console.error(new Date().toISOString(), reason);
    leases.stop();
    await backends.stop();
  } finally {
    lock.close();
  }
}

/** A lock that the system releases when its holder dies, so that none is ever stale. Undefined when somebody has it. */
function takeLock(file: string): DatabaseSync | undefined {
  const lock = new DatabaseSync(file);
  try {
    lock.exec('BEGIN EXCLUSIVE');
    return lock;
  } catch (error) {
    lock.close();
    if (error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY) return undefined;
    throw error;
  }
}

const SQLITE_BUSY = 5;

/** A worker that outlived its host finds the next one where it looks for it. */
function portsOf({ sqsEndpoint, dynamodbEndpoint }: HostRecord): { sqs: number; dynamodb: number } {
  return { sqs: Number(new URL(sqsEndpoint).port), dynamodb: Number(new URL(dynamodbEndpoint).port) };
}

if (import.meta.main) {
  const [directory = '.onefold', dynamodb] = process.argv.slice(2);
  hostBackends(directory, dynamodb as DynamoDBKind | undefined).catch((error: unknown) => {
    console.error(new Date().toISOString(), error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
}
