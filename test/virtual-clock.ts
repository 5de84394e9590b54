import type { Clock } from '../src/clock.ts';

export interface VirtualClock extends Clock {
  /** Lets `ms` pass: every sleep that ends within them ends, in order, and what it wakes runs before the next one. */
  advance(ms: number): Promise<void>;
  /** How many sleep: what is left behind keeps a process alive. */
  sleepers(): number;
}

interface Sleeper {
  at: number;
  wake(): void;
}

export function createVirtualClock(start = Date.UTC(2026, 0, 1)): VirtualClock {
  let now = start;
  const sleepers = new Set<Sleeper>();

  return {
    now: () => now,
    soon: setImmediate,
    sleepers: () => sleepers.size,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const onAbort = () => {
          sleepers.delete(sleeper);
          reject(signal?.reason);
        };
        const sleeper: Sleeper = {
          at: now + ms,
          wake: () => {
            sleepers.delete(sleeper);
            signal?.removeEventListener('abort', onAbort);
            resolve();
          },
        };
        signal?.addEventListener('abort', onAbort);
        sleepers.add(sleeper);
      }),
    advance: async ms => {
      const until = now + ms;
      await settled();
      for (;;) {
        const [next] = [...sleepers].filter(({ at }) => at <= until).sort((a, b) => a.at - b.at);
        if (!next) break;
        now = Math.max(now, next.at);
        next.wake();
        await settled();
      }
      now = until;
    },
  };
}

/** Everything that promises and `soon` alone can do has happened. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise(resolve => setImmediate(resolve));
}
