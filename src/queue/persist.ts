import type { Clock } from '../clock.ts';
import { isTransient } from './transient.ts';

const ATTEMPTS = 5;
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 5_000;

export interface Persistence {
  clock: Clock;
  /** From 0 up to 1. */
  random: () => number;
}

/** A pause of random(0, 200 · 2^n) milliseconds, at most `longestMs`: full jitter, so that many do not return at once. */
export function jitter(n: number, longestMs: number, random: () => number): number {
  return random() * Math.min(longestMs, FIRST_PAUSE_MS * 2 ** n);
}

/**
 * Asks five times in all when the failure may pass: within about six seconds, well inside a message's visibility time.
 * @throws the last error, or the first that will not pass
 */
export async function persist<T>(attempt: () => Promise<T>, { clock, random }: Persistence): Promise<T> {
  for (let n = 0; ; n++) {
    try {
      return await attempt();
    } catch (error) {
      if (n + 1 === ATTEMPTS || !isTransient(error)) throw error;
      await clock.sleep(jitter(n, LONGEST_PAUSE_MS, random));
    }
  }
}
