import { type Finding, KINDS, type Kind } from './judge.ts';

/** How many there are of everything, and what was found; each kind of finding counts in full. */
export interface AuditReport extends Record<Kind, number> {
  mappings: number;
  features: number;
  /** Features that their client id's mapping names, with the payload that was stored. */
  consistent: number;
  /** Of those half done, the ones that are older than a message usually takes. */
  overdue: number;
  /** Of the features without a mapping, those that are the only ones of their client id. */
  repairable: number;
  repaired: number;
  /** The first of each kind. */
  findings: Finding[];
}

/** A message under way leaves an id without its feature for a while: that breaks nothing. */
export function isConsistent(report: AuditReport): boolean {
  const broken = KINDS.filter(kind => kind !== 'halfDone').reduce((sum, kind) => sum + report[kind], 0);
  return broken === report.repaired;
}

/** @param listed how many findings of each kind to keep: all are counted */
export function startReport(listed: number): { report: AuditReport; add(finding: Finding): void } {
  const report: AuditReport = {
    mappings: 0,
    features: 0,
    consistent: 0,
    halfDone: 0,
    overdue: 0,
    withoutMapping: 0,
    repairable: 0,
    storedTwice: 0,
    wrongHash: 0,
    mispaired: 0,
    foreign: 0,
    repaired: 0,
    findings: [],
  };
  return {
    report,
    add: finding => {
      report[finding.kind]++;
      if (report.findings.filter(({ kind }) => kind === finding.kind).length < listed) report.findings.push(finding);
    },
  };
}
