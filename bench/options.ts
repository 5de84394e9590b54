import { Command, InvalidArgumentError, type OptionValues } from 'commander';
import { NAMES, type Name } from './contenders/index.ts';
import type { Workload } from './round.ts';

export type Mode =
  | { kind: 'compare' }
  | { kind: 'latency'; delayMs: number; workers: number[] }
  | { kind: 'soak'; minutes: number; rate: number; out: string }
  | { kind: 'trickle'; seconds: number }
  | { kind: 'preload'; features: number };

export interface Options {
  mode: Mode;
  contenders: Name[];
  workload: Workload;
  rounds: number;
  json: boolean;
  profile: string | undefined;
}

const MODES = ['latency', 'soak', 'trickle', 'preload'] as const;

/**
 * @param argv what stands behind `npm run bench --`
 * @throws CommanderError when it cannot be understood, or asked for help, after having said so
 */
export function readOptions(argv: string[]): Options {
  const program = describe();
  program.parse(argv, { from: 'user' });
  const given = program.opts();
  const chosen = MODES.filter(mode => given[mode] !== undefined);
  if (chosen.length > 1) program.error(`error: --${chosen.join(' and --')} do not go together`);
  const mode = modeOf(chosen[0] ?? 'compare', given);
  return {
    mode,
    contenders: given.only ?? usualContenders(mode),
    workload: {
      messages: given.messages,
      duplicates: given.duplicates,
      payloadBytes: given.payload,
      workers: given.workers ?? 1,
      redelivered: given.redelivered ?? false,
    },
    rounds: given.rounds,
    json: given.json ?? false,
    profile: given.profile,
  };
}

function modeOf(
  chosen: (typeof MODES)[number] | 'compare',
  { latency, soak, trickle, preload, rate, out, workers }: OptionValues,
): Mode {
  switch (chosen) {
    case 'latency':
      return { kind: 'latency', delayMs: latency, workers: workers === undefined ? [1, 2, 4] : [workers] };
    case 'soak':
      return { kind: 'soak', minutes: soak, rate, out };
    case 'trickle':
      return { kind: 'trickle', seconds: trickle };
    case 'preload':
      return { kind: 'preload', features: preload };
    case 'compare':
      return { kind: 'compare' };
  }
}

function usualContenders({ kind }: Mode): Name[] {
  if (kind === 'trickle') return ['onefold', 'conditional-put'];
  if (kind === 'soak' || kind === 'preload') return ['onefold'];
  return [...NAMES];
}

function describe(): Command {
  return new Command('npm run bench --')
    .description('Measures Onefold against the alternatives, on the same backends, in one run.')
    .option('--messages <n>', 'messages a round', whole(1), 4_000)
    .option('--duplicates <fraction>', 'of the messages that are copies of earlier ones, 0 to 1', fraction, 0)
    .option('--redelivered', 'every message was stored before and is delivered again')
    .option('--payload <bytes>', 'the size of a payload as JSON', whole(2), 600)
    .option('--rounds <n>', 'rounds of each contender, interleaved; the median counts', whole(1), 3)
    .option('--workers <n>', 'worker processes of each contender (1; with --latency 1, 2 and 4)', whole(1))
    .option('--only <a,b>', `some of ${NAMES.join(', ')}`, contenders)
    .option('--json', 'print one JSON object instead of tables')
    .option('--profile <folder>', "write each worker's CPU profile there (node --cpu-prof)")
    .option('--latency <ms>', 'put a service time on every DynamoDB call, as a network would', whole(1))
    .option('--soak <minutes>', 'constant load; memory and throughput every ten seconds, as CSV and SVG', positive)
    .option('--rate <n>', 'messages a second of --soak', whole(1), 500)
    .option('--out <path>', 'where --soak writes <path>.csv and <path>.svg', 'onefold-soak')
    .option('--trickle <seconds>', 'one message a second: what batching adds to the latency of a quiet queue', whole(2))
    .option('--preload <n>', 'compare full tables, with n features stored already, to empty ones', whole(1))
    .addHelpText('after', HELP)
    .exitOverride();
}

const HELP = `
Without AWS_ENDPOINT_URL_SQS and AWS_ENDPOINT_URL_DYNAMODB in the environment the embedded backends are used.

  npm run bench                                            all contenders, about two minutes
  npm run bench -- --only onefold,conditional-put --rounds 5
  npm run bench -- --duplicates 0.3                        three messages in ten come twice
  npm run bench -- --only onefold --redelivered            all of them were stored before
  npm run bench -- --latency 10                            10 ms a DynamoDB call; 1, 2 and 4 workers
  npm run bench -- --trickle 30                            half a minute of one message a second
  npm run bench -- --only onefold --preload 1000000        a million features stored, or none
  npm run bench -- --only onefold --messages 1000000 --rounds 1   peak memory over a million messages
  npm run bench -- --soak 30                               writes onefold-soak.csv and onefold-soak.svg`;

function whole(least: number): (text: string) => number {
  return text => {
    if (/^\d{1,9}$/.test(text) && Number(text) >= least) return Number(text);
    throw new InvalidArgumentError(`It must be a whole number of at least ${least}.`);
  };
}

function fraction(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= 0 && value <= 1) return value;
  throw new InvalidArgumentError('It must be a number from 0 to 1.');
}

function positive(text: string): number {
  const value = Number(text);
  if (value > 0 && value <= 10_000) return value;
  throw new InvalidArgumentError('It must be a number above 0.');
}

function contenders(text: string): Name[] {
  const names = text.split(',').map(name => name.trim());
  const unknown = names.filter(name => !(NAMES as readonly string[]).includes(name));
  if (unknown.length > 0) throw new InvalidArgumentError(`There is no contender ${unknown.join(', ')}.`);
  // In the usual order, and each once.
  return NAMES.filter(name => names.includes(name));
}
