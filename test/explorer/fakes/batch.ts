import type { AttributeValue, BatchExecuteStatementCommand, BatchStatementResponse } from '@aws-sdk/client-dynamodb';
import type { Item } from '../../../src/store/tables.ts';
import { validation } from './errors.ts';
import { writeUnits } from './item-bytes.ts';
import type { Operation, Part } from './operation.ts';
import { shown } from './shown.ts';
import { type Table, type Tables, touched } from './tables.ts';

const MAX_STATEMENTS = 25;

/**
 * BatchExecuteStatement with INSERTs: each statement stands for itself, with an error of its own inside HTTP 200, but
 * one key twice rejects the whole request.
 */
export function insertBatch(
  tables: Tables,
  { Statements = [] }: BatchExecuteStatementCommand['input'],
  returnsOld: boolean,
): Operation {
  if (Statements.length > MAX_STATEMENTS) throw validation('Member must have length less than or equal to 25');
  const Responses: BatchStatementResponse[] = Statements.map(() => ({}));
  const keys = new Set<string>();

  const parts = Statements.map(({ Statement = '', Parameters = [] }, i): Part => {
    const refuse = (Code: string, existing?: Item) => {
      Responses[i] = { Error: { Code, Message: Code, ...(existing && { Item: existing }) } as never };
    };
    const { name, attributes } = readInsert(Statement);
    const item = Object.fromEntries(attributes.map((attribute, n) => [attribute, Parameters[n] as AttributeValue]));
    let table: Table;
    let key: string;
    try {
      table = tables.table(name);
      key = tables.keyOf(table, item);
    } catch (error) {
      const Code = (error as Error).name === 'ResourceNotFoundException' ? 'ResourceNotFound' : 'ValidationError';
      return { name: () => Statement, touches: [], writes: false, apply: () => refuse(Code), told: () => Code };
    }
    const sameKey = `${name}/${key}`;
    if (keys.has(sameKey)) throw validation('Provided list of item keys contains duplicates');
    keys.add(sameKey);
    return {
      name: () => `INSERT ${name} ${shown(item)}`,
      touches: touched(table, item),
      writes: true,
      apply: () => {
        const existing = table.items.get(key);
        if (existing === undefined) return tables.put(table, item);
        tables.bill(writeUnits(existing, item));
        refuse('DuplicateItem', returnsOld ? existing : undefined);
      },
      refuse: () => refuse('ThrottlingError'),
      told: () => (Responses[i]?.Error ? 'refused: the key exists' : 'created'),
    };
  });

  return { parts, answer: () => ({ Responses }) };
}

const inserts = new Map<string, { name: string; attributes: string[] }>();

/** `INSERT INTO "table" VALUE {'a': ?, 'b': ?}` */
function readInsert(statement: string) {
  let insert = inserts.get(statement);
  if (insert === undefined) {
    const [, name, value] = /^INSERT INTO "([^"]+)" VALUE \{(.+)\}$/.exec(statement) ?? [];
    if (name === undefined || value === undefined) throw validation(`Statement wasn't well formed: ${statement}`);
    insert = { name, attributes: [...value.matchAll(/'([^']+)': \?/g)].map(match => match[1] as string) };
    inserts.set(statement, insert);
  }
  return insert;
}
