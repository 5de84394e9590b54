import { OperatorMistake } from '../../src/errors.ts';
import { decode, encode, type Scenario } from './scenario.ts';

/** A scenario and the decisions taken in it: all that it takes to run the same schedule again. */
export interface Schedule {
  scenario: Scenario;
  decisions: number[];
}

/** One word for a shell, as in `messages=a1,crashes=1,workers=1:0.0.1`. */
export function formatSchedule({ scenario, decisions }: Schedule): string {
  return `${encode(scenario)}:${decisions.join('.')}`;
}

/** @throws OperatorMistake when it is none; decisions that are missing are those of a calm day */
export function parseSchedule(text: string): Schedule {
  const [scenario = '', decisions = ''] = text.split(':');
  const places = decisions === '' ? [] : decisions.split('.').map(Number);
  const decoded = decode(scenario);
  if (decoded === undefined || !places.every(Number.isInteger)) {
    throw new OperatorMistake(
      `${text} is no schedule`,
      'it must be as a violation prints it, such as messages=a1,crashes=1,workers=1:0.0.1',
    );
  }
  return { scenario: decoded, decisions: places };
}
