import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nanoid } from 'nanoid';
import { systemClock as clock } from '../../src/clock.ts';
import { handle } from '../../src/pipeline/handle.ts';
import { createDynamoDBStore } from '../../src/store/dynamodb.ts';
import {
  anyQueue,
  anyStore,
  freshQueue,
  freshTables,
  type TestQueue,
  type TestTables,
  workerEnv,
} from '../backends.ts';
import { onefold, startOnefold } from '../command.ts';
import { counts } from '../stored.ts';

/** Queues and tables of a test's own, and the commands on them, as processes. */
export interface CommandStage {
  tables: TestTables;
  queue: TestQueue;
  env: Record<string, string>;
  folder: string;
  dlq(...args: string[]): ReturnType<typeof onefold>;
  start(...args: string[]): ReturnType<typeof startOnefold>;
  /** With its checkpoint in the test's folder. */
  replay(...args: string[]): ReturnType<typeof onefold>;
  deadLetters(): ReturnType<typeof counts>;
  /** Stores a feature as a worker does, but receives nothing: a worker's last long poll would hide what comes next. */
  store(body: string): Promise<void>;
  strike(): void;
}

export async function createCommandStage(options: Parameters<typeof freshQueue>[1] = {}): Promise<CommandStage> {
  const tables = await freshTables(anyStore());
  const queue = await freshQueue(anyQueue(), options);
  const env = workerEnv(tables, queue);
  const folder = mkdtempSync(join(tmpdir(), 'onefold-dlq-'));
  const { dynamodb: client, writes, idempotencyTable, featuresTable } = tables;
  const names = { idempotencyTable, featuresTable };
  const store = createDynamoDBStore({ client, names, writes, clock, random: Math.random });
  const dlq = (...args: string[]) => onefold(['dlq', ...args], env);
  return {
    tables,
    queue,
    env,
    folder,
    dlq,
    start: (...args) => startOnefold(['dlq', ...args], env),
    replay: (...args) => dlq('replay', '--checkpoint', join(folder, 'checkpoint'), ...args),
    deadLetters: () => counts(queue, queue.deadLetterQueueUrl),
    store: async body => {
      const sentAt = new Date().toISOString();
      const delivery = { messageId: '', receiptHandle: '', body, attributes: {}, receiveCount: 1, sentAt };
      await handle(delivery, { store, mint: nanoid, now: clock.now });
    },
    strike: () => rmSync(folder, { recursive: true }),
  };
}

/** One object a line. */
// biome-ignore lint/suspicious/noExplicitAny: each test knows what it asked for
export const objectsIn = (out: string): any[] =>
  out
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line));
