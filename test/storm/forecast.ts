import { seededRandom } from '../../src/demo/random.ts';

export type Target = 'store' | 'queue';
export type GustKind = 'throttling' | 'errors' | 'resets' | 'latency';

/** Some seconds in which one thing goes wrong far more often than it does all the time. */
export interface Gust {
  fromMs: number;
  toMs: number;
  target: Target;
  kind: GustKind;
}

/** The store takes no request: connections are broken, or answered with 503, or never answered. */
export interface Outage {
  fromMs: number;
  toMs: number;
  kind: 'resets' | 'errors' | 'silence';
}

/** Something done to a worker's process: SIGKILL, SIGSTOP for a while, or SIGTERM to all of them in turn. */
export interface Strike {
  atMs: number;
  kind: 'kill' | 'freeze' | 'rollout';
  /** Which of the workers, from 0 up to 1. */
  whom: number;
}

/** All times in ms since the storm began. */
export interface Forecast {
  lastsMs: number;
  outage: Outage;
  gusts: Gust[];
  strikes: Strike[];
}

const KILL_EVERY_MS = 5_000;
const GUST_EVERY_MS = 4_000;
const FREEZE_EVERY_MS = 20_000;
const ROLLOUT_EVERY_MS = 33_000;
/** A minute, but never more than this share of the storm: what is tried under load must have time to come. */
const OUTAGE_MS = 60_000;
const OUTAGE_SHARE = 0.6;

/** The storm's course, which is the same for the same seed: twenty kills take 100 seconds. */
export function forecast({ kills, seed }: { kills: number; seed: number }): Forecast {
  const random = seededRandom(seed ^ 0x5703); // other numbers than those of the messages
  const lastsMs = Math.max(2, kills) * KILL_EVERY_MS;
  const some = (everyMs: number) => Math.max(1, Math.round(lastsMs / everyMs));
  const many = <T>(count: number, make: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));
  const oneOf = <T>(first: T, ...rest: T[]): T => [first, ...rest][Math.floor(random() * (rest.length + 1))] ?? first;
  const strike = (kind: Strike['kind'], from: number, to: number): Strike => ({
    kind,
    atMs: Math.floor((from + random() * (to - from)) * lastsMs),
    whom: random(),
  });

  const outageMs = Math.min(OUTAGE_MS, OUTAGE_SHARE * lastsMs);
  const outageAt = Math.floor((0.1 + random() * 0.1) * lastsMs);
  return {
    lastsMs,
    outage: { fromMs: outageAt, toMs: outageAt + outageMs, kind: oneOf('resets', 'errors', 'silence') },
    gusts: many(some(GUST_EVERY_MS), () => {
      const fromMs = Math.floor(random() * lastsMs);
      return {
        fromMs,
        toMs: fromMs + 1_500 + Math.floor(random() * 2_500),
        target: oneOf('store', 'queue'),
        kind: oneOf('throttling', 'errors', 'resets', 'latency'),
      };
    }),
    strikes: [
      // A part of the time each, so that none comes too late to be felt.
      ...many(kills, i => strike('kill', i / kills, (i + 0.9) / kills)),
      ...many(some(FREEZE_EVERY_MS), () => strike('freeze', 0.05, 0.9)),
      ...many(some(ROLLOUT_EVERY_MS), () => strike('rollout', 0.05, 0.9)),
    ].sort((a, b) => a.atMs - b.atMs),
  };
}
