import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { onFreePort } from './free-port.ts';

/** It answers within milliseconds; this is for a machine with no time to spare. */
const START_MS = 10_000;
const STOP_MS = 2_000;

/**
 * Runs a command, and ends it when standard input closes: the system closes that pipe for us even when we are killed
 * with SIGKILL, so no dynoxide outlives its owner.
 */
const LEASHED = `
exec 3<&0
"$@" 3<&- & child=$!
{ read -r _ <&3; kill "$child"; } &
wait "$child"; code=$?
kill $! 2>/dev/null
exit "$code"`;

export interface DynamoDBEmulator {
  endpoint: string;
  stop(): Promise<void>;
  /** Settles with the reason when it ended although nobody stopped it. */
  lost?: Promise<string>;
}

/** The binary of the npm package for this platform, else `dynoxide` on the PATH, else undefined. */
export function findDynoxide(path = process.env.PATH ?? ''): string | undefined {
  // The leash is a shell.
  if (process.platform === 'win32') return undefined;
  return [packaged(), ...path.split(delimiter).map(directory => join(directory, 'dynoxide'))].find(isExecutable);
}

/** In memory unless `file` names its database. Every write is synced to disk (SQLite in WAL mode, synchronous=FULL). */
export function startDynoxide(options: { binary: string; file?: string; port?: number }): Promise<DynamoDBEmulator> {
  return onFreePort(options.port, port => run(options.binary, port, options.file));
}

async function run(binary: string, port: number, file: string | undefined): Promise<DynamoDBEmulator> {
  const args = ['--host', '127.0.0.1', '--port', String(port), ...(file ? ['--db-path', file] : [])];
  const child = spawn('/bin/sh', ['-c', LEASHED, 'dynoxide', binary, ...args], {
    stdio: ['pipe', 'ignore', 'pipe'],
    // A group of its own: Ctrl-C at the terminal is for the workers, which drain into this store.
    detached: true,
  });
  // A shell that cannot be started shows in `exited` as well.
  child.stdin.on('error', () => {});
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-2_000);
  });
  let stopping = false;
  const exited = new Promise<string>(resolve => {
    child.once('error', error => resolve(`dynoxide did not start: ${error.message}`));
    child.once('close', (code, signal) => resolve(`dynoxide ended (${signal ?? code}): ${complaint.trim()}`));
  });

  const stop = async (): Promise<void> => {
    stopping = true;
    child.stdin.end();
    const late = setTimeout(() => killGroup(child), STOP_MS);
    await exited;
    clearTimeout(late);
  };

  const endpoint = `http://127.0.0.1:${port}`;
  const failure = await untilReady(endpoint, child, exited);
  if (failure !== undefined) {
    await stop();
    throw new Error(failure);
  }
  return { endpoint, stop, lost: exited.then(reason => (stopping ? new Promise<never>(() => {}) : reason)) };
}

/** Undefined once the endpoint answers, else what to complain of. */
async function untilReady(endpoint: string, child: ChildProcess, exited: Promise<string>): Promise<string | undefined> {
  const signal = AbortSignal.timeout(START_MS);
  while (!signal.aborted) {
    if (child.exitCode !== null || child.signalCode !== null) return exited;
    const response = await fetch(endpoint, { signal }).catch(() => undefined);
    await response?.body?.cancel();
    if (response?.ok) return undefined;
    await delay(20);
  }
  return `dynoxide did not answer on ${endpoint} within ${START_MS / 1_000} seconds`;
}

function killGroup({ pid }: ChildProcess): void {
  try {
    if (pid) process.kill(-pid, 'SIGKILL');
  } catch {
    // It ended by itself at this very moment.
  }
}

function packaged(): string {
  try {
    return createRequire(import.meta.url).resolve(`@dynoxide/${process.platform}-${process.arch}/dynoxide`);
  } catch {
    return '';
  }
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
