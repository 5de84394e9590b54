import { styleText } from 'node:util';
import { plainTable } from '../../src/cli/plain-table.ts';
import type { Explored } from './explore.ts';
import type { Caught } from './hunt.ts';
import { onefold } from './onefold.ts';
import { promises } from './promises.ts';
import { formatSchedule, type Schedule } from './replay.ts';
import { tell } from './shortest.ts';

export interface Result {
  explored: Explored;
  caught: Caught[];
  seed: number;
  seconds: number;
}

export function exploredAsJson({ explored, caught, seed, seconds }: Result): object {
  const { schedules, found, bounds, random } = explored;
  return {
    schedules,
    violations: found.length,
    mutants: Object.fromEntries(caught.map(({ mutant, by }) => [mutant.name, by ? 'caught' : 'survived'])),
    bounds,
    random,
    seed,
    seconds,
    found: found.map(({ violation, ...schedule }) => ({ violation, replay: formatSchedule(schedule) })),
  };
}

/** Within 100 columns. */
export async function renderExplored({ explored, caught, seed, seconds }: Result): Promise<string> {
  const { bounds, random, schedules, found } = explored;
  const searched = plainTable({ head: ['bounds', 'schedules', 'searched'].map(bold), colAligns: ['left', 'right'] });
  for (const bound of bounds) {
    searched.push([bound.name, count(bound.schedules), bound.complete ? 'whole' : styleText('yellow', 'in part')]);
  }
  searched.push([`larger ones, random, seed ${seed}`, count(random), 'by fast-check']);
  const hunted = plainTable({
    head: ['', 'mutants', 'steps', 'caught by'].map(bold),
    colAligns: ['right', 'left', 'right'],
  });
  for (const [i, { mutant, by }] of caught.entries()) {
    const verdict = by ? [String(by.decisions.length), by.violation] : ['', styleText('red', 'nothing: it survived')];
    hunted.push([String(i + 1), mutant.name, ...verdict]);
  }
  const survivors = caught.filter(({ by }) => by === undefined).length;
  const violations = await Promise.all(
    found.map(async one => renderSchedule('onefold', await tell(onefold(), promises, one), one)),
  );
  return [
    String(searched),
    '',
    String(hunted),
    '',
    ...violations.flatMap(text => [text, '']),
    `${count(schedules)} different schedules in ${Math.round(seconds)} s, ${found.length === 0 ? 'no violation' : styleText('red', `${found.length} with a violation`)}; ${survivors === 0 ? `all ${caught.length} mutants caught` : styleText('red', `${survivors} mutants survived`)}.`,
    ...(bounds.length > 0
      ? ['A schedule that a bound above it contains is counted there. --show 1 tells how a mutant is caught.']
      : []),
  ].join('\n');
}

/** As numbered steps that a person can follow, and the command that takes them again. */
export function renderSchedule(
  subject: string,
  { steps, violation }: Awaited<ReturnType<typeof tell>>,
  schedule: Schedule,
): string {
  const width = String(steps.length).length + 2;
  const numbered = steps.map((step, i) => `${String(i + 1).padStart(width)}. ${step}`);
  const end = violation ? styleText('red', `=> ${violation}`) : '=> every promise is kept';
  const mutant = subject === 'onefold' ? '' : ` --mutant '${subject}'`;
  const replay = `To replay it: npm run explore -- --replay ${formatSchedule(schedule)}${mutant}`;
  return [bold(subject), ...numbered, `${' '.repeat(width + 2)}${end}`, '', replay].join('\n');
}

const bold = (text: string): string => (text === '' ? '' : styleText('bold', text));

const count = (number: number): string => number.toLocaleString('en-US');
