import { type Command, Option } from 'commander';
import type { Filter } from '../../dlq/filter.ts';
import { REASONS, type Reason } from '../../dlq/letter.ts';
import { OperatorMistake } from '../../errors.ts';

export interface FilterOptions {
  reason?: Reason;
  match?: string;
  id?: string;
  since?: number;
  limit?: number;
}

export function withFilters(command: Command): Command {
  return command
    .option('--reason <reason>', 'invalid, conflict or exhausted (given up by SQS after its last receive)', reason)
    .option('--match <text>', 'those with this text in the body or in the detail')
    .option('--id <clientId>', 'those of this clientFeatureId')
    .option('--since <duration>', 'those sent at most so long ago: 30m, 2h, 3d', duration)
    .option('--limit <number>', 'at most so many', count);
}

/** For who types it to be sure: what happens without --yes. */
export const dryRun = (): Option =>
  new Option('--dry-run', 'only say what would happen (the default)').conflicts('yes');

export function filterFrom({ reason, match, id, since, limit }: FilterOptions): Filter {
  return { reason, match, id, sinceMs: since, limit };
}

export function count(value: string): number {
  if (/^[1-9]\d{0,8}$/.test(value)) return Number(value);
  throw new OperatorMistake(`${JSON.stringify(value)} is not a number of letters`, 'give a whole number from 1');
}

function reason(value: string): Reason {
  const known = REASONS.find(one => one === value);
  if (known) return known;
  throw new OperatorMistake(`${JSON.stringify(value)} is no reason`, `a reason is one of ${REASONS.join(', ')}`);
}

const UNITS: Record<string, number> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

function duration(value: string): number {
  const [, number = '', unit = ''] = /^(\d{1,6})([smhd])$/.exec(value) ?? [];
  const ms = UNITS[unit];
  if (ms !== undefined) return Number(number) * ms;
  throw new OperatorMistake(`${JSON.stringify(value)} is not a duration`, 'such as 90s, 30m, 2h or 3d');
}
