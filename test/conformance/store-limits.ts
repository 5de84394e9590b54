import { type AttributeValue, BatchGetItemCommand } from '@aws-sdk/client-dynamodb';
import type { Item } from '../../src/store/tables.ts';
import type { Finding, Property } from './property.ts';
import type { StorePlace } from './store-place.ts';

const KEY = 'clientFeatureId';
/** DynamoDB's limit: attribute names and values together. */
const MAX_ITEM_BYTES = 400 * 1024;

const item = (key: string, value: AttributeValue = { S: 'value' }): Item => ({ [KEY]: { S: key }, value });
const sized = (key: string, bytes: number): Item =>
  item(key, { S: 'x'.repeat(bytes - KEY.length - key.length - 'value'.length) });

/** Sends one statement that must fail between two good ones: are those stored? */
async function neighboursStored(
  place: StorePlace,
  bad: (key: string) => Item,
  badTable = place.table,
): Promise<Finding> {
  const [one, middle, other] = [place.newKey(), place.newKey(), place.newKey()];
  const tableOf = (i: number) => (i === 1 ? badTable : place.table);
  const answers = await place
    .insertEach([item(one), bad(middle), item(other)], { tableOf })
    .catch((error: Error) => error);
  const stored = (await Promise.all([place.read(one), place.read(other)])).filter(Boolean).length;
  const code = answers instanceof Error ? answers.name : (answers[1]?.Error?.Code ?? 'no error');
  const alone = stored === 2 && code !== 'no error';
  return { holds: alone, observed: alone ? code : `${code}, ${stored} of 2 neighbours stored` };
}

/** What a table takes and refuses, and what it says of it. */
export const STORE_LIMITS: Property<StorePlace>[] = [
  {
    name: 'a BatchGetItem of 100 keys reads what was just written',
    reliedOnBy: 'every worker',
    probe: async ({ client, table, newKey, put }) => {
      const keys = Array.from({ length: 100 }, () => newKey());
      await Promise.all(keys.slice(0, 50).map(key => put(item(key))));
      const Keys = keys.map(key => ({ [KEY]: { S: key } }));
      const { Responses, UnprocessedKeys } = await client.send(
        new BatchGetItemCommand({ RequestItems: { [table]: { Keys, ConsistentRead: true } } }),
      );
      const left = UnprocessedKeys?.[table]?.Keys?.length ?? 0;
      return { holds: (Responses?.[table]?.length ?? 0) + left === 50 };
    },
  },
  {
    name: 'a table that is missing is called ResourceNotFound',
    reliedOnBy: 'every worker',
    probe: async ({ client, newKey }) => {
      const Keys = [{ [KEY]: { S: newKey() } }];
      const error = await client.send(new BatchGetItemCommand({ RequestItems: { [newKey()]: { Keys } } })).then(
        () => undefined,
        (error: Error) => error,
      );
      return { holds: error?.name === 'ResourceNotFoundException' };
    },
  },
  {
    name: 'keys that only Unicode normalisation would make equal are two',
    reliedOnBy: 'every worker',
    probe: async ({ newKey, put, read }) => {
      const key = newKey();
      const [composed, decomposed] = [`${key}-\u00e9`, `${key}-e\u0301`];
      await put(item(composed, { S: 'composed' })).catch(() => undefined);
      return { holds: (await read(composed)) !== undefined && (await read(decomposed)) === undefined };
    },
  },
  {
    name: 'empty strings, maps and lists are stored as such',
    reliedOnBy: 'every worker',
    probe: async ({ newKey, put, read }) => {
      const key = newKey();
      await put(item(key, { M: { text: { S: '' }, map: { M: {} }, list: { L: [] } } }));
      const { text, map, list } = (await read(key))?.value?.M ?? {};
      return { holds: text?.S === '' && map?.M !== undefined && list?.L?.length === 0 };
    },
  },
  {
    name: 'an item of 400 KB is stored',
    reliedOnBy: 'every worker',
    probe: async ({ newKey, put, read }) => {
      const key = newKey();
      await put(sized(key, MAX_ITEM_BYTES));
      return { holds: (await read(key)) !== undefined };
    },
  },
  {
    name: 'an item of 400 KB and a byte is refused',
    probe: async ({ newKey, put }) => {
      const error = await put(sized(newKey(), MAX_ITEM_BYTES + 1)).then(
        () => undefined,
        (error: Error) => error,
      );
      return { holds: error?.name === 'ValidationException' };
    },
  },
  {
    name: 'a number keeps its 38 digits',
    probe: async ({ newKey, put, read }) => {
      const [key, digits] = [newKey(), '12345678901234567890123456789012345678'];
      await put(item(key, { N: digits }));
      return { holds: (await read(key))?.value?.N === digits };
    },
  },
  {
    name: 'a statement for a missing table fails alone',
    probe: place => neighboursStored(place, key => item(key), place.newKey()),
  },
  {
    name: 'a statement with an oversized item fails alone',
    probe: place => neighboursStored(place, key => sized(key, MAX_ITEM_BYTES + 100_000)),
  },
  {
    name: 'a statement with an empty member name fails alone',
    probe: place => neighboursStored(place, key => item(key, { M: { '': { S: 'nameless' } } })),
  },
  {
    name: 'a key twice in one batch makes the whole batch refused',
    probe: async ({ newKey, insert, read }) => {
      const key = newKey();
      const answer = await insert([item(key), item(key)]).catch((error: Error) => error);
      const code = answer instanceof Error ? answer.name : 'no error';
      const stored = (await read(key)) !== undefined;
      return { holds: code === 'ValidationException' && !stored, observed: stored ? `${code}, one stored` : code };
    },
  },
  {
    name: 'BatchExecuteStatement tells what capacity it consumed',
    probe: async ({ newKey, insert }) => {
      const { ConsumedCapacity } = await insert([item(newKey()), item(newKey())], { capacity: 'TOTAL' });
      const units = ConsumedCapacity?.reduce((sum, { CapacityUnits = 0 }) => sum + CapacityUnits, 0);
      return { holds: units !== undefined, ...(units === undefined ? {} : { observed: `${units} for 2 items` }) };
    },
  },
  {
    name: 'a refused INSERT tells what capacity it consumed',
    probe: async ({ newKey, insert }) => {
      const key = newKey();
      await insert([item(key)]);
      const { ConsumedCapacity } = await insert([item(key)], { capacity: 'TOTAL' });
      const units = ConsumedCapacity?.[0]?.CapacityUnits;
      return { holds: units !== undefined, ...(units === undefined ? {} : { observed: `${units}` }) };
    },
  },
  { name: 'deletion protection is known', probe: protection('deletion protection') },
  { name: 'point-in-time recovery is known', probe: protection('point-in-time recovery') },
];

/** Setup tries to turn it on, and notes what the backend does not know. */
function protection(what: string): Property<StorePlace>['probe'] {
  return async ({ notes }) => ({ holds: !notes.some(note => note.includes(what)) });
}
