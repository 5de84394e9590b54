/**
 * What DynamoDB charges for a request, read off the wire: from ReturnConsumedCapacity where the backend says, else by
 * the rule in https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html
 */
export interface Charge {
  writeUnits: number;
  readUnits: number;
  source: 'reported' | 'rule' | 'unknown';
}

type Json = Record<string, unknown>;
type Item = Record<string, Json>;

const WRITES = new Set([
  'PutItem',
  'UpdateItem',
  'DeleteItem',
  'BatchWriteItem',
  'TransactWriteItems',
  // Inserts, in every contender.
  'BatchExecuteStatement',
]);
const READS = new Set(['GetItem', 'BatchGetItem', 'Query', 'Scan', 'TransactGetItems']);

/** Whether the operation has a price at all: describing a table has none. */
export function isCharged(operation: string): boolean {
  return WRITES.has(operation) || READS.has(operation);
}

export function chargeOf(operation: string, request: Json, status: number, response: Json): Charge {
  const reported = reportedUnits(response.ConsumedCapacity);
  const units = reported ?? byRule(operation, request, status, response);
  const source = reported === undefined ? (units === undefined ? 'unknown' : 'rule') : 'reported';
  return WRITES.has(operation)
    ? { writeUnits: units ?? 0, readUnits: 0, source }
    : { writeUnits: 0, readUnits: units ?? 0, source };
}

function reportedUnits(consumed: unknown): number | undefined {
  if (consumed === undefined || consumed === null) return undefined;
  const tables = (Array.isArray(consumed) ? consumed : [consumed]) as { CapacityUnits?: number }[];
  return tables.reduce((sum, { CapacityUnits = 0 }) => sum + CapacityUnits, 0);
}

/** A refused write costs what it would have cost; what is not shown of the item that refused it cannot be counted. */
function byRule(operation: string, request: Json, status: number, response: Json): number | undefined {
  const refused = String(response.__type ?? '')
    .split('#')
    .at(-1);
  if (status >= 500 || (status >= 400 && refused !== 'ConditionalCheckFailedException' && refused !== CANCELLED)) {
    return 0;
  }
  switch (operation) {
    case 'PutItem':
      return Math.max(writeUnits(request.Item), response.Item ? writeUnits(response.Item) : 0);
    case 'BatchExecuteStatement':
      return sum(request.Statements, insertUnits);
    case 'BatchWriteItem':
      return sum(Object.values((request.RequestItems ?? {}) as Json).flat(), ({ PutRequest }: Json) =>
        writeUnits((PutRequest as Json | undefined)?.Item),
      );
    case 'TransactWriteItems':
      return 2 * sum(request.TransactItems, ({ Put }: Json) => writeUnits((Put as Json | undefined)?.Item));
    case 'GetItem':
      return readUnits(response.Item) * (request.ConsistentRead ? 1 : 0.5);
    default:
      return undefined;
  }
}

const CANCELLED = 'TransactionCanceledException';

/** One for each KB, begun or full, and one at least. */
const writeUnits = (item: unknown): number => Math.max(1, Math.ceil(itemBytes((item ?? {}) as Item) / 1024));

/** One for each 4 KB, strongly consistent; nothing found costs one. */
const readUnits = (item: unknown): number => Math.max(1, Math.ceil(itemBytes((item ?? {}) as Item) / 4096));

function insertUnits({ Statement, Parameters }: Json): number {
  const names = [...String(Statement).matchAll(/'([^']+)': \?/g)].map(([, name]) => name ?? '');
  const values = (Parameters ?? []) as Json[];
  return writeUnits(Object.fromEntries(names.map((name, i) => [name, values[i] ?? {}])));
}

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html */
export function itemBytes(item: Item): number {
  return sum(Object.entries(item), ([name, value]: [string, Json]) => Buffer.byteLength(name) + valueBytes(value));
}

function valueBytes(value: Json): number {
  if (typeof value.S === 'string') return Buffer.byteLength(value.S);
  if (typeof value.N === 'string') return Math.ceil(value.N.replace(/\D/g, '').length / 2) + 1;
  if (Array.isArray(value.L)) return 3 + sum(value.L, (element: Json) => 1 + valueBytes(element));
  if (value.M) return 3 + Object.keys(value.M).length + itemBytes(value.M as Item);
  return 1;
}

function sum<Element>(list: unknown, of: (element: Element) => number): number {
  return ((list ?? []) as Element[]).reduce((total, element) => total + of(element), 0);
}
