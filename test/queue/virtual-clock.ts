import type { Clock } from '../../src/clock.ts';

/** Time that passes only when a test says so. */
export interface VirtualClock extends Clock {
  /** Lets `ms` pass, waking each sleeper at its time, and what follows from it before the next. */
  advance(ms: number): Promise<void>;
  /** How many sleep. */
  sleepers(): number;
}

export function virtualClock(startAt = Date.UTC(2026, 0, 1)): VirtualClock {
  let now = startAt;
  let sleeping: { at: number; wake: () => void }[] = [];

  /** Promises, and what they put off with `soon`, have done all they can without time passing. */
  async function quiet(): Promise<void> {
    for (let turn = 0; turn < 10; turn++) await new Promise(resolve => setImmediate(resolve));
  }

  return {
    now: () => now,
    soon: setImmediate,
    sleepers: () => sleeping.length,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const sleeper = { at: now + ms, wake: resolve };
        sleeping.push(sleeper);
        signal?.addEventListener('abort', () => {
          sleeping = sleeping.filter(one => one !== sleeper);
          reject(signal.reason);
        });
      }),
    advance: async ms => {
      const until = now + ms;
      await quiet();
      for (;;) {
        const next = sleeping.toSorted((a, b) => a.at - b.at)[0];
        if (next === undefined || next.at > until) break;
        sleeping = sleeping.filter(one => one !== next);
        now = Math.max(now, next.at);
        next.wake();
        await quiet();
      }
      now = until;
    },
  };
}
