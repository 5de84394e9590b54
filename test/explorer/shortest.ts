import type { Choice } from './choices.ts';
import type { Schedule } from './replay.ts';
import type { Rules } from './rules.ts';
import { type Fault, type Scenario, scenario } from './scenario.ts';
import { runSchedule } from './schedule.ts';
import { type Found, searchAll } from './search.ts';
import type { Subject } from './subject.ts';

export interface Counterexample extends Found, Schedule {}

const MESSAGES = [['a1'], ['a1', 'a1'], ['a1', 'a2'], ['a1', 'a1', 'a1'], ['a1', 'a1', 'a2']];

/**
 * Looks for a schedule that breaks a rule, in ever larger scenarios: with as few messages and faults as it takes, and
 * among those with as few steps as it takes.
 */
export async function findShortest({
  subject,
  rules,
  kinds,
  largest = 4,
  mostEach = 20_000,
  base = {},
}: {
  subject: Subject;
  rules: Rules;
  /** The faults to look with. */
  kinds: Fault[];
  /** Messages and faults together. */
  largest?: number;
  /** Schedules in one scenario. */
  mostEach?: number;
  base?: Partial<Scenario>;
}): Promise<{ schedules: number; complete: boolean; found: Counterexample | undefined }> {
  let schedules = 0;
  let complete = true;
  for (let size = 1; size <= largest; size++) {
    let best: Counterexample | undefined;
    for (const bounds of scenariosOf(size, kinds, base)) {
      const shorterThan = best?.decisions.length ?? Number.POSITIVE_INFINITY;
      const result = await searchAll({ scenario: bounds, subject, rules, most: mostEach, shorterThan });
      schedules += result.schedules;
      complete &&= result.complete;
      if (result.found) best = { ...result.found, scenario: bounds };
    }
    if (best) return { schedules, complete, found: best };
  }
  return { schedules, complete, found: undefined };
}

/** All scenarios with as many messages and faults together as `size`. */
function scenariosOf(size: number, kinds: Fault[], base: Partial<Scenario>): Scenario[] {
  return MESSAGES.filter(messages => messages.length <= size).flatMap(messages =>
    choose(kinds, size - messages.length).map(chosen => {
      const faults: Partial<Record<Fault, number>> = {};
      for (const kind of chosen) faults[kind] = (faults[kind] ?? 0) + 1;
      return scenario(messages, { ...base, ...faults });
    }),
  );
}

/** Every choice of `count` kinds, the same one more than once too. */
function choose(kinds: Fault[], count: number): Fault[][] {
  if (count === 0) return [[]];
  return kinds.flatMap((kind, i) => choose(kinds.slice(i), count - 1).map(rest => [kind, ...rest]));
}

/** The steps of a schedule, for people, and the rule that it breaks. After the last decision comes a calm day. */
export async function tell(
  subject: Subject,
  rules: Rules,
  { scenario, decisions }: Schedule,
): Promise<{ steps: string[]; violation: string | undefined }> {
  const choose = (choices: Choice[], step: number) => Math.min(decisions[step] ?? 0, choices.length - 1);
  const { story, violation } = await runSchedule(scenario, subject, rules, choose, { tellsStory: true });
  return { steps: story, violation };
}
