import { once } from 'node:events';
import { styleText } from 'node:util';
import { excerpt } from '../../pipeline/excerpt.ts';

/** The terminal's width, or COLUMNS; undefined where standard output goes elsewhere, and no line need be cut. */
export function columns(): number | undefined {
  return process.stdout.isTTY ? process.stdout.columns : Number(process.env.COLUMNS) || undefined;
}

/** A stranger's text on one line: escaped, so that no terminal obeys it, and cut at its end. */
export function shown(text: string, most: number): string {
  const escaped = excerpt(text.slice(0, most + 1), Number.POSITIVE_INFINITY);
  return escaped.length <= most ? escaped : `${escaped.slice(0, most - 1).toWellFormed()}…`;
}

export const bold = (text: string): string => styleText('bold', text);
export const dim = (text: string): string => styleText('dim', text);

export const letters = (count: number): string => `${count.toLocaleString('en')} letter${count === 1 ? '' : 's'}`;

/** Of a table's lines, which it pads, without what would show in a copy. */
export const trimmed = (table: object): string => String(table).replaceAll(/ +$/gm, '');

/** Says what the figures do not show. */
export function printNotes(notes: string[]): void {
  for (const note of notes) console.error(styleText('yellow', `note: ${note}`));
}

/** Waits while whoever reads our output is slower than we are: else it would pile up in memory. */
export async function writeLine(text: string): Promise<void> {
  const { stdout } = process;
  if (stdout.write(`${text}\n`) || stdout.errored) return;
  const goesOn = new AbortController();
  const { signal } = goesOn;
  await Promise.race([once(stdout, 'drain', { signal }), once(stdout, 'close', { signal })]).catch(() => undefined);
  goesOn.abort();
}
