import { OperatorMistake } from '../src/errors.ts';
import { idempotencyKeyOf, type Name } from './contenders/index.ts';
import { messageIds } from './features.ts';
import { type Figures, medianOf, type Report, ratiosOf } from './figures.ts';
import type { OpenBench } from './open.ts';
import { bold, renderGrid, renderStored } from './print.ts';
import { runRound, type Workload } from './round.ts';
import { createTables, dropTables, preload, tally } from './tables.ts';

export interface PreloadReport {
  preloaded: number;
  empty: Report;
  full: Report;
}

/** The steps that its progress counts: features put into the tables, and messages. */
export function preloadSteps(contenders: Name[], workload: Workload, features: number, rounds: number): number {
  return contenders.length * (features + 2 * rounds * workload.messages);
}

/** Rounds on empty tables and on tables that hold `features` already, interleaved. */
export async function compareFullTables(
  bench: OpenBench,
  contenders: Name[],
  workload: Workload,
  { features: count, rounds, onProgress }: { features: number; rounds: number; onProgress(done: number): void },
): Promise<PreloadReport> {
  const odd = contenders.find(name => idempotencyKeyOf(name) !== idempotencyKeyOf('onefold'));
  if (odd) throw new OperatorMistake(`${odd} has tables of another shape`, 'leave it out with --only');
  const report: Record<'empty' | 'full', Report['contenders']> = { empty: {}, full: {} };
  let before = 0;
  for (const contender of contenders) {
    const tables = await createTables(bench.dynamodb, contender);
    const rounded: Record<'empty' | 'full', Figures[]> = { empty: [], full: [] };
    try {
      await preload(bench.dynamodb, tables, {
        count,
        payloadBytes: workload.payloadBytes,
        onProgress: loaded => onProgress(before + loaded),
      });
      before += count;
      for (let round = 0; round < rounds; round++) {
        for (const kind of ['empty', 'full'] as const) {
          const options = kind === 'full' ? { tables, prefix: prefixOf(round) } : {};
          rounded[kind].push(await runRound(bench, contender, workload, options));
          before += workload.messages;
          onProgress(before);
        }
      }
      // Once for all rounds: it reads the whole table.
      const counted = await tally(bench.dynamodb, tables, new Set(sentIn(rounds, workload)));
      report.empty[contender] = medianOf(rounded.empty);
      report.full[contender] = { ...medianOf(rounded.full), ...counted };
    } finally {
      await dropTables(bench.dynamodb, tables);
    }
  }
  const withRatios = (figures: Report['contenders']) => ({ contenders: figures, ratios: ratiosOf(figures) });
  return { preloaded: count, empty: withRatios(report.empty), full: withRatios(report.full) };
}

const prefixOf = (round: number): string => `round-${round}-`;

function sentIn(rounds: number, { messages, duplicates }: Workload): string[] {
  return Array.from({ length: rounds }, (_, round) => messageIds(messages, duplicates, prefixOf(round))).flat();
}

export function renderPreload({ preloaded, empty, full }: PreloadReport): string {
  const rate = (name: string, of: Report) => of.contenders[name]?.messagesPerSecond ?? null;
  const names = Object.keys(full.contenders);
  const rows = names.map((name): [string, ...(number | null)[]] => [name, rate(name, empty), rate(name, full)]);
  const shares = names.map((name): [string, number | null] => {
    const [without, having] = [rate(name, empty), rate(name, full)];
    return [name, without && having && having / without];
  });
  const loaded = preloaded.toLocaleString('en-US');
  return [
    bold(`Messages a second (medians) on empty tables and with ${loaded} features stored`),
    renderGrid(['empty', loaded], rows, 0),
    '',
    bold('Full tables to empty ones'),
    renderGrid(['ratio'], shares, 2),
    '',
    bold('What is stored on the full tables (all rounds)'),
    renderStored(full.contenders),
  ].join('\n');
}
