import { styleText } from 'node:util';
import { printable } from '../cli/json.ts';
import { plainTable } from '../cli/plain-table.ts';
import type { Finding, Kind } from './judge.ts';
import { type AuditReport, isConsistent } from './report.ts';

/** Of an id, which may have a thousand characters, and of a detail that quotes one. */
const MOST_SHOWN = 60;

const LABELS: Record<Kind, string> = {
  halfDone: 'half done: an id, and its feature still to come',
  withoutMapping: 'features without a mapping',
  storedTwice: 'features stored a second time',
  wrongHash: 'features whose payload was changed',
  mispaired: "mappings that name another client id's feature",
  foreign: 'items that Onefold did not write',
};

/** Totals, what was found with what to do about it, and a verdict. */
export function renderAudit(report: AuditReport, { olderThan }: { olderThan: string }): string {
  return [totals(report), ...details(report, olderThan), '', verdict(report)].join('\n');
}

function totals(report: AuditReport): string {
  const table = plainTable({ colAligns: ['left', 'right'] });
  table.push(
    ['mappings', figure(report.mappings)],
    ['features', figure(report.features)],
    ['consistent: one id, one feature, its payload', figure(report.consistent)],
    ...Object.entries(LABELS).map(([kind, label]) => [label, figure(report[kind as Kind])]),
  );
  if (report.repaired > 0) table.push(['repaired: features that have their mapping again', figure(report.repaired)]);
  return String(table);
}

function details(report: AuditReport, olderThan: string): string[] {
  const kinds = Object.keys(LABELS) as Kind[];
  return kinds.flatMap(kind => {
    const shown = report.findings.filter(finding => finding.kind === kind);
    if (shown.length === 0) return [];
    const count = kind === 'halfDone' ? report.overdue : report[kind];
    const title = kind === 'halfDone' ? `half done for more than ${olderThan}` : LABELS[kind];
    const table = plainTable();
    table.push(...shown.map(row));
    const more = count > shown.length ? [`  ... and ${figure(count - shown.length)} more: see --list`] : [];
    const list = String(table).replaceAll(/ +$/gm, '');
    return ['', styleText('bold', `${title}: ${figure(count)}`), ...advice(kind, report), list, ...more];
  });
}

/** What a person must know to decide, in lines that fit a terminal: audit itself never deletes and never overwrites. */
function advice(kind: Kind, { withoutMapping, repairable, repaired }: AuditReport): string[] {
  const shared = withoutMapping - repairable;
  switch (kind) {
    case 'halfDone':
      return [
        'Their messages are under way, dead letters, or lost. Sent again, a message',
        'finishes its feature: see `onefold dlq list`, or ask the producer.',
      ];
    case 'withoutMapping':
      return [
        'Sent again, they would be stored a second time.',
        ...(repairable > repaired
          ? [`\`onefold audit --repair\` gives ${figure(repairable)} of them their mapping.`]
          : []),
        ...(shared > 0
          ? [`${figure(shared)} share a client id: decide which of them it shall have, and write its mapping.`]
          : []),
      ];
    case 'storedTwice':
      return [
        'Onefold goes on with the feature that the mapping names. Decide what becomes of',
        'these, and of whoever refers to them.',
      ];
    case 'wrongHash':
      return [
        'Somebody else wrote to the table. The right payload is in a backup or with the',
        'producer; sent again, it is parked as a conflict until the stored one is mended.',
      ];
    case 'mispaired':
      return [
        'The tables do not belong together, or one was restored to another time, and',
        'workers stop here: correct the table names, or restore both to one time.',
      ];
    case 'foreign':
      return ['Find out who else writes to these tables, and stop it.'];
  }
}

function row({ clientFeatureId, featureId, detail }: Finding): string[] {
  return [clientFeatureId, featureId, detail].map(text => (text === undefined ? '-' : cut(printable(text))));
}

function verdict(report: AuditReport): string {
  if (isConsistent(report)) {
    return styleText(
      'green',
      `✔ consistent: ${figure(report.features)} features, each under the one id of its client id`,
    );
  }
  return styleText('red', '✘ not consistent');
}

const cut = (text: string): string => (text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN - 1)}…` : text);
const figure = (count: number): string => count.toLocaleString('en');
