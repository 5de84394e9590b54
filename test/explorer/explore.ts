import { Worker } from 'node:worker_threads';
import type { Bound } from './bounds.ts';
import type { Counterexample } from './shortest.ts';
import type { Report, Task } from './thread.ts';

export interface Explored {
  /** Different schedules that were run to their end. */
  schedules: number;
  bounds: { name: string; schedules: number; complete: boolean }[];
  /** Different ones beyond those of the bounds. */
  random: number;
  found: Counterexample[];
}

const RANDOM_RUNS = 5_000;
/** Of all schedules at least a tenth are random ones, however many the bounds have. */
const RANDOM_SHARE = 0.1;

/**
 * Searches the bounds whole, then random schedules, until `schedules` different ones have been run, a tenth of them random,
 * or the time is up. What has begun is not cut short for it but by the time. A violation ends it.
 */
export async function explore({
  bounds,
  schedules,
  seed,
  threads,
  deadline,
  onProgress,
}: {
  bounds: Bound[];
  schedules: number;
  seed: number;
  threads: number;
  /** Milliseconds since the epoch. */
  deadline: number;
  onProgress(schedules: number): void;
}): Promise<Explored> {
  const seen = new Set<number>();
  const rows = bounds.map(({ name, pieces }) => ({ name, schedules: 0, pieces }));
  const found: Counterexample[] = [];
  let random = 0;
  const tasks = tasksOf(bounds, seed);

  const isOver = () => found.length > 0 || Date.now() >= deadline;
  const next = (): Task | undefined => {
    const task = isOver() ? undefined : tasks.next().value;
    const enough = seen.size >= schedules && random >= schedules * RANDOM_SHARE;
    return task?.kind === 'random' && enough ? undefined : task;
  };

  function take(task: Task, report: Report): void {
    const before = seen.size;
    for (const fingerprint of report.fingerprints) seen.add(fingerprint);
    const row = task.kind === 'whole' ? rows[task.bound] : undefined;
    if (row === undefined) random += seen.size - before;
    else {
      row.schedules += seen.size - before;
      if (report.done) row.pieces--;
    }
    if (report.found) found.push(report.found);
    onProgress(seen.size);
  }

  await Promise.all(Array.from({ length: threads }, () => work(next, take, isOver)));
  return {
    schedules: seen.size,
    bounds: rows.map(({ name, schedules, pieces }) => ({ name, schedules, complete: pieces === 0 })),
    random,
    found,
  };
}

function* tasksOf(bounds: Bound[], seed: number): Generator<Task, undefined> {
  for (const [bound, { scenario, pieces }] of bounds.entries()) {
    for (let index = 0; index < pieces; index++) yield { kind: 'whole', bound, scenario, share: { index, of: pieces } };
  }
  for (let chunk = 0; ; chunk++) yield { kind: 'random', seed: seed + chunk, runs: RANDOM_RUNS };
}

/** One thread, from its first task to its last. */
async function work(
  next: () => Task | undefined,
  take: (task: Task, report: Report) => void,
  isOver: () => boolean,
): Promise<void> {
  const thread = new Worker(new URL('./thread.ts', import.meta.url), {
    resourceLimits: { maxYoungGenerationSizeMb: 64 },
  });
  try {
    await new Promise<void>((resolve, reject) => {
      let task = next();
      if (task === undefined) return resolve();
      thread.on('message', (report: Report) => {
        take(task as Task, report);
        if (isOver()) return resolve();
        if (!report.done) return;
        task = next();
        if (task === undefined) return resolve();
        thread.postMessage(task);
      });
      thread.on('error', reject);
      thread.postMessage(task);
    });
  } finally {
    await thread.terminate();
  }
}
