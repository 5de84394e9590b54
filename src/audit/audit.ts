import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Clock } from '../clock.ts';
import { isCanaryId } from '../doctor/canary.ts';
import { describeTables, type TableNames } from '../store/tables.ts';
import { judgeFeature, judgeMapping, toFeature, toMapping } from './judge.ts';
import { createTableReader } from './read-tables.ts';
import { repairMappings } from './repair.ts';
import { collectRepeated } from './repeated.ts';
import { type AuditReport, startReport } from './report.ts';

export interface AuditOptions {
  client: Pick<DynamoDBClient, 'send'>;
  names: TableNames;
  /** How a repair writes. */
  writes: 'batch' | 'single';
  /** Gives a mapping to each feature that lacks one and is the only one of its client id. */
  repair: boolean;
  /** An id without its feature is overdue when it is older than this. */
  overdueMs: number;
  /** How many findings of each kind to list. */
  listed: number;
  clock: Clock;
  /** From 0 up to 1. */
  random: () => number;
  onProgress: (items: number) => void;
}

/**
 * Holds the two tables against each other, item by item, while workers may be writing: a mapping is there before its
 * feature, so a feature without one is no matter of time. Nothing is ever overwritten or deleted.
 * @throws StoreFailure, StoreUnavailable when the store does not answer
 */
export async function audit(options: AuditOptions): Promise<AuditReport> {
  const { clock, overdueMs } = options;
  const tables = describeTables(options.names);
  const reader = createTableReader(options);
  const { report, add } = startReport(options.listed);
  const lacking = collectRepeated();
  const progress = () => options.onProgress(report.features + report.mappings);

  try {
    // Projecting the payload away would not make it cheaper: a scan is billed by the whole item.
    await reader.scan(tables.features, tables.features.attributes, async item => {
      report.features++;
      progress();
      const feature = toFeature(tables.features, item);
      if ('kind' in feature) return add(feature);
      const mapping = await reader.lookUp(tables.mappings, feature.clientFeatureId);
      const findings = judgeFeature(feature, feature.payload, mapping);
      for (const finding of findings) add(finding);
      if (findings.length === 0) report.consistent++;
      if (mapping === undefined) lacking.add(feature.clientFeatureId);
    });

    await reader.scan(tables.mappings, tables.mappings.attributes, async item => {
      if (isCanaryId(item.clientFeatureId?.S ?? '')) return;
      report.mappings++;
      progress();
      const mapping = toMapping(tables.mappings, item);
      if ('kind' in mapping) return add(mapping);
      const feature = await reader.lookUp(tables.features, mapping.featureId);
      const finding = judgeMapping(mapping, feature, clock.now());
      if (finding?.kind !== 'halfDone') return finding && add(finding);
      if (clock.now() - Date.parse(mapping.createdAt) <= overdueMs) report.halfDone++;
      else {
        report.overdue++;
        add(finding);
      }
    });

    report.repairable = lacking.once();
    if (options.repair && report.repairable > 0) {
      report.repaired = await repairMappings({ ...options, tables, reader, isRepeated: lacking.isRepeated });
    }
    return report;
  } finally {
    reader.stop();
  }
}
