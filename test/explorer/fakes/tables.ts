import type { Item } from '../../../src/store/tables.ts';
import { noSuchTable, validation } from './errors.ts';
import { itemBytes, MAX_ITEM_BYTES, writeUnits } from './item-bytes.ts';

/** How a table was created. */
export interface TableShape {
  key: string;
  /** The attribute of a global secondary index, which follows its table in its own time. */
  index?: string;
  /** The attribute, in seconds since the epoch, after which an item may be removed. */
  timeToLive?: string;
}

export interface Write {
  table: string;
  key: string;
  before: Item | undefined;
  after: Item;
}

export interface Table {
  name: string;
  shape: TableShape;
  items: Map<string, Item>;
  /** Items that the index has taken over, by key; it follows `items`. */
  indexed: Map<string, Item>;
}

/** The items themselves, and what reading and writing them costs. */
export interface Tables {
  table(name: string): Table;
  /** @throws Error as DynamoDB does when the item has no usable key, or is too large */
  keyOf(table: Table, item: Item): string;
  put(table: Table, item: Item): void;
  /** A write that its condition refused is billed like one. */
  bill(units: number): void;
  /** What is past its time to live is gone. */
  expire(nowSeconds: number): void;
  writeUnits(): number;
}

export function createTables(shapes: Record<string, TableShape>, onWrite: (write: Write) => void): Tables {
  const tables = new Map<string, Table>();
  for (const name in shapes) {
    tables.set(name, { name, shape: shapes[name] as TableShape, items: new Map(), indexed: new Map() });
  }
  let units = 0;

  return {
    table: name => {
      const table = tables.get(name);
      if (table === undefined) throw noSuchTable(name);
      return table;
    },
    keyOf: ({ shape }, item) => {
      const key = item[shape.key]?.S;
      if (key === undefined || key === '') throw validation(`The key ${shape.key} is missing, empty or no string`);
      if (itemBytes(item) > MAX_ITEM_BYTES) throw validation('Item size has exceeded the maximum allowed size');
      return key;
    },
    put: (table, after) => {
      const key = after[table.shape.key]?.S ?? '';
      const before = table.items.get(key);
      table.items.set(key, after);
      // The index is a table of its own that holds the keys: one unit more.
      units += writeUnits(before, after) + (table.shape.index === undefined ? 0 : 1);
      onWrite({ table: table.name, key, before, after });
    },
    bill: more => {
      units += more;
    },
    expire: nowSeconds => {
      for (const { shape, items } of tables.values()) {
        for (const [key, item] of items) {
          const at = shape.timeToLive && item[shape.timeToLive]?.N;
          if (at !== undefined && Number(at) < nowSeconds) items.delete(key);
        }
      }
    },
    writeUnits: () => units,
  };
}

/** The names of the things that a write of this item touches: its key, and the client's id for whoever looks it up by that. */
export function touched({ name, shape }: Table, item: Item): string[] {
  const byKey = `${name}/${item[shape.key]?.S}`;
  const client = item.clientFeatureId?.S;
  return client === undefined ? [byKey] : [byKey, `${name}~${client}`];
}
