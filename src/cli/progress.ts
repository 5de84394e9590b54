import { SingleBar } from 'cli-progress';

export interface Progress {
  reached(count: number): void;
  /** May be called twice. */
  stop(): void;
}

/**
 * A bar on standard error when that is a terminal, and silence elsewhere.
 * @param total leave it out when nobody knows: then only a count is shown
 */
export function startProgress(unit: string, total?: number): Progress {
  if (!process.stderr.isTTY) return { reached: () => {}, stop: () => {} };
  const format = total === undefined ? `  {value} ${unit}` : `  {bar} {value} of {total} ${unit}, {eta_formatted} left`;
  const bar = new SingleBar({ format, stream: process.stderr, clearOnComplete: true, hideCursor: true, barsize: 30 });
  bar.start(total ?? 0, 0);
  return { reached: count => bar.update(count), stop: () => bar.stop() };
}
