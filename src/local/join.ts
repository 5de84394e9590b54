import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { extname, join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { CommandFailed, OperatorMistake } from '../errors.ts';
import { type BackendAddresses, backendsEnvironment, type DynamoDBKind } from './backends.ts';
import { takeLease } from './leases.ts';
import { type HostRecord, readRecord } from './record.ts';

/** A host is up in well under a second; a machine with no time to spare gets the rest. */
const JOIN_MS = 15_000;

export interface LocalBackends extends BackendAddresses {
  /** What this process, or one that it starts, needs in its environment. */
  env: Record<string, string>;
  /** The backends stop when the last process has left, or died. */
  leave(): Promise<void>;
}

interface Membership {
  lease: Socket;
  record: HostRecord;
}

/**
 * Joins the embedded backends of a folder (`.onefold`), and starts them when nobody has. Queues and tables are kept
 * there. Should the backends die, they are started again under the same addresses.
 * @param options.dynamodb by default ONEFOLD_LOCAL_DYNAMODB, else dynoxide where there is a binary of it, else dynalite
 * @param options.say takes a line for the user; standard error by default
 * @throws OperatorMistake where the emulators are not installed or the folder cannot be written
 * @throws CommandFailed when the backends do not start
 */
export async function joinLocal(
  directory: string,
  options: { dynamodb?: DynamoDBKind; say?: (line: string) => void } = {},
): Promise<LocalBackends> {
  const say = options.say ?? console.error;
  const home = resolve(directory);
  const dynamodb = options.dynamodb ?? kindFrom(process.env.ONEFOLD_LOCAL_DYNAMODB);
  requireEmulators();
  makeFolder(home);

  let left = false;
  let { lease, record } = await joinHost(home, dynamodb);
  if (record.note) say(record.note);
  lease.once('close', rejoin);

  async function rejoin(): Promise<void> {
    if (left) return;
    try {
      const next = await joinHost(home, dynamodb);
      if (left) return void next.lease.destroy();
      const moved = addresses(next.record) !== addresses(record);
      ({ lease, record } = next);
      lease.once('close', rejoin);
      say(
        moved ? 'the local backends moved to other ports: start this again' : 'the local backends were started again',
      );
    } catch (error) {
      say(`the local backends are gone: ${error instanceof Error ? error.message : error}`);
    }
  }

  return {
    sqsEndpoint: record.sqsEndpoint,
    dynamodbEndpoint: record.dynamodbEndpoint,
    writes: record.writes,
    env: backendsEnvironment(record),
    leave: async () => {
      left = true;
      if (lease.destroyed) return;
      lease.ref().destroy();
      await once(lease, 'close');
    },
  };
}

/**
 * A host that is about to end gives no lease any more; one that lost the race to be the only one ends at once. Either
 * way the next round finds, or starts, another.
 */
async function joinHost(home: string, dynamodb: DynamoDBKind | undefined): Promise<Membership> {
  const until = Date.now() + JOIN_MS;
  let host: ChildProcess | undefined;
  while (Date.now() < until) {
    const record = readRecord(home);
    const lease = record && (await takeLease(record.controlPort, record.token));
    if (record && lease) {
      // Ours came second. Had it not even looked by the time the other ends, it would take over, for nobody.
      if (host && host.pid !== record.pid) host.kill();
      return { lease, record };
    }
    if (host?.exitCode || host?.signalCode)
      throw new CommandFailed(`the local backends did not start: ${lastLine(home)}`);
    if (host === undefined || host.exitCode === 0) host = startHost(home, dynamodb);
    await delay(50);
  }
  throw new CommandFailed(`the local backends did not start within ${JOIN_MS / 1_000} seconds: see ${logFile(home)}`);
}

/** Detached: it serves the other processes when this one is gone. */
function startHost(home: string, dynamodb: DynamoDBKind | undefined): ChildProcess {
  // Compiled, this file and the host end in .js.
  const program = fileURLToPath(new URL(`./host${extname(import.meta.url)}`, import.meta.url));
  const log = openSync(logFile(home), 'a');
  const host = spawn(process.execPath, [program, home, ...(dynamodb ? [dynamodb] : [])], {
    cwd: home,
    detached: true,
    stdio: ['ignore', log, log],
    windowsHide: true,
  });
  closeSync(log);
  host.unref();
  return host;
}

const logFile = (home: string): string => join(home, 'backends.log');

const lastLine = (home: string): string =>
  `${readFileSync(logFile(home), 'utf8').trim().split('\n').at(-1)} (${logFile(home)}; without ${home} all starts afresh)`;

const addresses = ({ sqsEndpoint, dynamodbEndpoint }: HostRecord): string => `${sqsEndpoint} ${dynamodbEndpoint}`;

/** Reads the value of ONEFOLD_LOCAL_DYNAMODB. */
export function kindFrom(value: string | undefined): DynamoDBKind | undefined {
  if (!value) return undefined;
  if (value === 'dynoxide' || value === 'dynalite') return value;
  throw new OperatorMistake(
    `ONEFOLD_LOCAL_DYNAMODB is ${value}`,
    'it may be dynoxide or dynalite; unset, --local takes dynoxide where it can',
  );
}

function requireEmulators(): void {
  try {
    import.meta.resolve('fauxqs');
  } catch {
    throw new OperatorMistake(
      '--local needs the embedded backends, and they are not installed',
      'they are development dependencies (npm ci without --omit=dev); without them set ONEFOLD_QUEUE_URL and AWS_ENDPOINT_URL_*',
    );
  }
}

function makeFolder(home: string): void {
  try {
    mkdirSync(home, { recursive: true });
    closeSync(openSync(logFile(home), 'a'));
  } catch (error) {
    throw new OperatorMistake(
      `the local backends cannot keep their files in ${home}: ${error instanceof Error ? error.message : error}`,
      'start in a folder that you may write to',
    );
  }
}
