import { styleText } from 'node:util';
import { printable } from '../cli/json.ts';
import { plainTable } from '../cli/plain-table.ts';
import type { Examined } from './check.ts';

const STATUS_WIDTH = 9;
const NAME_WIDTH = 20;
/** Longer lines are hard to read. */
const WIDEST = 110;

const COLOURS = { ok: 'green', warning: 'yellow', failure: 'red', skipped: 'dim' } as const;

/**
 * The checks as a table, and a verdict.
 * @param columns the terminal's width; undefined where nobody wants lines to be broken
 */
export function renderExamination(examined: Examined[], columns: number | undefined): string {
  const table = plainTable(
    columns === undefined
      ? {}
      : {
          wordWrap: true,
          colWidths: [STATUS_WIDTH, NAME_WIDTH, Math.min(columns, WIDEST) - STATUS_WIDTH - NAME_WIDTH],
        },
  );
  for (const each of examined) {
    table.push([styleText(COLOURS[each.status], each.status), each.name, printable(each.detail)]);
    if ('hint' in each) table.push(['', '', `hint: ${printable(each.hint)}`]);
  }
  // The last column is padded too, which a copy or a narrow terminal would show.
  const lines = String(table).replaceAll(/ +$/gm, '');
  return `${lines}\n\n${verdict(examined)}`;
}

function verdict(examined: Examined[]): string {
  const [failures, warnings] = [counted(examined, 'failure'), counted(examined, 'warning')];
  const besides = warnings ? `, ${warnings}` : '';
  return failures
    ? styleText('red', `✘ ${failures}${besides}: a worker would not do its work here`)
    : styleText('green', `✔ all ${examined.length} checks passed${besides}`);
}

function counted(examined: Examined[], status: Examined['status']): string {
  const { length } = examined.filter(each => each.status === status);
  return length === 0 ? '' : `${length} ${status}${length === 1 ? '' : 's'}`;
}
