import type { Clock } from '../../src/clock.ts';
import type { Project } from './project.ts';

const LOOK_AGAIN_MS = 1_000;

/**
 * Reads from the workers' logs, until `signal` is aborted, how often each message had to be received: at level debug
 * they name every message that they settle. What a killed worker received counts too: the next one sees a higher number.
 * @returns the number of receives by message id
 */
export function followReceives(on: {
  project: Project;
  clock: Clock;
  signal: AbortSignal;
}): ReadonlyMap<string, number> {
  const { project, clock, signal } = on;
  const counts = new Map<string, number>();

  function note(line: string): void {
    if (!line.includes('"receiveCount"')) return;
    try {
      const { messageId, receiveCount } = JSON.parse(line) as { messageId: string; receiveCount: number };
      counts.set(messageId, Math.max(receiveCount, counts.get(messageId) ?? 0));
    } catch {
      // Half a line: its worker was killed while it wrote.
    }
  }

  async function follow(): Promise<void> {
    // It ends when all workers are stopped, and then begins anew, with all they have said so far.
    while (!signal.aborted) {
      await project.follow('worker', note, signal);
      await clock.sleep(LOOK_AGAIN_MS, signal).catch(() => undefined);
    }
  }

  void follow();
  return counts;
}
