import type { BatchGetItemCommand, GetItemCommand, QueryCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import type { Item } from '../../../src/store/tables.ts';
import type { Operation } from './operation.ts';
import { shown } from './shown.ts';
import type { Tables } from './tables.ts';

export function get(tables: Tables, input: GetItemCommand['input']): Operation {
  const table = tables.table(input.TableName ?? '');
  const key = tables.keyOf(table, input.Key ?? {});
  const name = () => `GetItem ${table.name}/${key}`;
  let found: Item | undefined;
  const apply = () => {
    found = table.items.get(key);
  };
  const part = { name, touches: [`${table.name}/${key}`], writes: false, apply, told: () => shown(found) };
  return { parts: [part], answer: () => (found === undefined ? {} : { Item: found }) };
}

export function batchGet(tables: Tables, input: BatchGetItemCommand['input']): Operation {
  const answer = { Responses: {} as Record<string, Item[]>, UnprocessedKeys: {} as Record<string, { Keys: Item[] }> };
  const wanted = Object.entries(input.RequestItems ?? {}).flatMap(([name, { Keys = [] }]) => {
    const table = tables.table(name);
    answer.Responses[name] = [];
    return Keys.map(Key => ({ table, Key, key: tables.keyOf(table, Key) }));
  });
  const parts = wanted.map(({ table, Key, key }) => {
    let found: Item | undefined;
    return {
      name: () => `read ${table.name}/${key}`,
      touches: [`${table.name}/${key}`],
      writes: false,
      apply: () => {
        found = table.items.get(key);
        if (found) answer.Responses[table.name]?.push(found);
      },
      refuse: () => {
        answer.UnprocessedKeys[table.name] ??= { Keys: [] };
        answer.UnprocessedKeys[table.name]?.Keys.push(Key);
      },
      told: () => shown(found),
    };
  });
  return { parts, answer: () => answer };
}

/** By one attribute, for equality. An answer may be stale until the index has followed its table. */
export function queryIndex(tables: Tables, input: QueryCommand['input']): Operation {
  const table = tables.table(input.TableName ?? '');
  const attribute = table.shape.index ?? '';
  const operand = /=\s*(:\w+)$/.exec(input.KeyConditionExpression ?? '')?.[1] ?? '';
  const value = input.ExpressionAttributeValues?.[operand]?.S ?? '';
  const matching = (items: Map<string, Item>) => [...items.values()].filter(item => item[attribute]?.S === value);
  const name = () => `Query the index of ${table.name} for ${value}`;
  let found: Item[] = [];
  const part = {
    name,
    touches: [`${table.name}~${value}`],
    // An index never goes back: what was once read from it is seen from then on.
    writes: true,
    apply: () => {
      found = matching(table.items);
      for (const item of found) table.indexed.set(item[table.shape.key]?.S ?? '', item);
    },
    canBeStale: () => matching(table.items).length > matching(table.indexed).length,
    applyStale: () => {
      found = matching(table.indexed);
    },
    told: () => (found.length === 0 ? 'found nothing' : `found ${found.map(shown).join(', ')}`),
  };
  return { parts: [part], answer: () => ({ Items: found, Count: found.length }) };
}

export function scan(tables: Tables, input: ScanCommand['input']): Operation {
  const { name, items } = tables.table(input.TableName ?? '');
  const told = () => `${items.size} items`;
  const part = { name: () => `Scan ${name}`, touches: [], writes: false, apply: () => {}, told };
  return {
    parts: [part],
    answer: () => ({ Items: [...items.values()], Count: items.size }),
  };
}
