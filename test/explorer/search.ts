import type { Choice } from './choices.ts';
import type { Rules } from './rules.ts';
import type { Scenario } from './scenario.ts';
import { type Run, runSchedule } from './schedule.ts';
import type { Subject } from './subject.ts';

export interface Found {
  decisions: number[];
  violation: string;
}

export interface Search {
  scenario: Scenario;
  subject: Subject;
  rules: Rules;
  /** Of several searches that share the work, this one's part. */
  share?: { index: number; of: number };
  /** Only schedules of fewer steps. */
  shorterThan?: number;
  /** Gives up after this many schedules. */
  most?: number;
  /** Without it, schedules that differ only in the order of steps that commute are all run. */
  reduces?: boolean;
  tellsStory?: boolean;
  onSchedule?(run: Run): void;
}

interface Option {
  id: string;
  changes: number;
  reads: number;
}

/** One decision on the path that is being explored. */
interface Node {
  options: Option[];
  taken: number;
  /** What needs no exploring here: it was explored before the steps that led here, with which it commutes. */
  asleep: Option[];
}

/** Subtrees at this depth are shared out between searches. */
const SHARED_DEPTH = 5;

/**
 * Every schedule of a scenario, depth first, each run from the start with the decisions of the one before up to where
 * they part. No decision sequence is run twice.
 *
 * Of schedules that differ only in the order of steps that commute, one is run (sleep sets: Godefroid, Partial-Order
 * Methods for the Verification of Concurrent Systems, 1996). Steps commute when neither changes what the other reads or
 * changes: see `Footprint`.
 *
 * After a violation only shorter schedules are looked at, so that the one returned is among the shortest.
 */
export async function searchAll({
  scenario,
  subject,
  rules,
  share = { index: 0, of: 1 },
  shorterThan = Number.POSITIVE_INFINITY,
  most = Number.POSITIVE_INFINITY,
  reduces = true,
  tellsStory = false,
  onSchedule = () => {},
}: Search): Promise<{ schedules: number; complete: boolean; found: Found | undefined }> {
  const path: Node[] = [];
  const bitOf = bits();
  let bound = shorterThan - 1;
  let schedules = 0;
  let subtrees = 0;
  let found: Found | undefined;

  function choose(choices: Choice[], step: number): number | undefined {
    const known = path[step];
    if (known) {
      if (choices[known.taken]?.id() !== known.options[known.taken]?.id) {
        throw new Error(`a schedule did not repeat: step ${step} was ${known.options[known.taken]?.id}`);
      }
      return known.taken;
    }
    if (step >= bound) return undefined;
    if (step === SHARED_DEPTH && subtrees++ % share.of !== share.index) return undefined;
    const options = choices.map(({ id, footprint }) => {
      const { changes, reads } = footprint();
      return { id: id(), changes: bitOf(changes), reads: bitOf(reads) };
    });
    const node = { options, taken: -1, asleep: reduces ? asleepAfter(path.at(-1)) : [] };
    advance(node);
    if (node.taken === -1) return undefined;
    path.push(node);
    return node.taken;
  }

  for (;;) {
    const run = await runSchedule(scenario, subject, rules, choose, { tellsStory });
    const isAnothersShare =
      run.decisions.length < SHARED_DEPTH && !run.abandoned && subtrees++ % share.of !== share.index;
    if (!run.abandoned && !isAnothersShare) {
      schedules++;
      onSchedule(run);
      if (run.violation) {
        found = { decisions: run.decisions, violation: run.violation };
        bound = run.decisions.length - 1;
        path.splice(bound);
      }
    }
    while (path.length > 0 && !advance(path.at(-1) as Node)) path.pop();
    if (path.length === 0) return { schedules, complete: true, found };
    if (schedules >= most) return { schedules, complete: false, found };
  }
}

/** Goes to the node's next option that is not asleep; those before it fall asleep. */
function advance(node: Node): boolean {
  const { options, asleep } = node;
  if (node.taken >= 0) asleep.push(options[node.taken] as Option);
  do node.taken++;
  while (node.taken < options.length && asleep.some(({ id }) => id === options[node.taken]?.id));
  if (node.taken < options.length) return true;
  node.taken = -1;
  return false;
}

/** What stays asleep: it commutes with the step that was taken. */
function asleepAfter(node: Node | undefined): Option[] {
  const taken = node?.options[node.taken];
  if (node === undefined || taken === undefined) return [];
  return node.asleep.filter(
    one => (one.changes & (taken.changes | taken.reads)) === 0 && (taken.changes & one.reads) === 0,
  );
}

/** One bit a name; those beyond thirty share one, as if none of them commuted. */
function bits(): (names: string[]) => number {
  const bitOf = new Map<string, number>();
  return names => {
    let mask = 0;
    for (const name of names) {
      let bit = bitOf.get(name);
      if (bit === undefined) {
        bit = 1 << Math.min(bitOf.size, 30);
        bitOf.set(name, bit);
      }
      mask |= bit;
    }
    return mask;
  };
}
