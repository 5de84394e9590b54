import fc from 'fast-check';
import type { Choice } from './choices.ts';
import type { Rules } from './rules.ts';
import { type Scenario, scenario } from './scenario.ts';
import { type Run, runSchedule } from './schedule.ts';
import type { Counterexample } from './shortest.ts';
import type { Subject } from './subject.ts';

const upTo = (most: number) => fc.integer({ min: 0, max: most });

/** Larger than what can be searched whole: up to six messages of three ids, four workers and every kind of fault. */
const anyScenario: fc.Arbitrary<Scenario> = fc
  .record({
    messages: fc.array(fc.constantFrom('a1', 'a1', 'a2', 'a6', 'b1', 'b1', 'b2', 'c7', 'c!'), {
      minLength: 1,
      maxLength: 6,
    }),
    writes: fc.constantFrom('batch', 'old', 'single'),
    workers: fc.integer({ min: 1, max: 4 }),
    receives: fc.constantFrom('one', 'all'),
    visibility: fc.constantFrom('timed', 'any'),
    maxReceiveCount: fc.integer({ min: 2, max: 10 }),
    crashes: upTo(3),
    lost: upTo(3),
    late: upTo(2),
    throttled: upTo(3),
    redelivered: upTo(3),
    waits: upTo(4),
    hours: upTo(1),
    stops: upTo(2),
  } as const)
  .map(({ messages, ...more }) => scenario(messages, more as Partial<Scenario>));

/** One byte a step, of which zero means what would happen on a calm day, so that shrinking leaves what matters. */
const anyDecisions = fc.uint8Array({ maxLength: 100, size: 'max' });

/** Below it something calm is chosen, where there is; above it anything. */
const CALM_BELOW = 192;

/**
 * Random schedules of random scenarios.
 * @returns the first violation, shrunk by fast-check to few and early decisions
 */
export async function searchRandomly({
  subject,
  rules,
  seed,
  runs,
  onSchedule = () => {},
}: {
  subject: Subject;
  rules: Rules;
  seed: number;
  runs: number;
  onSchedule?: (run: Run) => void;
}): Promise<Counterexample | undefined> {
  let found: Counterexample | undefined;
  const property = fc.asyncProperty(anyScenario, anyDecisions, async (scenario, bytes) => {
    const run = await runSchedule(scenario, subject, rules, (choices, step) => place(choices, bytes[step] ?? 0));
    onSchedule(run);
    // The last one that fast-check sees fail is the smallest.
    if (run.violation) found = { scenario, decisions: run.decisions, violation: run.violation };
    return run.violation === undefined;
  });
  await fc.check(property, { seed, numRuns: runs, endOnFailure: false });
  return found;
}

function place(choices: Choice[], byte: number): number {
  const calm = choices.findIndex(({ fault }) => fault !== undefined);
  return byte % (byte < CALM_BELOW && calm > 0 ? calm : choices.length);
}
