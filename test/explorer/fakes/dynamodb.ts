import {
  BatchExecuteStatementCommand,
  BatchGetItemCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { Item } from '../../../src/store/tables.ts';
import { insertBatch } from './batch.ts';
import { type Operation, refusal } from './operation.ts';
import { batchGet, get, queryIndex, scan } from './reads.ts';
import { createTables, type TableShape, type Tables, type Write } from './tables.ts';
import { transaction } from './transaction.ts';
import { put, update } from './writes.ts';

export interface FakeDynamoDB {
  /** Takes a command of the SDK apart; nothing is applied yet. */
  begin(command: object): Operation;
  items(table: string): Map<string, Item>;
  expire(nowSeconds: number): void;
  writeUnits(): number;
}

/**
 * DynamoDB in memory, as far as Onefold and the designs it rejects use it. Every part of a request is atomic.
 * @param returnsOld whether a refused INSERT brings back the item that stood in its way: emulators do not, AWS may
 */
export function createFakeDynamoDB(
  shapes: Record<string, TableShape>,
  { returnsOld, onWrite = () => {} }: { returnsOld: boolean; onWrite?: (write: Write) => void },
): FakeDynamoDB {
  const tables = createTables(shapes, onWrite);
  return {
    begin: command => {
      try {
        return operationOf(command, tables, returnsOld);
      } catch (error) {
        return refusal(command.constructor.name, error as Error);
      }
    },
    items: name => tables.table(name).items,
    expire: tables.expire,
    writeUnits: tables.writeUnits,
  };
}

function operationOf(command: object, tables: Tables, returnsOld: boolean): Operation {
  if (command instanceof BatchExecuteStatementCommand) return insertBatch(tables, command.input, returnsOld);
  if (command instanceof BatchGetItemCommand) return batchGet(tables, command.input);
  if (command instanceof PutItemCommand) return put(tables, command.input);
  if (command instanceof UpdateItemCommand) return update(tables, command.input);
  if (command instanceof GetItemCommand) return get(tables, command.input);
  if (command instanceof QueryCommand) return queryIndex(tables, command.input);
  if (command instanceof TransactWriteItemsCommand) return transaction(tables, command.input);
  if (command instanceof ScanCommand) return scan(tables, command.input);
  throw new Error(`the fake DynamoDB does not know ${command.constructor.name}`);
}
