import type { DynamoDBClient, TableDescription } from '@aws-sdk/client-dynamodb';
import { inspectTable } from '../store/inspect.ts';
import type { Table, Tables } from '../store/tables.ts';
import { need, once } from './check.ts';

export interface KnownTable {
  name: string;
  description: TableDescription;
}

/** Both tables as DynamoDB describes them, each asked about once. */
export interface KnownTables {
  /** Throws what the worker would throw at its start; so does `features`. */
  mappings(): Promise<KnownTable>;
  features(): Promise<KnownTable>;
  both(): Promise<KnownTable[]>;
  /** Those that can be used, at least one: a table out of order does not hide what is wrong with the other. */
  usable(): Promise<KnownTable[]>;
}

export function lookAtTables(client: Pick<DynamoDBClient, 'send'>, tables: Tables): KnownTables {
  const look = (table: Table, variable: string) =>
    once(async () => ({ name: table.name, description: await inspectTable(client, table, variable) }));
  const mappings = look(tables.mappings, 'ONEFOLD_IDEMPOTENCY_TABLE');
  const features = look(tables.features, 'ONEFOLD_FEATURES_TABLE');
  const both = () => need(() => Promise.all([mappings(), features()]), 'not both tables can be used');
  return {
    mappings,
    features,
    both,
    usable: async () => {
      const looked = await Promise.allSettled([mappings(), features()]);
      const found = looked.flatMap(each => (each.status === 'fulfilled' ? [each.value] : []));
      return found.length > 0 ? found : both();
    },
  };
}
