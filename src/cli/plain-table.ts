import Table from 'cli-table3';

const FRAME = [
  ...['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right'],
  ...['left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid', 'middle'],
];

/** A table without frames: they are hard to read aloud and to copy. */
export function plainTable(options: Table.TableConstructorOptions = {}): Table.Table {
  return new Table({
    ...options,
    style: { head: [], border: [], 'padding-left': 2, 'padding-right': 0 },
    chars: Object.fromEntries(FRAME.map(part => [part, ''])),
  });
}
