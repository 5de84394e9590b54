import { styleText } from 'node:util';
import { printable } from '../cli/json.ts';
import { plainTable } from '../cli/plain-table.ts';
import type { Finding, Kind } from './judge.ts';
import { type AuditReport, isConsistent } from './report.ts';

const ID_SHOWN = 40;

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
    const more =
      count > shown.length ? [`  ... and ${figure(count - shown.length)} more; --list shows more of them`] : [];
    const title = kind === 'halfDone' ? `half done for more than ${olderThan}` : LABELS[kind];
    return ['', styleText('bold', `${title}: ${figure(count)}`), advice(kind, report), ...shown.map(line), ...more];
  });
}

/** What a person must know to decide: audit itself never deletes and never overwrites. */
function advice(kind: Kind, { withoutMapping, repairable, repaired }: AuditReport): string {
  switch (kind) {
    case 'halfDone':
      return 'Their messages are under way, dead letters, or lost; sent again, a message finishes its feature.\nSee `onefold dlq list`, else ask the producer for them.';
    case 'withoutMapping':
      return [
        'Sent again, they would be stored a second time.',
        ...(repaired > 0 || repairable === 0
          ? []
          : [`\`onefold audit --repair\` gives ${figure(repairable)} of them a mapping to the feature that is there.`]),
        ...(repairable < withoutMapping
          ? [
              `${figure(withoutMapping - repairable)} share a client id: decide which feature it shall have, and write its mapping.`,
            ]
          : []),
      ].join('\n');
    case 'storedTwice':
      return 'Onefold goes on with the feature that the mapping names. Decide what becomes of the others,\nand of whoever refers to them.';
    case 'wrongHash':
      return 'Somebody else wrote to the table. The right payload is in a backup, or comes from the producer;\nsent again, it is parked as a conflict until the stored one is mended.';
    case 'mispaired':
      return 'The tables do not belong together, or one was restored to another time. Workers stop at such a\nmapping: correct the table names, or restore both tables to one time.';
    case 'foreign':
      return 'Find out who else writes to these tables, and stop it.';
  }
}

function line({ clientFeatureId, featureId, detail }: Finding): string {
  const [client, feature] = [clientFeatureId, featureId].map(id => (id === undefined ? '-' : cut(printable(id))));
  return `  ${client}  ${feature}  ${printable(detail)}`;
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

const cut = (id: string): string => (id.length > ID_SHOWN ? `${id.slice(0, ID_SHOWN - 1)}…` : id);
const figure = (count: number): string => count.toLocaleString('en');
