import type { Clock } from '../../src/clock.ts';
import { scaleTo } from './faults.ts';
import type { Project } from './project.ts';

/** What `onefold dlq` did with the letters that the faults and the feed have left. */
export interface DeadLetters {
  letters: number;
  corrected: number;
  resolved: number;
  /** By SQS's own redrive, to the source queue, where they stay: no worker is running. */
  moved: number;
}

/** LocalStack does not notice that a worker is gone: its last long polls, of 20 s, still take what is sent meanwhile. */
const LAST_POLLS_MS = 21_000;

type Counts = Record<string, number | undefined>;

/**
 * From the alarm to an empty dead-letter queue with the project's own image: look, try, correct, resolve, move the rest.
 * @param options.parked distinct messages by reason, as the audit found them
 * @param options.stoppedAt when all workers were stopped
 * @returns what happened, and what did not agree
 */
export async function triage(options: {
  project: Project;
  parked: { invalid: number; conflict: number };
  stoppedAt: number;
  say: (line: string) => void;
  clock: Clock;
  signal: AbortSignal;
}): Promise<{ deadLetters: DeadLetters; faults: string[] }> {
  const { project, parked, stoppedAt, say, clock, signal } = options;
  const faults: string[] = [];

  /** Its last object. */
  async function dlq(...args: string[]) {
    const out = await project.compose('run', '--rm', '--no-deps', '-T', 'worker', 'dlq', ...args, '--json');
    return JSON.parse(out.trimEnd().split('\n').at(-1) ?? '');
  }

  function check(what: string, found: Counts, expected: Counts): void {
    for (const [name, count] of Object.entries(expected)) {
      if (found[name] !== count) faults.push(`${what}: ${name} is ${found[name]}, not ${count}`);
    }
  }

  say('dead letters: summary, and a replay on trial');
  const { invalid, conflict, exhausted } = (await dlq('summary')).reasons;
  check('dlq summary', { exhausted }, { exhausted: 0 });
  // A worker that was killed between parking and deleting leaves a message there twice, and the audit counts it once.
  if (invalid < parked.invalid) faults.push(`dlq summary: invalid is ${invalid}, and ${parked.invalid} are parked`);
  if (conflict < parked.conflict)
    faults.push(`dlq summary: conflict is ${conflict}, and ${parked.conflict} are parked`);
  const letters = invalid + conflict;
  const judged = { examined: letters, stillInvalid: invalid, stillConflict: conflict, sent: 0, deleted: 0, failed: 0 };
  check('dlq replay', await dlq('replay'), { ...judged, left: letters });

  say('conflicts resolved');
  const resolution = await dlq('resolve', '--accept', 'stored', '--yes');
  check('dlq resolve', resolution, { conflicts: conflict, deleted: conflict, failed: 0 });

  say('a correction, deleted when a worker has stored it');
  await scaleTo(project, 1);
  await clock.sleep(Math.max(stoppedAt + LAST_POLLS_MS - clock.now(), 0), signal);
  const patch = '{"clientFeatureId":"corrected","priority":null}';
  const correction = await dlq('replay', '--match', '"priority"', '--edit', patch, '--verify', '--yes');
  const corrected: number = correction.deleted;
  check('dlq replay --edit', correction, { examined: Math.max(corrected, 1), left: 0, failed: 0 });
  await project.compose('stop', 'worker');

  say('the rest moved by SQS');
  const rest = letters - corrected - conflict;
  const move = await dlq('replay', '--via', 'aws', '--yes');
  check('dlq replay --via aws', move, { sent: rest, deleted: rest, left: 0 });
  check('dlq summary at the end', await dlq('summary'), { letters: 0 });
  return { deadLetters: { letters, corrected, resolved: resolution.deleted, moved: move.sent }, faults };
}
