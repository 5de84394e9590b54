import { availableParallelism } from 'node:os';
import { Command, InvalidArgumentError } from 'commander';

export type Options = { json: boolean } & (
  | { kind: 'explore'; schedules: number; minutes: number; seed: number; threads: number; small: boolean }
  | { kind: 'replay'; schedule: string; mutant: string | undefined }
  | { kind: 'show'; mutant: string }
);

const USUAL = { schedules: 1_000_000, minutes: 15 };
const SHORT = { schedules: 20_000, minutes: 60 };

/**
 * @param argv what stands behind `npm run explore --`
 * @throws CommanderError when it cannot be understood, or asked for help, after having said so
 */
export function readOptions(argv: string[]): Options {
  const given = describe().parse(argv, { from: 'user' }).opts();
  const { json = false, short: small = false, seed, threads, replay, mutant, show } = given;
  if (show !== undefined) return { kind: 'show', mutant: show, json };
  if (replay !== undefined) return { kind: 'replay', schedule: replay, mutant, json };
  const { schedules, minutes } = small ? SHORT : USUAL;
  return {
    kind: 'explore',
    schedules: given.schedules ?? schedules,
    minutes: given.minutes ?? minutes,
    seed,
    threads,
    small,
    json,
  };
}

function describe(): Command {
  return new Command('npm run explore --')
    .description('Searches what crashes, races and lost answers can do to a worker, over the production code.')
    .option('--schedules <n>', 'different schedules to run at least (1,000,000; --short 20,000)', whole(1))
    .option('--minutes <n>', 'stop after so many at the latest (15; --short 60)', whole(1))
    .option('--seed <n>', 'other random schedules', whole(0), 1)
    .option('--threads <n>', 'threads to work with', whole(1), availableParallelism())
    .option('--short', 'the small bounds only, and fewer schedules: half a minute')
    .option('--show <mutant>', 'the shortest schedule that catches a mutant, by its number or name')
    .option('--replay <schedule>', 'one schedule, step by step, as a violation names it')
    .option('--mutant <mutant>', 'with --replay: run it on a mutant')
    .option('--json', 'one object on standard output')
    .addHelpText('after', HELP)
    .exitOverride();
}

const HELP = `
The worker's real code, from the receive to the settled message, runs on a fake
DynamoDB, a fake SQS and a virtual clock, which stand where the SDK's clients and
the system's clock stand. At every request and every wait something may happen:
another worker goes on, one crashes, an answer is lost, a request lands late or is
throttled, whole or in part, a message comes again. A schedule is one sequence of
such decisions. Small bounds are searched whole; larger ones at random.

Every schedule is judged: nothing is stored twice, nothing acknowledged is lost,
nothing stored changes, nothing is stuck, and no write costs more than it must.
To show that the judge can fail, the same search runs on mutants, each with one
rule of the algorithm broken. Exit code 1 on a violation or a surviving mutant.

  npm run explore                            over a million schedules, 15 minutes
  npm run explore -- --short                 about half a minute
  npm run explore -- --seed 7 --minutes 30 --schedules 10000000
  npm run explore -- --show 3                what catches the third mutant
  npm run explore -- --replay messages=a1,crashes=1,workers=1:0.0.1`;

function whole(least: number): (text: string) => number {
  return text => {
    if (/^\d{1,9}$/.test(text) && Number(text) >= least) return Number(text);
    throw new InvalidArgumentError(`It must be a whole number of at least ${least}.`);
  };
}
