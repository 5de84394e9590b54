import { styleText } from 'node:util';
import { printable } from '../../src/cli/json.ts';
import { plainTable } from '../../src/cli/plain-table.ts';
import type { HostileReport } from './hostile.ts';
import type { StormReport } from './storm.ts';
import { REQUEST_FAULTS, type RequestFault } from './weather.ts';

/** One broken run has many symptoms of one illness. */
const COMPLAINTS_SHOWN = 10;

const REQUEST_FAULT_NAMES: Record<RequestFault, string> = {
  throttledRequests: 'requests throttled',
  throttledEntries: 'parts of a batch throttled, inside HTTP 200',
  deniedEntries: 'parts of a batch done, and reported as failed',
  refusedRequests: 'requests refused without a cause',
  refusedEntries: 'parts of a batch refused so, inside HTTP 200',
  serverErrors: 'server errors (500, 503)',
  resetsBefore: 'connections reset before the backend heard of it',
  resetsAfter: 'connections reset after the backend had done it',
  slowAnswers: 'answers up to 1.5 s late',
  lateRequests: 'requests done after the client had given up',
};

/** Two tables that fit 80 columns, and a verdict. Coloured when standard output is a terminal. */
export function renderStorm(report: StormReport): string {
  return ['', bold('What struck'), strikesTable(report), '', bold('What is true, from the tables and the queues alone')]
    .concat([truthTable(report), '', verdict(report)])
    .join('\n');
}

export function renderHostile(report: HostileReport): string {
  const { sorts, sent, stored, parked, complaints, seconds } = report;
  const table = plainTable({
    head: ['', 'bodies', 'stored', 'parked'].map(bold),
    colAligns: ['left', 'right', 'right', 'right'],
  });
  for (const { sort, bodies, stored, parked } of sorts) table.push([sort, bodies, stored, parked]);
  const conclusion =
    complaints.length === 0
      ? styleText(
          'green',
          `✔ ${sent} hostile bodies and the same process: ${stored} features stored as sent, ${parked.invalid} bodies parked as invalid and ${parked.conflict} as conflict, whole (${seconds.toFixed(0)} s)`,
        )
      : renderComplaints(complaints);
  return ['', table, '', conclusion].join('\n');
}

/** What `--json` prints. */
export function stormAsJson({ struck, complaints, ...report }: StormReport): object {
  const { store, queue, ...others } = struck;
  const named = (target: string, counts: Record<RequestFault, number>) =>
    Object.fromEntries(
      REQUEST_FAULTS.map(fault => [`${target}${fault[0]?.toUpperCase()}${fault.slice(1)}`, counts[fault]]),
    );
  const { sent, stored, storedTwice, lost, orphanedMappings, parked, ...rest } = report;
  return {
    ...{ sent, stored, storedTwice, lost, orphanedMappings, parked },
    faults: { ...others, ...named('store', store), ...named('queue', queue) },
    ...rest,
    complaints,
  };
}

function strikesTable({ struck, gaveUp, mostReceives }: StormReport): string {
  const { store, queue } = struck;
  const requests = plainTable({ head: ['', 'store', 'queue'].map(bold), colAligns: ['left', 'right', 'right'] });
  for (const fault of REQUEST_FAULTS) requests.push([REQUEST_FAULT_NAMES[fault], store[fault], queue[fault]]);
  requests.push(
    ['receives whose messages never arrived', '', struck.lostReceives],
    [`requests in an outage of ${struck.outageSeconds} s`, struck.outageRequests, ''],
  );
  return [
    requests,
    `Workers killed ${struck.kills}, frozen past the visibility time ${struck.freezes}, rolled out anew ${struck.rollouts} times;`,
    `${gaveUp} waited in vain for the store. No worker saw a receive count above ${mostReceives}.`,
  ].join('\n');
}

function truthTable({ parked, ...report }: StormReport): string {
  const table = plainTable({ colAligns: ['left', 'right'] });
  table.push(
    ['messages sent', report.sent],
    ['distinct features sent', report.ids],
    ['features stored once', report.stored],
    ['features stored twice', report.storedTwice],
    ['messages parked: invalid', parked.invalid],
    ['messages parked: conflict', parked.conflict],
    ['messages parked: exhausted', parked.exhausted],
    ['messages left in the queue', report.left],
    ['mappings without their feature', report.orphanedMappings],
    ['lost', report.lost],
  );
  return String(table);
}

function verdict({ sent, seconds, complaints }: StormReport): string {
  if (complaints.length === 0) {
    return styleText(
      'green',
      `✔ every one of ${sent} messages is stored or parked, and no feature is stored twice (${seconds.toFixed(0)} s)`,
    );
  }
  return renderComplaints(complaints);
}

function renderComplaints(complaints: string[]): string {
  const shown = complaints.slice(0, COMPLAINTS_SHOWN).map(complaint => `  ${printable(complaint)}`);
  const rest = complaints.length - shown.length;
  const things = `${complaints.length} thing${complaints.length === 1 ? '' : 's'}`;
  return [styleText('red', `✘ ${things} went wrong:`), ...shown, ...(rest > 0 ? [`  ... and ${rest} more`] : [])].join(
    '\n',
  );
}

const bold = (text: string): string => styleText('bold', text);
