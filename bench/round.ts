import { setTimeout as delay } from 'node:timers/promises';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { CommandFailed } from '../src/errors.ts';
import type { Name } from './contenders/index.ts';
import { messageIds } from './features.ts';
import { type Figures, figuresOf } from './figures.ts';
import { createQueue, dropQueue, fillQueue, type Queue, receiveAllOnce, remaining } from './queue.ts';
import { stretchOf } from './statistics.ts';
import { createTables, dropTables, type Tables, type Tally, tally } from './tables.ts';
import { startWorker } from './worker-process.ts';

/** A round is measured between these fractions of its messages: before, V8 warms up; after, the queue runs dry. */
export const MEASURED = { from: 0.2, to: 0.95 };
const LOOK_EVERY_MS = 100;
const NOT_COUNTED: Tally = { stored: 0, storedTwice: 0, lost: 0 };
/** Longer than a visibility timeout, after which the messages of a worker in trouble come again. */
const STALLED_MS = 90_000;

export interface Workload {
  messages: number;
  /** The fraction of messages that are copies of earlier ones. */
  duplicates: number;
  payloadBytes: number;
  /** Worker processes. */
  workers: number;
  /** Measure messages that were all stored before, and come again. */
  redelivered: boolean;
}

export interface Bench {
  sqs: SQSClient;
  dynamodb: DynamoDBClient;
  /** Where each worker writes its CPU profile. */
  profile?: string | undefined;
  signal: AbortSignal;
}

export interface RoundOptions {
  /** What the workers get beside the queue and the tables. */
  env?: Record<string, string>;
  /** Filled ones, which stay, and are counted by whom they belong to; without, fresh ones, dropped at the end. */
  tables?: Tables;
  /** What the client ids begin with. */
  prefix?: string;
  /** Called when the workers have started and before they receive. */
  onStart?: () => Promise<unknown>;
  /** Gets the messages deleted so far. */
  onProgress?: (deleted: number) => void;
}

/**
 * One round of one contender: a queue filled before the clock starts, tables of its own, workers until the queue is
 * empty, and a count of what is stored.
 */
export async function runRound(
  bench: Bench,
  contender: Name,
  workload: Workload,
  options: RoundOptions = {},
): Promise<Figures> {
  const { sqs, dynamodb } = bench;
  const ids = messageIds(workload.messages, workload.duplicates, options.prefix ?? 'feature-');
  const tables = options.tables ?? (await createTables(dynamodb, contender));
  const env = {
    ...options.env,
    ONEFOLD_IDEMPOTENCY_TABLE: tables.idempotencyTable,
    ONEFOLD_FEATURES_TABLE: tables.featuresTable,
  };
  const fill = (queue: Queue) => fillQueue(sqs, queue, ids, { ...workload, signal: bench.signal });
  try {
    if (workload.redelivered) {
      await withQueue(sqs, fill, queue => workThrough(bench, contender, workload, queue, { env }));
    }
    const figures = await withQueue(sqs, fill, async queue => {
      if (workload.redelivered) await receiveAllOnce(sqs, queue, ids.length);
      return workThrough(bench, contender, workload, queue, { ...options, env });
    });
    const counted = options.tables ? NOT_COUNTED : await tally(dynamodb, tables, new Set(ids));
    return figuresOf({ ...figures, tally: counted });
  } finally {
    if (!options.tables) await dropTables(dynamodb, tables);
  }
}

async function withQueue<T>(
  sqs: SQSClient,
  fill: (queue: Queue) => Promise<void>,
  work: (queue: Queue) => Promise<T>,
): Promise<T> {
  const queue = await createQueue(sqs);
  try {
    await fill(queue);
    return await work(queue);
  } finally {
    await dropQueue(sqs, queue);
  }
}

async function workThrough(
  bench: Bench,
  contender: Name,
  { messages, workers: count }: Workload,
  queue: Queue,
  { env: given = {}, onStart, onProgress }: RoundOptions,
) {
  const [from, to] = [Math.floor(messages * MEASURED.from), Math.ceil(messages * MEASURED.to)];
  const env = { ...given, ONEFOLD_QUEUE_URL: queue.queueUrl, ONEFOLD_ADMIN_PORT: '0' };
  const workers = Array.from({ length: count }, () =>
    startWorker(contender, env, { runUp: Math.floor(from / count), profile: bench.profile }),
  );
  const deleted = () => workers.reduce((sum, { progress }) => sum + progress.deleted, 0);
  const ended = Promise.race(workers.map(worker => worker.ended));
  const look = () => Promise.race([delay(LOOK_EVERY_MS, undefined, { signal: bench.signal }), ended]);
  try {
    while (!workers.every(({ progress }) => progress.ready)) await look();
    await onStart?.();
    for (const worker of workers) worker.go();
    let last = { deleted: 0, at: Date.now() };
    while (deleted() < messages || (await remaining(bench.sqs, queue)) > 0) {
      await look();
      if (deleted() > last.deleted) last = { deleted: deleted(), at: Date.now() };
      if (Date.now() - last.at > STALLED_MS) {
        throw new CommandFailed(`${contender} deleted no message for ${STALLED_MS / 1000} seconds`);
      }
      onProgress?.(Math.min(last.deleted, messages));
    }
    const reports = await Promise.all(workers.map(worker => worker.report()));
    return {
      stretch: stretchOf(
        reports.map(({ samples }) => samples),
        from,
        to,
      ),
      latencies: reports.map(({ latencies }) => latencies),
      peakRssMb: Math.max(...reports.map(({ peakRssMb }) => peakRssMb)),
    };
  } finally {
    await Promise.all(workers.map(worker => worker.stop()));
  }
}
