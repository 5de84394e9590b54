import { type Fault, type Scenario, scenario } from '../explorer/scenario.ts';
import { type Found, searchAll } from '../explorer/search.ts';
import { type Cost, measure } from './cost.ts';
import type { Design } from './design.ts';
import { combined, FLAWS, type Flaw, flawOf } from './flaws.ts';

export const LARGEST = 3;

/** What may go wrong for one message, and beside a second message of the same id: with more than that, minutes pass. */
const WITH_ONE: Fault[] = ['crashes', 'lost', 'late', 'redelivered', 'stale', 'waits', 'hours'];
const WITH_TWO: Fault[] = ['crashes', 'stale', 'hours'];

/** The same, for people. */
export const BOUNDS = [
  'Bounds: one message with up to two of crash, lost answer, late write, redelivery, stale index, a minute in flight,',
  'an hour at rest; two messages of one id, with equal payloads and with different ones, with up to one of crash,',
  'stale index, an hour at rest. Two workers, two receives of each message.',
].join('\n');

export interface Schedule extends Found {
  scenario: Scenario;
}

export interface Verdict {
  design: Design;
  /** The shortest schedule that shows the flaw; undefined when every schedule within the bounds was run, and none does. */
  flaws: Record<Flaw, Schedule | undefined>;
  /** Schedules run to get there. */
  schedules: number;
  newMessage: Cost;
  duplicate: Cost;
}

/** @param largest how many messages and faults a scenario may have together */
export async function judge(design: Design, largest: number = LARGEST): Promise<Verdict> {
  const flaws: Verdict['flaws'] = { storesTwice: undefined, loses: undefined, sticks: undefined };
  let schedules = 0;
  // One pass for each flaw it has, and one that finds none of the others.
  for (let left = Object.keys(FLAWS) as Flaw[]; left.length > 0; ) {
    const result = await findShortest(design, left, largest);
    schedules += result.schedules;
    if (result.found === undefined) break;
    const flaw = flawOf(result.found.violation);
    if (flaw === undefined) throw new Error(`${design.name}: ${result.found.violation}`);
    flaws[flaw] = result.found;
    left = left.filter(other => other !== flaw);
  }
  return { design, flaws, schedules, ...(await measure(design.subject)) };
}

async function findShortest({ subject }: Design, flaws: Flaw[], largest: number) {
  const isIndexed = Object.values(subject.tables).some(({ index }) => index !== undefined);
  const rules = combined(flaws);
  let schedules = 0;
  for (let size = 1; size <= largest; size++) {
    let found: Schedule | undefined;
    for (const bounds of scenariosOf(size)) {
      if (bounds.stale > 0 && !isIndexed) continue;
      const result = await searchAll({ scenario: bounds, subject, rules });
      schedules += result.schedules;
      if (result.found && (found === undefined || result.found.decisions.length < found.decisions.length)) {
        found = { ...result.found, scenario: bounds };
      }
    }
    if (found) return { schedules, found };
  }
  return { schedules, found: undefined };
}

/** All scenarios with as many messages and faults together as `size`. */
function scenariosOf(size: number): Scenario[] {
  const setting = { workers: 2, maxReceiveCount: 2 };
  const one = choose(WITH_ONE, size - 1).map(faults => scenario(['a1'], { ...setting, ...faults }));
  const pairs = [
    ['a1', 'a1'],
    ['a1', 'a2'],
  ];
  const two = choose(WITH_TWO, size - 2).flatMap(faults =>
    pairs.map(messages => scenario(messages, { ...setting, ...faults })),
  );
  return [...one, ...two];
}

/** Every choice of `count` kinds, the same one more than once too. */
function choose(kinds: Fault[], count: number): Partial<Record<Fault, number>>[] {
  if (count < 0) return [];
  if (count === 0) return [{}];
  return kinds.flatMap((kind, i) =>
    choose(kinds.slice(i), count - 1).map(rest => ({ ...rest, [kind]: (rest[kind] ?? 0) + 1 })),
  );
}
