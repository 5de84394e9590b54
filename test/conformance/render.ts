import { styleText } from 'node:util';
import { plainTable } from '../../src/cli/plain-table.ts';
import type { Cell, Row } from './property.ts';

export interface Section {
  /** What its columns are: stores, queues. */
  title: string;
  backends: string[];
  rows: Row[];
}

const MARKS = { holds: '✔', lacks: '–', missing: '✘' } as const;
const COLOURS = { holds: 'green', lacks: 'yellow', missing: 'red' } as const;
/** What remains of a row for the property, on a terminal of 80 columns beside three stores. */
const NARROWEST = 36;
const WIDEST = 72;
const GAP = 2;

export const LEGEND = `✔ holds
– does not hold, and no worker relies on it there
✘ does not hold, and a worker relies on it`;

/** A table for a terminal. What was observed in words stands below it, under numbers. */
export function renderSection({ title, backends, rows }: Section, columns = process.stdout.columns || 120): string {
  const widths = backends.map(name => name.length + GAP);
  const left = columns - GAP - widths.reduce((sum, width) => sum + width, 0);
  const table = plainTable({
    head: [title, ...backends].map(text => styleText('bold', text)),
    colWidths: [Math.max(NARROWEST, Math.min(WIDEST, left)), ...widths],
    wordWrap: true,
  });
  const words: string[] = [];
  const numberOf = (observed: string): number => {
    if (!words.includes(observed)) words.push(observed);
    return words.indexOf(observed) + 1;
  };
  const mark = ({ verdict, observed }: Cell): string =>
    styleText(COLOURS[verdict], `${MARKS[verdict]}${observed ? ` ${numberOf(observed)}` : ''}`);
  for (const [reliant, group] of Map.groupBy(rows, ({ reliedOnBy }) => reliedOnBy)) {
    table.push([styleText('dim', headingOf(reliant)), ...backends.map(() => '')]);
    for (const { property, cells } of group) table.push([property, ...cells.map(mark)]);
  }
  const notes = words.map((observed, i) => `  ${String(i + 1).padStart(2)} ${observed}`);
  return [String(table), ...notes].join('\n');
}

/** The same for a page. */
export function renderMarkdown({ title, backends, rows }: Section): string {
  const line = (texts: string[]) => `| ${texts.map(text => text.replaceAll('|', '\\|')).join(' | ')} |`;
  return [
    line([title, 'relied on by', ...backends]),
    line(['---', '---', ...backends.map(() => '---')]),
    ...rows.map(({ property, reliedOnBy, cells }) => line([property, reliedOnBy ?? '', ...cells.map(inWords)])),
  ].join('\n');
}

const headingOf = (reliant: Row['reliedOnBy']): string => (reliant ? `relied on by ${reliant}` : 'not relied on');

const inWords = ({ verdict, observed }: Cell): string => [MARKS[verdict], observed].filter(Boolean).join(' ');
