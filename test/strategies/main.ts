import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { startProgress } from '../../src/cli/progress.ts';
import type { Design } from './design.ts';
import { DESIGNS } from './designs/index.ts';
import { judge, type Verdict } from './judge.ts';
import { plainly, renderStories, renderTable } from './print.ts';

const NUMBERS = DESIGNS.map(({ number }) => number).join(', ');

function designOf(number: string): Design {
  const design = DESIGNS.find(known => known.number === number);
  if (design === undefined) throw new InvalidArgumentError(`The designs are ${NUMBERS}.`);
  return design;
}

async function main(argv: string[]): Promise<number> {
  const program = new Command('npm run strategies --')
    .description('Runs the ways people try to store a message once through every schedule within small bounds.')
    .option('--show <design>', `the shortest schedule for each flaw of a design: ${NUMBERS}`, designOf)
    .option('--json', 'one JSON array on standard output, and nothing else')
    .exitOverride();
  try {
    program.parse(argv, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2; // commander has said it
    throw error;
  }
  const { show, json } = program.opts<{ show?: Design; json?: boolean }>();
  const designs = show ? [show] : DESIGNS;
  const verdicts: Verdict[] = [];
  const progress = startProgress('designs', designs.length);
  try {
    for (const design of designs) {
      verdicts.push(await judge(design));
      progress.reached(verdicts.length);
    }
  } finally {
    progress.stop();
  }
  if (json) console.log(JSON.stringify(verdicts.map(plainly)));
  else if (show) for (const verdict of verdicts) console.log(await renderStories(verdict));
  else console.log(renderTable(verdicts));
  return 0;
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));
