import { setTimeout as delay } from 'node:timers/promises';

/**
 * Everything the worker asks of time. The explorer passes a virtual one, so that each wait is a decision it can take.
 */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Resolves after `ms`, or rejects with the signal's reason when it is aborted first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Runs `task` once what is already settled has been taken note of: after this turn's promises, before any timer. */
  soon(task: () => void): void;
}

export const systemClock: Clock = {
  now: Date.now,
  sleep: async (ms, signal) => {
    await delay(ms, undefined, signal ? { signal } : {}).catch(error => {
      throw signal?.reason ?? error;
    });
  },
  soon: setImmediate,
};
