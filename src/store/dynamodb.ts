import { type DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import type { Clock } from '../clock.ts';
import { judge } from './answer.ts';
import { askUntilAnswered } from './ask.ts';
import { fromAttributeValue } from './attribute-value.ts';
import { batchWrites } from './batch-writes.ts';
import { type StoreHealth, watchHealth } from './health.ts';
import {
  type CreateOnceTable,
  type Feature,
  type JsonObject,
  type Mapping,
  type Store,
  type StoredFeature,
  StoreFailure,
} from './port.ts';
import { createProbe } from './probe.ts';
import { batchReads, type Summary } from './reads.ts';
import { singleWrites } from './single-writes.ts';
import {
  describeTables,
  featureItem,
  type Item,
  mappingItem,
  summaryOf,
  type Table,
  type TableNames,
} from './tables.ts';

export interface DynamoDBStore extends Store {
  health: StoreHealth;
  /** Requests sent so far. */
  requests: { writes: number; reads: number };
}

/** The store on DynamoDB, or on anything that speaks its API. */
export function createDynamoDBStore(options: {
  client: DynamoDBClient;
  names: TableNames;
  /** `single` for stores without PartiQL. */
  writes: 'batch' | 'single';
  clock: Clock;
  /** From 0 up to 1. */
  random: () => number;
}): DynamoDBStore {
  const { client, clock, random } = options;
  const tables = describeTables(options.names);
  const requests = { writes: 0, reads: 0 };
  const health = watchHealth({ probe: createProbe({ client, tables, writes: options.writes }), clock });
  const persistence = { health, clock, random };

  const onWrite = () => requests.writes++;
  const onRead = () => requests.reads++;
  const write =
    options.writes === 'batch'
      ? batchWrites({ client, soon: clock.soon, onRequest: onWrite })
      : singleWrites({ client, onRequest: onWrite });
  const read = batchReads({ client, soon: clock.soon, onRequest: onRead });

  const readSummary = async (table: Table, key: string): Promise<Summary | undefined> => {
    const { value } = await askUntilAnswered(() => read(table, key), persistence);
    return value && whole(table, key, value);
  };

  /** The emulators keep to themselves what refused an INSERT, and AWS may: then it is read. */
  async function existingOf(table: Table, item: Item, { existing }: { existing?: Item }): Promise<Summary> {
    const key = item[table.key]?.S ?? '';
    const found = existing ? whole(table, key, summaryOf(table, existing)) : await readSummary(table, key);
    if (found === undefined) throw new StoreFailure(`${table.name}: ${key} was deleted while it was created`);
    return found;
  }

  function createOnce<New, Stored>(table: Table, toItem: (record: New) => Item): CreateOnceTable<New, Stored> {
    return {
      read: key => readSummary(table, key) as Promise<Stored | undefined>,
      createIfAbsent: async record => {
        const item = toItem(record);
        const { value, uncertain } = await askUntilAnswered(() => write(table, item), persistence);
        if (value.created) return { created: true };
        return { created: false, existing: (await existingOf(table, item, value)) as Stored, uncertain };
      },
    };
  }

  return {
    health,
    requests,
    mappings: createOnce<Mapping, Mapping>(tables.mappings, mappingItem),
    features: createOnce<Feature, StoredFeature>(tables.features, featureItem),
    readFeature: async featureId => {
      const ask = async () => {
        onRead();
        const command = new GetItemCommand({
          TableName: tables.features.name,
          Key: { featureId: { S: featureId } },
          ConsistentRead: true,
        });
        return client.send(command).then(
          ({ Item }) => ({ kind: 'answered' as const, value: Item }),
          (error: unknown) => judge(error),
        );
      };
      const { value: item } = await askUntilAnswered(ask, persistence);
      if (item === undefined) return undefined;
      const payload = fromAttributeValue(item.payload ?? { M: {} }) as JsonObject;
      return { ...(summaryOf(tables.features, item) as unknown as StoredFeature), payload };
    },
  };
}

/** Refuses to go on from an item that something else wrote. */
function whole(table: Table, key: string, summary: Record<string, unknown>): Summary {
  const missing = table.summary.find(name => typeof summary[name] !== 'string');
  if (missing) throw new StoreFailure(`${table.name}: ${key} has no ${missing}: Onefold did not write this item`);
  return summary as Summary;
}
