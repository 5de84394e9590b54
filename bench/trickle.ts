import { setTimeout as delay } from 'node:timers/promises';
import type { Name } from './contenders/index.ts';
import { figuresOf, type Report, ratiosOf } from './figures.ts';
import type { OpenBench } from './open.ts';
import { bold, renderGrid, renderStored } from './print.ts';
import { createQueue, dropQueue, fillQueue, type Queue } from './queue.ts';
import type { Workload } from './round.ts';
import { stretchOf } from './statistics.ts';
import { createTables, dropTables, type Tables, tally } from './tables.ts';
import { startWorker, type WorkerProcess } from './worker-process.ts';

/** Not counted: the first messages open connections and load what the SDK loads late. */
const FIRST = 2;
const FINISH_MS = 30_000;

interface Lane {
  contender: Name;
  tables: Tables;
  queue: Queue;
  worker: WorkerProcess;
}

/**
 * Each contender gets one message a second, all in turn within the second, so that none shares the machine with
 * another's message: what does it add to a message's way that requests are meant to be shared?
 */
export async function trickle(
  bench: OpenBench,
  contenders: Name[],
  { payloadBytes }: Workload,
  { seconds, onProgress }: { seconds: number; onProgress(done: number): void },
): Promise<Report> {
  const { sqs, dynamodb, signal } = bench;
  const lanes: Lane[] = [];
  const count = seconds + FIRST;
  const ids = Array.from({ length: count }, (_, i) => `feature-${i}`);
  try {
    for (const contender of contenders) {
      const tables = await createTables(dynamodb, contender);
      const queue = await createQueue(sqs);
      const env = {
        ONEFOLD_QUEUE_URL: queue.queueUrl,
        ONEFOLD_ADMIN_PORT: '0',
        ONEFOLD_IDEMPOTENCY_TABLE: tables.idempotencyTable,
        ONEFOLD_FEATURES_TABLE: tables.featuresTable,
      };
      const worker = startWorker(contender, env, { runUp: FIRST, profile: bench.profile });
      lanes.push({ contender, tables, queue, worker });
      worker.go();
    }
    for (const [i, id] of ids.entries()) {
      for (const { queue, worker } of lanes) {
        await fillQueue(sqs, queue, [id], { payloadBytes });
        await Promise.race([delay(1_000 / lanes.length, undefined, { signal }), worker.ended]);
      }
      onProgress(i + 1);
    }
    const figures: Report['contenders'] = {};
    for (const { contender, tables, worker } of lanes) {
      const finishBy = Date.now() + FINISH_MS;
      while (worker.progress.deleted < count && Date.now() < finishBy) await delay(100, undefined, { signal });
      const { samples, latencies, peakRssMb } = await worker.report();
      figures[contender] = figuresOf({
        stretch: stretchOf([samples], FIRST, count),
        latencies: [latencies],
        peakRssMb,
        tally: await tally(dynamodb, tables, new Set(ids)),
      });
    }
    return { contenders: figures, ratios: ratiosOf(figures) };
  } finally {
    for (const { worker, queue, tables } of lanes) {
      await worker.stop();
      await dropQueue(sqs, queue);
      await dropTables(dynamodb, tables);
    }
  }
}

export function renderTrickle({ contenders }: Report): string {
  const rows = Object.entries(contenders).map(
    ([name, { latencyMsP50, latencyMsP99 }]): [string, ...(number | null)[]] => [name, latencyMsP50, latencyMsP99],
  );
  const [ours, theirs] = [contenders.onefold?.latencyMsP50, contenders['conditional-put']?.latencyMsP50];
  const added =
    typeof ours === 'number' && typeof theirs === 'number'
      ? [
          '',
          `onefold takes ${(ours - theirs).toFixed(1)} ms more than conditional-put (medians; less than 0 is quicker).`,
        ]
      : [];
  return [
    bold('Latency from receive to delete at one message a second, ms'),
    renderGrid(['p50', 'p99'], rows, 1),
    ...added,
    '',
    bold('What is stored'),
    renderStored(contenders),
  ].join('\n');
}
