import type { Clock } from '../clock.ts';
import type { Answer } from './answer.ts';
import type { StoreHealth } from './health.ts';
import { StoreFailure } from './port.ts';

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 2_000;
/**
 * Longer than an outage takes to be seen (ten seconds and one request's time-out), so that an outage ends in
 * StoreUnavailable, which charges no message. The heartbeat keeps the message meanwhile.
 */
const PATIENCE_MS = 20_000;

/**
 * Asks until it is answered: what passes by itself is asked again with full jitter.
 * `uncertain` says that an earlier attempt got no answer, and may have been applied.
 * @throws StoreFailure when this item was refused, or nothing helped for 20 seconds
 * @throws StoreUnavailable when the store is down, or everything is refused
 */
export async function askUntilAnswered<T>(
  ask: () => Promise<Answer<T>>,
  { health, clock, random }: { health: StoreHealth; clock: Clock; random: () => number },
): Promise<{ value: T; uncertain: boolean }> {
  const giveUpAt = clock.now() + PATIENCE_MS;
  for (let attempt = 0; ; attempt++) {
    health.assertAvailable();
    const since = clock.now();
    const answer = await ask();
    switch (answer.kind) {
      case 'answered':
        health.succeeded();
        return { value: answer.value, uncertain: attempt > 0 };
      case 'refused':
        await health.verify(answer.error);
        throw new StoreFailure(`refused: ${answer.error.name}: ${answer.error.message}`, { cause: answer.error });
      case 'transient': {
        health.troubled(answer.error, since);
        const pause = random() * Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** attempt);
        if (clock.now() + pause > giveUpAt) {
          const { name, message } = answer.error;
          throw new StoreFailure(`no answer after ${attempt + 1} attempts: ${name}: ${message}`, {
            cause: answer.error,
          });
        }
        await health.sleep(pause);
      }
    }
  }
}
