import type { Clock } from '../clock.ts';
import type { Answer, Trouble } from './answer.ts';
import type { StoreHealth } from './health.ts';
import { StoreFailure } from './port.ts';

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 2_000;
/**
 * Longer than an outage takes to be seen (ten seconds and one request's time-out), so that an outage ends in
 * StoreUnavailable, which charges no message. The heartbeat keeps the message meanwhile.
 */
const PATIENCE_MS = 20_000;

export interface Persistence {
  health: StoreHealth;
  clock: Clock;
  /** From 0 up to 1. */
  random: () => number;
}

/**
 * Asks until it is answered: what passes by itself is asked again with full jitter.
 * `uncertain` says that an earlier attempt got no answer, and may have been applied.
 * @throws StoreFailure when this item was refused, or nothing helped for 20 seconds
 * @throws StoreUnavailable when the store is down, or everything is refused
 */
export async function askUntilAnswered<T>(
  ask: () => Promise<Answer<T>>,
  persistence: Persistence,
): Promise<{ value: T; uncertain: boolean }> {
  const { health, clock } = persistence;
  health.assertAvailable();
  const since = clock.now();
  const answer = await ask();
  // Nearly always. What follows is a function of its own, since every item in flight holds all that this one declares.
  if (answer.kind !== 'answered') return askAgain(ask, { answer, since }, persistence);
  health.succeeded();
  return { value: answer.value, uncertain: false };
}

async function askAgain<T>(
  ask: () => Promise<Answer<T>>,
  first: { answer: Trouble; since: number },
  { health, clock, random }: Persistence,
): Promise<{ value: T; uncertain: true }> {
  const giveUpAt = first.since + PATIENCE_MS;
  let { answer: trouble, since } = first;
  for (let attempts = 1; ; attempts++) {
    const { name, message } = trouble.error;
    if (trouble.kind === 'refused') {
      await health.verify(trouble.error);
      throw new StoreFailure(`refused: ${name}: ${message}`, { cause: trouble.error });
    }
    health.troubled(trouble.error, since);
    const pause = random() * Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (attempts - 1));
    if (clock.now() + pause > giveUpAt) {
      throw new StoreFailure(`no answer after ${attempts} attempts: ${name}: ${message}`, { cause: trouble.error });
    }
    await health.sleep(pause);
    health.assertAvailable();
    since = clock.now();
    const answer = await ask();
    if (answer.kind === 'answered') {
      health.succeeded();
      return { value: answer.value, uncertain: true };
    }
    trouble = answer;
  }
}
