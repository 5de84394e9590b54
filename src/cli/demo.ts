import type { Command } from 'commander';
import { readCounties } from '../demo/feed.ts';
import { planMessages } from '../demo/plan.ts';
import { type Kept, runDemo } from '../demo/run-demo.ts';
import { renderReport, reportAsJson } from '../demo/show.ts';
import { OperatorMistake } from '../errors.ts';
import type { Exit } from './command.ts';
import { printJson } from './json.ts';

export function addDemo(program: Command, exit: Exit): void {
  program
    .command('demo')
    .description('watch it work: real data, duplicates, bad messages and a killed worker, in under a minute')
    .option('--seed <number>', 'another order of messages', wholeNumber, 1)
    .option('--features <number>', 'only so many of the 3,231 counties', wholeNumber)
    .option('--keep', 'leave queues, tables and a worker running until Ctrl-C')
    .option('--feed', 'only print its good messages, for `onefold enqueue -`')
    .option('--json', 'one object on standard output')
    .addHelpText('after', HELP)
    .action(async ({ seed, features, keep = false, feed, json }: Options) => {
      if (feed) return printFeed(seed, features);
      const show: Parameters<typeof runDemo>[0]['show'] = (report, kept) => {
        if (json)
          printJson({ ...reportAsJson(report), ...(kept && { environment: kept.environment }) }, { pretty: false });
        else console.log(renderReport(report));
        if (kept) console.error(howToUse(kept));
        else if (!json) console.log(NEXT);
      };
      const report = await runDemo({ seed, features, keep, show, exitNow: exit.now });
      exit.with(report.faults.length === 0 ? 0 : 1);
    });
}

/** The features, their repeats and their conflicts, as NDJSON: what breaks the contract, `enqueue` would refuse. */
async function printFeed(seed: number, features: number | undefined): Promise<void> {
  const { 0: one, 1: other } = planMessages((await readCounties()).slice(0, features), seed);
  const bodies = [...one, ...other].flatMap(({ kind, body }) => (kind === 'feature' ? [`${body}\n`] : []));
  // `head` closes the pipe when it has seen enough.
  await new Promise(done => process.stdout.once('error', done).write(bodies.join(''), done));
}

interface Options {
  seed: number;
  features?: number;
  keep?: boolean;
  feed?: boolean;
  json?: boolean;
}

const HELP = `
Two producers send the counties of the United States, a third of them two or
three times, with some messages that break the contract and some that contradict
others. Three workers consume; one is killed half-way and replaced. Then tables
and queues are read and held against what was sent. Exit code 1 when anything is
lost, stored twice or not accounted for.

It runs on embedded backends of its own, in memory; with AWS_ENDPOINT_URL_SQS and
AWS_ENDPOINT_URL_DYNAMODB set, on those, with a queue and tables that are removed
afterwards. It refuses to run on AWS itself.`;

const NEXT = `
Next:
  npm run demo -- --keep     the same, left running to look around in
  npm start                  a worker on backends that keep what they store
  npx onefold --help         every command`;

function howToUse({ environment, example }: Kept): string {
  const exports = Object.entries(environment).map(([name, value]) => `export ${name}=${value}`);
  return `
Queues, tables and one worker are left running. In a second terminal:

${exports.join('\n')}
npx onefold get ${example}
npx onefold dlq summary

The demo's bad messages are in the dead-letter queue: dlq list, dlq show, dlq
replay and dlq resolve go on from there, as docs/dead-letter-queue.md does.

Ctrl-C ends it, and nothing of it is kept.`;
}

function wholeNumber(value: string): number {
  if (!/^\d{1,9}$/.test(value) || Number(value) === 0) {
    throw new OperatorMistake(
      `${JSON.stringify(value)} is not a whole number from 1`,
      'such as --seed 7 or --features 500',
    );
  }
  return Number(value);
}
