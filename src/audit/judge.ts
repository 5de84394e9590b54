import { duration } from '../duration.ts';
import { parse } from '../pipeline/message.ts';
import { payloadHash } from '../pipeline/payload-hash.ts';
import { fromAttributeValue } from '../store/attribute-value.ts';
import type { JsonObject, Mapping, StoredFeature } from '../store/port.ts';
import type { Summary } from '../store/reads.ts';
import { type Item, summaryOf, type Table } from '../store/tables.ts';

export const KINDS = ['halfDone', 'withoutMapping', 'storedTwice', 'wrongHash', 'mispaired', 'foreign'] as const;
export type Kind = (typeof KINDS)[number];

export interface Finding {
  kind: Kind;
  /** Missing where a foreign item has none; so is `featureId`. */
  clientFeatureId?: string | undefined;
  featureId?: string | undefined;
  detail: string;
}

/** A mapping, and what the features table holds under its id. */
export function judgeMapping(mapping: Mapping, feature: Summary | undefined, now: number): Finding | undefined {
  const { clientFeatureId, featureId, createdAt } = mapping;
  if (feature === undefined) {
    const age = duration((now - Date.parse(createdAt)) / 1_000);
    return { kind: 'halfDone', clientFeatureId, featureId, detail: `id fixed ${age} ago` };
  }
  if (feature.clientFeatureId === clientFeatureId) return undefined;
  const detail = `that feature is of ${feature.clientFeatureId ?? 'nobody'}`;
  return { kind: 'mispaired', clientFeatureId, featureId, detail };
}

/** A feature, and what the idempotency table holds under its client id. */
export function judgeFeature(feature: StoredFeature, payload: JsonObject, mapping: Summary | undefined): Finding[] {
  const { clientFeatureId, featureId, createdAt } = feature;
  const of = (kind: Kind, detail: string): Finding => ({ kind, clientFeatureId, featureId, detail });
  const findings: Finding[] = [];
  if (mapping === undefined) findings.push(of('withoutMapping', `stored ${createdAt}`));
  else if (mapping.featureId !== featureId)
    findings.push(of('storedTwice', `mapped to ${mapping.featureId ?? 'nothing'}`));
  const hash = payloadHash(payload);
  if (hash !== feature.payloadHash) findings.push(of('wrongHash', 'its payload has another hash'));
  return findings;
}

export function toMapping(table: Table, item: Item): Mapping | Finding {
  const summary = summaryOf(table, item);
  return defectOf(table, summary) ?? (summary as unknown as Mapping);
}

export function toFeature(table: Table, item: Item): (StoredFeature & { payload: JsonObject }) | Finding {
  const summary = summaryOf(table, item);
  const defect = defectOf(table, summary);
  if (defect) return defect;
  try {
    if (!item.payload?.M) return foreign(table, summary, 'no payload');
    return { ...(summary as unknown as StoredFeature), payload: fromAttributeValue(item.payload) as JsonObject };
  } catch (error) {
    return foreign(table, summary, (error as Error).message);
  }
}

/** Why Onefold cannot have written an item. */
function defectOf(table: Table, summary: Summary): Finding | undefined {
  const missing = table.summary.find(name => summary[name] === undefined);
  if (missing) return foreign(table, summary, `no ${missing}`);
  // The contract knows whole messages only.
  const message = parse(JSON.stringify({ clientFeatureId: summary.clientFeatureId, payload: {} }));
  if (!message.ok) return foreign(table, summary, message.detail);
  if (Number.isNaN(Date.parse(summary.createdAt ?? ''))) return foreign(table, summary, 'createdAt is no time');
  return undefined;
}

function foreign({ name }: Table, { clientFeatureId, featureId }: Summary, why: string): Finding {
  return { kind: 'foreign', clientFeatureId, featureId, detail: `${why}, in ${name}` };
}
