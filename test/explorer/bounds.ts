import { type Scenario, scenario } from './scenario.ts';

export interface Bound {
  name: string;
  scenario: Scenario;
  /** Into which its schedules are shared out, so that no thread waits long for another. */
  pieces: number;
}

const bound = (name: string, ...given: Parameters<typeof scenario>): Bound => ({
  name,
  scenario: scenario(...given),
  pieces: 1,
});

/** Searched whole within ten seconds. */
export const SMALL: Bound[] = [
  bound('1 message, 1 crash, 1 lost answer', ['a1'], { crashes: 1, lost: 1 }),
  bound('1 message, 1 late request, 1 throttled', ['a1'], { late: 1, throttled: 1 }),
  bound('1 message, 2 crashes, 2 lost answers', ['a1'], { crashes: 2, lost: 2 }),
  bound('1 message, told to stop, time passes', ['a1'], { stops: 1, waits: 2, visibility: 'timed' }),
  bound('1 message, time runs out, 1 lost answer', ['a1'], { visibility: 'timed', lost: 1, redelivered: 1 }),
  bound('1 message in 2 deliveries', ['a1'], { workers: 2, redelivered: 1 }),
  bound('2 deliveries', ['a1', 'a1'], {}),
  bound('2 deliveries, 1 lost answer', ['a1', 'a1'], { lost: 1 }),
  bound('2 deliveries, 1 crash', ['a1', 'a1'], { crashes: 1 }),
  bound('2 deliveries, 1 late request', ['a1', 'a1'], { late: 1 }),
  bound('2 deliveries, 1 throttled', ['a1', 'a1'], { throttled: 1 }),
  bound('2 payloads', ['a1', 'a2'], {}),
  bound('2 payloads, 1 lost answer', ['a1', 'a2'], { lost: 1 }),
  bound('2 messages in one batch, 1 lost answer', ['a1', 'b1'], { receives: 'all', workers: 1, lost: 1 }),
  bound('2 messages in one batch, 1 throttled', ['a1', 'b1'], { receives: 'all', workers: 1, throttled: 1 }),
];

/** Searched whole in minutes, but the last, which may want more than the usual fifteen. */
export const LARGE: Bound[] = [
  bound('1 message in 3 deliveries', ['a1'], { workers: 3, redelivered: 2 }),
  bound('2 deliveries, 1 crash, 1 lost answer', ['a1', 'a1'], { crashes: 1, lost: 1 }),
  bound('  the same, single writes', ['a1', 'a1'], { crashes: 1, lost: 1, writes: 'single' }),
  bound('  the same, refusals that bring the old item', ['a1', 'a1'], { crashes: 1, lost: 1, writes: 'old' }),
  bound('2 payloads, 1 crash, 1 lost answer', ['a1', 'a2'], { crashes: 1, lost: 1 }),
  bound('2 messages in one batch, 1 crash, 1 lost', ['a1', 'b1'], { receives: 'all', crashes: 1, lost: 1 }),
  bound('2 deliveries, 1 crash, 1 late request', ['a1', 'a1'], { crashes: 1, late: 1 }),
  bound('3 deliveries', ['a1', 'a1', 'a1'], {}),
  bound('3 deliveries, 2 payloads', ['a1', 'a2', 'a1'], {}),
  bound('3 deliveries, 1 lost answer', ['a1', 'a1', 'a1'], { lost: 1 }),
  bound('3 deliveries, 1 crash', ['a1', 'a1', 'a1'], { crashes: 1 }),
].map(one => ({ ...one, pieces: 16 }));
