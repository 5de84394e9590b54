import { styleText } from 'node:util';
import Table from 'cli-table3';
import { printable } from '../cli/json.ts';
import type { DemoReport } from './story.ts';
import type { WorkerFigures } from './worker-process.ts';

const COLUMNS = ['received', 'created', 'recovered', 'duplicates', 'conflicts', 'invalid'] as const;
/** One broken run has many symptoms of one illness. */
const FAULTS_SHOWN = 10;

/** The report as text: two tables that fit 80 columns, and a verdict. Coloured when standard output is a terminal. */
export function renderReport(report: DemoReport): string {
  const { heldWhenKilled } = report;
  return [
    '',
    bold('What the workers reported before they died or stopped'),
    reportedTable(report),
    `Worker 2's figures are the last it gave; it held ${count(heldWhenKilled, 'message')} when it was killed.`,
    '',
    bold('What is true, from the tables and the queues alone'),
    trueTable(report),
    '',
    renderVerdict(report),
  ].join('\n');
}

/** What `--json` prints. */
export function reportAsJson({ figures, faults, workers, heldWhenKilled }: DemoReport): object {
  return { ...figures, faults, reported: { ...totalsOf(workers), heldWhenKilled, workers } };
}

function reportedTable({ workers }: DemoReport): string {
  const table = createTable({
    head: ['worker', ...COLUMNS].map(bold),
    colAligns: ['left', ...COLUMNS.map(() => 'right' as const)],
  });
  const row = (name: string, figures: WorkerFigures) => [name, ...COLUMNS.map(column => figures[column])];
  for (const worker of workers) table.push(row(`${worker.worker} ${worker.ended}`, worker));
  const totals = totalsOf(workers);
  table.push(row('together', totals));
  const { failed, givenBack } = totals;
  const rest =
    failed + givenBack > 0 ? `\nBesides, ${failed} tries failed and ${givenBack} messages were given back.` : '';
  return `${table}${rest}`;
}

function trueTable({ figures }: DemoReport): string {
  const { parked } = figures;
  const table = createTable({ colAligns: ['left', 'right'] });
  table.push(
    ['messages sent', figures.sent],
    ['distinct features sent', figures.features],
    ['features stored', figures.featuresStored],
    ['features stored twice', figures.storedTwice],
    ['messages that repeat a stored feature', figures.repeats],
    ['messages parked: invalid', parked.invalid],
    ['messages parked: conflict', parked.conflict],
    ...(parked.exhausted > 0 ? [['messages parked: exhausted', parked.exhausted]] : []),
    ['messages left in the queue', figures.leftInQueue],
    ['lost', figures.lost],
  );
  return String(table);
}

function renderVerdict({ figures, faults }: DemoReport): string {
  if (faults.length === 0) {
    return styleText(
      'green',
      `✔ ${figures.features} features, each stored exactly once; all ${figures.sent} messages accounted for`,
    );
  }
  const shown = faults.slice(0, FAULTS_SHOWN).map(fault => `  ${printable(fault)}`);
  const more = faults.length > FAULTS_SHOWN ? [`  ... and ${faults.length - FAULTS_SHOWN} more`] : [];
  return [styleText('red', `✘ ${count(faults.length, 'thing')} went wrong:`), ...shown, ...more].join('\n');
}

function totalsOf(workers: DemoReport['workers']): WorkerFigures {
  const sum = (figure: keyof WorkerFigures) => workers.reduce((total, worker) => total + worker[figure], 0);
  const names = [...COLUMNS, 'failed', 'givenBack'] as const;
  return Object.fromEntries(names.map(name => [name, sum(name)])) as WorkerFigures;
}

/** Without frames: they are hard to read aloud and to copy. */
function createTable(options: { head?: string[]; colAligns: ('left' | 'right')[] }) {
  const none = '';
  return new Table({
    ...options,
    style: { head: [], border: [], 'padding-left': 2, 'padding-right': 0 },
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

const bold = (text: string): string => styleText('bold', text);
const count = (n: number, thing: string): string => `${n} ${thing}${n === 1 ? '' : 's'}`;
