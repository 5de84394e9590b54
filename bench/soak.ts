import { setTimeout as delay } from 'node:timers/promises';
import type { Name } from './contenders/index.ts';
import type { OpenBench } from './open.ts';
import { createQueue, dropQueue } from './queue.ts';
import type { Workload } from './round.ts';
import { startService } from './service.ts';
import { median } from './statistics.ts';
import { createTables, dropTables, type Tally, tally } from './tables.ts';
import { startWorker } from './worker-process.ts';

const EVERY_SECONDS = 10;
const FINISH_MS = 60_000;

/** One line of the CSV: what happened in the ten seconds before `seconds`. */
export interface SoakPoint {
  seconds: number;
  messagesPerSecond: number;
  /** Resident memory, of all workers together. */
  rssMb: number;
  /** Messages sent that are not stored yet. */
  backlog: number;
}

export interface SoakReport {
  points: SoakPoint[];
  sent: number;
  tally: Tally;
}

/** Constant load on one contender; `onPoint` hears of each ten seconds. Ends early, with what it has, when told to. */
export async function soak(
  bench: OpenBench,
  contender: Name,
  workload: Workload,
  { minutes, rate, onPoint }: { minutes: number; rate: number; onPoint(point: SoakPoint): void },
): Promise<SoakReport> {
  const { sqs, dynamodb, signal } = bench;
  const tables = await createTables(dynamodb, contender);
  const queue = await createQueue(sqs);
  const env = {
    ONEFOLD_QUEUE_URL: queue.queueUrl,
    ONEFOLD_ADMIN_PORT: '0',
    ONEFOLD_IDEMPOTENCY_TABLE: tables.idempotencyTable,
    ONEFOLD_FEATURES_TABLE: tables.featuresTable,
  };
  const workers = Array.from({ length: workload.workers }, () =>
    startWorker(contender, env, { profile: bench.profile }),
  );
  const sum = (of: 'deleted' | 'rssMb') => workers.reduce((total, { progress }) => total + progress[of], 0);
  const pause = async (ms: number) => {
    const ended = workers.map(worker => worker.ended);
    await Promise.race([delay(ms, undefined, { signal }).catch(() => undefined), ...ended]);
  };
  for (const worker of workers) worker.go();
  const program = new URL('./producer.ts', import.meta.url);
  const producer = await startService(program, [queue.queueUrl, String(rate), String(workload.payloadBytes)]);

  try {
    const points: SoakPoint[] = [];
    const startedAt = Date.now();
    let last = { deleted: 0, at: startedAt };
    const everySeconds = Math.min(EVERY_SECONDS, minutes * 60);
    while (points.length < Math.round((minutes * 60) / everySeconds) && !signal.aborted) {
      await pause(startedAt + (points.length + 1) * everySeconds * 1_000 - Date.now());
      const [now, deleted, sent] = [Date.now(), sum('deleted'), Number(await producer.ask('sent'))];
      const point = {
        seconds: Math.round((now - startedAt) / 1_000),
        messagesPerSecond: Math.round((1_000 * (deleted - last.deleted)) / (now - last.at)),
        rssMb: Math.round(sum('rssMb') * 10) / 10,
        backlog: Math.max(0, sent - deleted),
      };
      last = { deleted, at: now };
      points.push(point);
      onPoint(point);
    }
    const sent = Number(await producer.ask('stop'));
    for (const until = Date.now() + FINISH_MS; sum('deleted') < sent && Date.now() < until; ) await delay(200);
    const ids = new Set(Array.from({ length: sent }, (_, i) => `feature-${i}`));
    return { points, sent, tally: await tally(dynamodb, tables, ids) };
  } finally {
    await producer.stop();
    await Promise.all(workers.map(worker => worker.stop()));
    await dropQueue(sqs, queue);
    await dropTables(dynamodb, tables);
  }
}

export function toCsv(points: SoakPoint[]): string {
  const lines = points.map(point => [point.seconds, point.messagesPerSecond, point.rssMb, point.backlog].join(','));
  return `${['seconds,messagesPerSecond,rssMb,backlog', ...lines].join('\n')}\n`;
}

/** The middle of the last third in proportion to the middle of the second: the first is warming up. */
export function driftOf(values: number[]): number {
  const third = Math.max(1, Math.floor(values.length / 3));
  return median(values.slice(-third)) / median(values.slice(-2 * third).slice(0, third));
}
