import type { TransactWriteItemsCommand } from '@aws-sdk/client-dynamodb';
import { transactionCancelled } from './errors.ts';
import { holds } from './expressions.ts';
import { writeUnits } from './item-bytes.ts';
import type { Operation } from './operation.ts';
import { shown } from './shown.ts';
import { type Tables, touched } from './tables.ts';

/** TransactWriteItems with Puts: all or nothing, at twice the price, also when it is cancelled. */
export function transaction(tables: Tables, { TransactItems = [] }: TransactWriteItemsCommand['input']): Operation {
  const puts = TransactItems.map(({ Put }) => {
    if (Put === undefined) throw new Error('the fake knows no transaction of anything but Puts');
    const table = tables.table(Put.TableName ?? '');
    const item = Put.Item ?? {};
    return { table, item, key: tables.keyOf(table, item), Put };
  });
  const name = () =>
    `TransactWriteItems ${puts.map(({ table, item }) => `${table.name} ${shown(item)}`).join(' and ')}`;
  let error: Error | undefined;

  const apply = () => {
    const codes = puts.map(({ table, key, Put }) => {
      const { ConditionExpression: condition } = Put;
      return condition === undefined || holds(condition, table.items.get(key) ?? {}, Put)
        ? 'None'
        : 'ConditionalCheckFailed';
    });
    const cancelled = codes.some(code => code !== 'None');
    for (const { table, key, item } of puts) {
      tables.bill(writeUnits(table.items.get(key), item));
      if (cancelled) tables.bill(writeUnits(table.items.get(key), item));
      else tables.put(table, item);
    }
    if (cancelled) error = transactionCancelled(codes);
  };

  const touches = puts.flatMap(({ table, item }) => touched(table, item));
  return {
    parts: [{ name, touches, writes: true, apply, told: () => (error ? 'cancelled by a condition' : 'both written') }],
    answer: () => {
      if (error) throw error;
      return {};
    },
  };
}
