import {
  BatchExecuteStatementCommand,
  type BatchExecuteStatementCommandOutput,
  type BatchStatementResponse,
  DeleteTableCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  type PutItemCommandOutput,
  type ReturnConsumedCapacity,
  UpdateTableCommand,
} from '@aws-sdk/client-dynamodb';
import { nanoid } from 'nanoid';
import { systemClock as clock } from '../../src/clock.ts';
import { setUpTables } from '../../src/setup/tables.ts';
import type { Item } from '../../src/store/tables.ts';

/** A pair of tables of our own in one store, and the few things that probes do with it. */
export interface StorePlace {
  client: DynamoDBClient;
  /** Its key is `clientFeatureId`. */
  table: string;
  /** What setup could not turn on. */
  notes: string[];
  newKey(): string;
  /** The INSERTs of one request; a `table` of its own for a statement that is to fail. */
  insert(items: Item[], options?: InsertOptions): Promise<BatchExecuteStatementCommandOutput>;
  /** The answers to them, in order. */
  insertEach(items: Item[], options?: InsertOptions): Promise<BatchStatementResponse[]>;
  /** A PutItem under the condition that there is none, or the given one. */
  put(item: Item, condition?: string): Promise<PutItemCommandOutput>;
  read(key: string): Promise<Item | undefined>;
}

interface InsertOptions {
  tableOf?: (i: number) => string;
  capacity?: ReturnConsumedCapacity;
}

export interface OwnPlace<Place> {
  place: Place;
  /** Removes what was made. */
  leave(): Promise<void>;
}

export async function makeStorePlace(endpoint: string, access: object): Promise<OwnPlace<StorePlace>> {
  const client = new DynamoDBClient({ endpoint, maxAttempts: 1, ...access });
  const name = `onefold-conformance-${nanoid(8)}`;
  const names = { idempotencyTable: name, featuresTable: `${name}-features` };
  const steps = { created: [], existed: [], notes: [] as string[] };
  await setUpTables({ dynamodb: client, clock }, names, steps);

  const insert: StorePlace['insert'] = (items, { tableOf = () => name, capacity } = {}) =>
    client.send(
      new BatchExecuteStatementCommand({
        Statements: items.map((item, i) => ({
          Statement: `INSERT INTO "${tableOf(i)}" VALUE {${Object.keys(item)
            .map(key => `'${key}': ?`)
            .join(', ')}}`,
          Parameters: Object.values(item),
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        })),
        ...(capacity ? { ReturnConsumedCapacity: capacity } : {}),
      }),
    );

  return {
    place: {
      client,
      table: name,
      notes: steps.notes,
      newKey: () => nanoid(),
      insert,
      insertEach: async (items, options) => (await insert(items, options)).Responses ?? [],
      put: (item, condition = 'attribute_not_exists(#key)') =>
        client.send(
          new PutItemCommand({
            TableName: name,
            Item: item,
            ConditionExpression: condition,
            ExpressionAttributeNames: { '#key': 'clientFeatureId' },
            ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          }),
        ),
      read: async key => {
        const Key = { clientFeatureId: { S: key } };
        return (await client.send(new GetItemCommand({ TableName: name, Key, ConsistentRead: true }))).Item;
      },
    },
    leave: async () => {
      for (const TableName of Object.values(names)) {
        await client.send(new UpdateTableCommand({ TableName, DeletionProtectionEnabled: false })).catch(() => {});
        await client.send(new DeleteTableCommand({ TableName })).catch(() => {});
      }
      client.destroy();
    },
  };
}
