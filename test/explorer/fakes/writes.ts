import type { PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import type { Item } from '../../../src/store/tables.ts';
import { conditionFailed } from './errors.ts';
import { holds, type Placeholders, updated } from './expressions.ts';
import { writeUnits } from './item-bytes.ts';
import type { Operation } from './operation.ts';
import { shown } from './shown.ts';
import { type Table, type Tables, touched } from './tables.ts';

export function put(tables: Tables, input: PutItemCommand['input']): Operation {
  const table = tables.table(input.TableName ?? '');
  const item = input.Item ?? {};
  const key = tables.keyOf(table, item);
  return conditionalWrite(
    () => `PutItem ${table.name} ${shown(item)}`,
    tables,
    table,
    key,
    input,
    item,
    () => item,
  );
}

export function update(tables: Tables, input: UpdateItemCommand['input']): Operation {
  const table = tables.table(input.TableName ?? '');
  const Key = input.Key ?? {};
  const key = tables.keyOf(table, Key);
  const change = (before: Item | undefined) => updated({ ...before, ...Key }, input.UpdateExpression ?? '', input);
  return conditionalWrite(() => `UpdateItem ${table.name}/${key}`, tables, table, key, input, Key, change);
}

function conditionalWrite(
  name: () => string,
  tables: Tables,
  table: Table,
  key: string,
  input: Placeholders & {
    ConditionExpression?: string | undefined;
    ReturnValuesOnConditionCheckFailure?: string | undefined;
  },
  item: Item,
  change: (before: Item | undefined) => Item,
): Operation {
  let error: Error | undefined;
  const apply = () => {
    const before = table.items.get(key);
    if (input.ConditionExpression === undefined || holds(input.ConditionExpression, before ?? {}, input)) {
      tables.put(table, change(before));
    } else {
      tables.bill(writeUnits(before, item));
      error = conditionFailed(input.ReturnValuesOnConditionCheckFailure === 'ALL_OLD' ? before : undefined);
    }
  };
  const told = () => (error ? 'refused by its condition' : 'written');
  return {
    parts: [{ name, touches: touched(table, item), writes: true, apply, told }],
    answer: () => {
      if (error) throw error;
      return {};
    },
  };
}
