import { mutants } from './mutants.ts';
import { promises } from './promises.ts';
import type { Fault } from './scenario.ts';
import { type Counterexample, findShortest } from './shortest.ts';
import type { Subject } from './subject.ts';

/** A mutant, and the shortest schedule that catches it. */
export interface Caught {
  mutant: Subject;
  schedules: number;
  by: Counterexample | undefined;
}

const KINDS: Fault[] = ['crashes', 'lost', 'late', 'throttled', 'redelivered'];
/** For a table that forgets. */
const KINDS_OF_TIME: Fault[] = ['redelivered', 'hours'];

/**
 * Looks for the shortest schedule that breaks a promise. With two receives at most before the dead-letter queue, so that
 * what can never be finished is seen after few steps.
 */
export async function hunt(mutant: Subject): Promise<Caught> {
  const forgets = Object.values(mutant.tables).some(({ timeToLive }) => timeToLive !== undefined);
  const { found, schedules } = await findShortest({
    subject: mutant,
    rules: promises,
    kinds: forgets ? KINDS_OF_TIME : KINDS,
    largest: 3,
    base: { maxReceiveCount: 2 },
  });
  return { mutant, schedules, by: found };
}

/** By its name, or its number counted from one. */
export function findMutant(text: string): Subject | undefined {
  return mutants[Number(text) - 1] ?? mutants.find(({ name }) => name === text);
}
