import type { Clock } from '../clock.ts';
import { CommandFailed } from '../errors.ts';
import type { Screen } from './screen.ts';
import type { Stack } from './stack.ts';
import { countItems, countMessages } from './truth.ts';
import type { WorkerProcess } from './worker-process.ts';

const LOOK_EVERY_MS = 100;
/** Several times the visibility, after which the killed worker's messages come back. */
const PATIENCE_MS = 60_000;

export interface Sight {
  /** Messages. */
  sent: number;
  /** Items in the features table. */
  stored: number;
  workers: number;
  /** Messages in the queue, held ones included. */
  waiting: number;
}

/**
 * Looks at everything every tenth of a second, and shows it, until it is `so`.
 * @returns the last sight, or undefined when nothing has changed for a minute
 */
export type WatchUntil = (so: (now: Sight) => boolean) => Promise<Sight | undefined>;

export function createWatch(on: {
  stack: Stack;
  running: ReadonlySet<WorkerProcess>;
  sent: () => number;
  screen: Screen;
  clock: Clock;
  /** Ends the watch: it rejects. */
  signal: AbortSignal;
}): WatchUntil {
  const { stack, running, screen, clock, signal } = on;

  async function look(): Promise<Sight> {
    const { visible, hidden } = await countMessages(stack.sqs, stack.queueUrl);
    const stored = await countItems(stack.dynamodb, stack.names.featuresTable);
    // Last, since whoever looks decides by what a worker holds now.
    await Promise.all([...running].map(worker => worker.ask()));
    return { sent: on.sent(), stored, workers: running.size, waiting: visible + hidden };
  }

  return async so => {
    let last = '';
    let movedAt = clock.now();
    while (clock.now() - movedAt < PATIENCE_MS) {
      const now = await look();
      screen.reached(now);
      if (so(now)) return now;
      if (JSON.stringify(now) !== last) movedAt = clock.now();
      last = JSON.stringify(now);
      await clock.sleep(LOOK_EVERY_MS, signal);
    }
    return undefined;
  };
}

export const stoodStill = (what: string): CommandFailed =>
  new CommandFailed(`${what}: nothing has moved for ${PATIENCE_MS / 1000} seconds`);
