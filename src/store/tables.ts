import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { toAttributeValue } from './attribute-value.ts';
import type { Feature, Mapping } from './port.ts';

/** An item as DynamoDB's API carries it. */
export type Item = Record<string, AttributeValue>;

export interface Table {
  name: string;
  key: string;
  /** Every attribute of an item, in the order of an INSERT's parameters. */
  attributes: string[];
  /** The attributes that reads ask for: all but the payload, each a string. */
  summary: string[];
}

export interface Tables {
  mappings: Table;
  features: Table;
}

export interface TableNames {
  idempotencyTable: string;
  featuresTable: string;
}

export function describeTables({ idempotencyTable, featuresTable }: TableNames): Tables {
  const mapping = ['clientFeatureId', 'featureId', 'createdAt'];
  const summary = ['featureId', 'clientFeatureId', 'payloadHash', 'createdAt'];
  return {
    mappings: { name: idempotencyTable, key: 'clientFeatureId', attributes: mapping, summary: mapping },
    features: { name: featuresTable, key: 'featureId', attributes: [...summary, 'payload'], summary },
  };
}

export function mappingItem({ clientFeatureId, featureId, createdAt }: Mapping): Item {
  return { clientFeatureId: { S: clientFeatureId }, featureId: { S: featureId }, createdAt: { S: createdAt } };
}

export function featureItem({ featureId, clientFeatureId, payloadHash, createdAt, payload }: Feature): Item {
  return {
    featureId: { S: featureId },
    clientFeatureId: { S: clientFeatureId },
    payloadHash: { S: payloadHash },
    createdAt: { S: createdAt },
    payload: toAttributeValue(payload),
  };
}

/** The string attributes of an item that a refused write brought back. */
export function summaryOf(table: Table, item: Item): Record<string, string | undefined> {
  return Object.fromEntries(table.summary.map(name => [name, item[name]?.S]));
}
