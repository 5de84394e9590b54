/** What one worker process had done by a moment. */
export interface Sample {
  /** Microseconds of the machine's monotonic clock, which all its processes share. */
  at: number;
  /** Messages whose deletion was answered. */
  deleted: number;
  /** User and system time of the process, in microseconds. */
  cpu: number;
  dynamodbRequests: number;
  sqsRequests: number;
}

/** What all workers together did in a while. */
export type Stretch = Record<'seconds' | 'deleted' | 'cpu' | 'dynamodbRequests' | 'sqsRequests', number>;

export function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/**
 * What the workers did while their common count of deleted messages went from `from` to `to`. When the samples are too
 * few to tell, the whole run.
 */
export function stretchOf(workers: Sample[][], from: number, to: number): Stretch {
  const moments = workers.flatMap(samples => samples.map(({ at }) => at)).sort((a, b) => a - b);
  const first = moments[0] ?? 0;
  const last = moments.at(-1) ?? 0;
  const deletedAt = (at: number) => sum(workers.map(samples => stateAt(samples, at).deleted));
  let start = moments.find(at => deletedAt(at) >= from) ?? first;
  let end = moments.find(at => deletedAt(at) >= to) ?? last;
  if (end <= start) [start, end] = [first, last];
  const over = (figure: keyof Sample) =>
    sum(workers.map(samples => stateAt(samples, end)[figure] - stateAt(samples, start)[figure]));
  return {
    seconds: (end - start) / 1e6,
    deleted: over('deleted'),
    cpu: over('cpu'),
    dynamodbRequests: over('dynamodbRequests'),
    sqsRequests: over('sqsRequests'),
  };
}

/** Between two samples everything grows evenly. */
function stateAt(samples: Sample[], at: number): Sample {
  const after = samples.find(sample => sample.at >= at);
  const before = samples.findLast(sample => sample.at <= at);
  if (!after || !before) return after ?? before ?? { at, deleted: 0, cpu: 0, dynamodbRequests: 0, sqsRequests: 0 };
  const share = after.at === before.at ? 0 : (at - before.at) / (after.at - before.at);
  const between = (figure: keyof Sample) => before[figure] + share * (after[figure] - before[figure]);
  return {
    at,
    deleted: between('deleted'),
    cpu: between('cpu'),
    dynamodbRequests: between('dynamodbRequests'),
    sqsRequests: between('sqsRequests'),
  };
}

const sum = (values: number[]): number => values.reduce((total, value) => total + value, 0);

/** Durations counted in buckets 1 % wide: of a bounded size however many there are, and those of several workers add up. */
export type Durations = Record<number, number>;

const BUCKET = Math.log(1.01);

export function countDuration(durations: Durations, ms: number): void {
  const bucket = Math.round(Math.log(Math.max(ms, 0.001)) / BUCKET);
  durations[bucket] = (durations[bucket] ?? 0) + 1;
}

/** @returns milliseconds, to 1 %; NaN when nothing was counted */
export function percentile(workers: Durations[], percent: number): number {
  const counts = new Map<number, number>();
  for (const durations of workers) {
    for (const [bucket, count] of Object.entries(durations)) {
      counts.set(Number(bucket), (counts.get(Number(bucket)) ?? 0) + count);
    }
  }
  let left = (sum([...counts.values()]) * percent) / 100;
  for (const [bucket, count] of [...counts].sort(([a], [b]) => a - b)) {
    left -= count;
    if (left <= 0) return Math.exp(bucket * BUCKET);
  }
  return Number.NaN;
}
