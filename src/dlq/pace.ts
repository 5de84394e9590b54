import type { Clock } from '../clock.ts';

/** Messages waiting in the source queue beyond which a replay would make live ones wait. */
export const BACKLOG = 5_000;
/** Messages a second without --rate: more than one process sends. */
const FASTEST = 2_000;
const SLOWEST = 10;
const LOOK_EVERY_MS = 1_000;

/** Why a replay sends more slowly than it may. */
export type Slowed = 'backlog' | 'throttled';

/** How fast a replay may send. */
export interface Pace {
  /** Resolves when the next message may leave; rejects with the signal's reason. */
  turn(): Promise<void>;
  /** SQS throttled or failed. */
  trouble(): void;
  /** Messages a second now. */
  readonly rate: number;
  readonly slowed: Slowed | undefined;
}

/**
 * Halves the rate, once a second at most, while SQS throttles or more than 5,000 messages wait in the source queue, and
 * doubles it again when that is over. Never below ten a second, or `ceiling` when that is less.
 * @param options.ceiling messages a second
 * @param options.backlog how many messages wait in the source queue
 */
export function createPace(options: {
  ceiling?: number | undefined;
  backlog: () => Promise<number>;
  clock: Clock;
  signal: AbortSignal;
}): Pace {
  const { ceiling = FASTEST, backlog, clock, signal } = options;
  const slowest = Math.min(ceiling, SLOWEST);
  let rate = ceiling;
  let next = clock.now();
  let lookAt = clock.now();
  let troubled = false;
  let slowed: Slowed | undefined;

  async function look(): Promise<void> {
    const waiting = await backlog().catch(() => 0);
    if (waiting > BACKLOG) slowed = 'backlog';
    else if (troubled) slowed = 'throttled';
    else slowed = undefined;
    troubled = false;
    rate = slowed ? Math.max(slowest, rate / 2) : Math.min(ceiling, rate * 2);
  }

  return {
    turn: async () => {
      const now = clock.now();
      if (now >= lookAt) {
        lookAt = now + LOOK_EVERY_MS;
        void look();
      }
      const at = Math.max(next, now);
      next = at + 1_000 / rate;
      if (at > now) await clock.sleep(at - now, signal);
      signal.throwIfAborted();
    },
    trouble: () => {
      troubled = true;
    },
    get rate() {
      return rate;
    },
    get slowed() {
      return slowed;
    },
  };
}
