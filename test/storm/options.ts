import { Command, InvalidArgumentError } from 'commander';
import type { StormOptions } from './storm.ts';

export interface Options extends StormOptions {
  messages: number;
  hostile: boolean;
  json: boolean;
}

/** Some two minutes on two cores. */
const USUAL = { messages: 20_000, kills: 20 };
/** Forty seconds. */
const SHORT = { messages: 5_000, kills: 5 };
const HOSTILE = { messages: 10_000, kills: 0 };

/**
 * @param argv what stands behind `npm run storm --`
 * @throws CommanderError when it cannot be understood, or asked for help, after having said so
 */
export function readOptions(argv: string[]): Options {
  const given = describe().parse(argv, { from: 'user' }).opts();
  const { short = false, hostile = false, json = false, seed, workers } = given;
  const { messages, kills } = hostile ? HOSTILE : short ? SHORT : USUAL;
  return { messages: given.messages ?? messages, kills: given.kills ?? kills, seed, workers, hostile, json };
}

function describe(): Command {
  return new Command('npm run storm --')
    .description('Real workers on real backends, under everything that goes wrong; then tables and queues are audited.')
    .option('--messages <n>', 'messages to send (20,000; --short 5,000; --hostile 10,000)', whole(100))
    .option('--kills <n>', 'workers killed with SIGKILL, one every five seconds (20; --short 5)', whole(0))
    .option('--workers <n>', 'worker processes', whole(1), 3)
    .option('--seed <n>', 'another course of the storm, and other messages', whole(0), 1)
    .option('--short', 'a shorter storm')
    .option('--hostile', 'no storm: bodies made to break a worker, one worker, and what became of each body')
    .option('--json', 'one object on standard output')
    .addHelpText('after', HELP)
    .exitOverride();
}

const HELP = `
Producers send messages, 30 % of them duplicates and 2 % conflicts or invalid, to
workers that are killed, frozen past their visibility time and rolled out anew,
through proxies that throttle (whole requests, and statements inside HTTP 200),
answer with 5xx, are slow, break connections before and after the backend has done
what it was asked, lose receives with their messages, and take the store away for
a minute. Then the faults cease, the queue drains, and every message is looked
for: it is stored, parked, or left in the queue. Kills and lost receives use up
receives: a message that SQS itself moves to the dead-letter queue after ten of
them counts as parked, exhausted. Exit code 1 when anything is lost, stored twice
or otherwise not as it should be.

The same seed gives the same messages, the same course of kills, gusts and outage,
and the same dice for each request; in what order requests meet them is up to the
machine, so two runs are never quite the same.

It runs on embedded backends of its own, in memory; with AWS_ENDPOINT_URL_SQS and
AWS_ENDPOINT_URL_DYNAMODB set, on those, with a queue and tables that are removed
afterwards. It refuses to run on AWS itself.

  npm run storm                                         about two minutes
  npm run storm -- --short                              about forty seconds
  npm run storm -- --messages 20000 --kills 20 --seed 7 --json
  npm run storm -- --hostile                            10,000 hostile bodies`;

function whole(least: number): (text: string) => number {
  return text => {
    if (/^\d{1,9}$/.test(text) && Number(text) >= least) return Number(text);
    throw new InvalidArgumentError(`It must be a whole number of at least ${least}.`);
  };
}
