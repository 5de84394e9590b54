import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import type { Item } from '../../src/store/tables.ts';
import type { Property } from './property.ts';
import type { StorePlace } from './store-place.ts';

const item = (key: string, value = 'first'): Item => ({ clientFeatureId: { S: key }, value: { S: value } });
const range = (n: number): number[] => [...Array(n).keys()];
const refusal = async (made: Promise<unknown>): Promise<Error | undefined> =>
  made.then(
    () => undefined,
    (error: Error) => error,
  );

/** Creating what is not there: what each way of writing rests on. */
export const STORE_WRITES: Property<StorePlace>[] = [
  {
    name: 'an INSERT refuses an existing key and leaves its item as it was',
    reliedOnBy: 'batch writes',
    probe: async ({ newKey, insertEach, read }) => {
      const key = newKey();
      await insertEach([item(key)]);
      const [answer] = await insertEach([item(key, 'second')]);
      const code = answer?.Error?.Code ?? 'no error';
      const kept = (await read(key))?.value?.S === 'first';
      return { holds: /^DuplicateItem(Exception)?$/.test(code) && kept, observed: kept ? code : 'overwritten' };
    },
  },
  {
    name: 'a refused INSERT leaves its 24 neighbours alone',
    reliedOnBy: 'batch writes',
    probe: async ({ newKey, insertEach }) => {
      const keys = range(25).map(() => newKey());
      await insertEach([item(keys[7] ?? '')]);
      const answers = await insertEach(keys.map(key => item(key)));
      const refused = answers.flatMap(({ Error: error }, i) => (error ? [i] : []));
      return { holds: refused.join() === '7' };
    },
  },
  {
    name: 'of fifty INSERTs of one key at once, one wins',
    reliedOnBy: 'batch writes',
    probe: async ({ newKey, insertEach, read }) => {
      const key = newKey();
      const answers = await Promise.all(range(50).map(i => insertEach([item(key, String(i))])));
      const winners = answers.flatMap(([answer], i) => (answer?.Error ? [] : [String(i)]));
      const holds = winners.length === 1 && (await read(key))?.value?.S === winners[0];
      return { holds, ...(holds ? {} : { observed: `${winners.length} won` }) };
    },
  },
  {
    name: 'an INSERT with an empty key is refused as invalid',
    reliedOnBy: 'batch writes',
    probe: async ({ insert }) => {
      const answer = await insert([item('')]).catch((error: Error) => error);
      const code = answer instanceof Error ? answer.name : (answer.Responses?.[0]?.Error?.Code ?? 'no error');
      return { holds: /^Validation(Error|Exception)$/.test(code), observed: code };
    },
  },
  {
    name: 'a conditional PutItem refuses an existing key and leaves its item as it was',
    reliedOnBy: 'single writes',
    probe: async ({ newKey, put, read }) => {
      const key = newKey();
      await put(item(key));
      const error = await refusal(put(item(key, 'second')));
      const kept = (await read(key))?.value?.S === 'first';
      return { holds: error instanceof ConditionalCheckFailedException && kept };
    },
  },
  {
    name: 'of fifty conditional PutItems of one key at once, one wins',
    reliedOnBy: 'single writes',
    probe: async ({ newKey, put, read }) => {
      const key = newKey();
      const errors = await Promise.all(range(50).map(i => refusal(put(item(key, String(i))))));
      const winners = errors.flatMap((error, i) => (error ? [] : [String(i)]));
      const holds = winners.length === 1 && (await read(key))?.value?.S === winners[0];
      return { holds, ...(holds ? {} : { observed: `${winners.length} won` }) };
    },
  },
  {
    name: 'a PutItem under a condition that is never true is refused by it',
    reliedOnBy: 'every worker',
    probe: async ({ newKey, put, read }) => {
      const key = newKey();
      const error = await refusal(put(item(key), 'attribute_exists(#key) AND attribute_not_exists(#key)'));
      return { holds: error instanceof ConditionalCheckFailedException && (await read(key)) === undefined };
    },
  },
  {
    name: 'a refused INSERT brings the existing item back (ALL_OLD)',
    probe: async ({ newKey, insertEach }) => {
      const key = newKey();
      await insertEach([item(key)]);
      const [answer] = await insertEach([item(key, 'second')]);
      return { holds: answer?.Error?.Item?.value?.S === 'first' };
    },
  },
  {
    name: 'a refused PutItem brings the existing item back (ALL_OLD)',
    probe: async ({ newKey, put }) => {
      const key = newKey();
      await put(item(key));
      const error = await refusal(put(item(key, 'second')));
      return { holds: error instanceof ConditionalCheckFailedException && error.Item?.value?.S === 'first' };
    },
  },
];
