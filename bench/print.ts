import { styleText } from 'node:util';
import Table from 'cli-table3';
import type { Figures, Measure, Report } from './figures.ts';

type Column = { head: string; of: Measure; digits: number };

const COLUMNS: Column[] = [
  { head: 'messages\na second', of: 'messagesPerSecond', digits: 0 },
  { head: 'client CPU\nµs/message', of: 'clientCpuMicrosPerMessage', digits: 0 },
  { head: 'DynamoDB\nreq./1,000', of: 'dynamodbRequestsPer1000', digits: 0 },
  { head: 'SQS\nreq./1,000', of: 'sqsRequestsPer1000', digits: 0 },
  { head: 'write\nunits', of: 'writeUnitsPerMessage', digits: 2 },
  { head: 'read\nunits', of: 'readUnitsPerMessage', digits: 2 },
  { head: 'latency\np50 ms', of: 'latencyMsP50', digits: 1 },
  { head: 'latency\np99 ms', of: 'latencyMsP99', digits: 1 },
  { head: 'peak\nRSS MB', of: 'peakRssMb', digits: 0 },
];

/** Three tables, each within 100 columns: what was measured, in proportion to Onefold, and what is stored. */
export function renderReport({ contenders, ratios }: Report): string {
  const measured = createTable(COLUMNS.map(({ head }) => head));
  for (const [name, figures] of Object.entries(contenders)) {
    measured.push([name, ...COLUMNS.map(({ of, digits }) => show(figures[of], digits))]);
  }
  const parts = [bold('Measured (medians)'), String(measured)];

  if (Object.keys(ratios).length > 1) {
    const proportions = createTable(COLUMNS.map(({ head }) => head));
    for (const [name, ratio] of Object.entries(ratios)) {
      proportions.push([name, ...COLUMNS.map(({ of }) => show(ratio[of], 2))]);
    }
    parts.push('', bold('In proportion to onefold (its figure is 1)'), String(proportions));
  }
  return [...parts, '', bold('What is stored (worst round)'), renderStored(contenders)].join('\n');
}

export function renderStored(contenders: Record<string, Figures>): string {
  const table = createTable(['features\nstored', 'stored\ntwice', '\nlost']);
  for (const [name, { stored, storedTwice, lost }] of Object.entries(contenders)) {
    const bad = (figure: number) => (figure > 0 ? styleText('red', show(figure, 0)) : '0');
    table.push([name, show(stored, 0), bad(storedTwice), bad(lost)]);
  }
  return String(table);
}

/** A row each contender, a column each thing compared. */
export function renderGrid(heads: string[], rows: [string, ...(number | null)[]][], digits: number): string {
  const table = createTable(heads);
  for (const [name, ...values] of rows) table.push([name, ...values.map(value => show(value, digits))]);
  return String(table);
}

export const bold = (text: string): string => styleText('bold', text);

function show(value: number | null, digits: number): string {
  return value === null
    ? '-'
    : value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

function createTable(heads: string[]) {
  const none = '';
  return new Table({
    head: ['', ...heads].map(head => bold(head)),
    colAligns: ['left', ...heads.map(() => 'right' as const)],
    style: { head: [], border: [], 'padding-left': 1, 'padding-right': 0 },
    chars: {
      top: none,
      'top-mid': none,
      'top-left': none,
      'top-right': none,
      bottom: none,
      'bottom-mid': none,
      'bottom-left': none,
      'bottom-right': none,
      left: none,
      'left-mid': none,
      mid: none,
      'mid-mid': none,
      right: none,
      'right-mid': none,
      middle: none,
    },
  });
}
