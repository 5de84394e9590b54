import type { Clock } from './clock.ts';
import { BackendUnreachable, CommandFailed } from './errors.ts';

const LOOK_EVERY_MS = 500;
const SAY_EVERY_MS = 3_000;

/**
 * Tries until the backends answer, saying every few seconds what it waits for.
 * @throws CommandFailed after `seconds`
 */
export async function waitFor<T>(
  attempt: () => Promise<T>,
  { seconds, say, clock }: { seconds: number; say: (what: string) => void; clock: Clock },
): Promise<T> {
  const giveUpAt = clock.now() + seconds * 1000;
  let sayAt = clock.now();
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof BackendUnreachable)) throw error;
      const cause = error.cause instanceof Error ? ` (${error.cause.name}: ${error.cause.message})` : '';
      if (clock.now() >= giveUpAt) throw new CommandFailed(`gave up after ${seconds} s: ${error.message}${cause}`);
      if (clock.now() >= sayAt) {
        say(`waiting: ${error.message}${cause}`);
        sayAt = clock.now() + SAY_EVERY_MS;
      }
      await clock.sleep(Math.min(LOOK_EVERY_MS, Math.max(giveUpAt - clock.now(), 0)));
    }
  }
}
