import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { Item } from '../../../src/store/tables.ts';

/** DynamoDB's 400 KB for one item. */
export const MAX_ITEM_BYTES = 409_600;

/** By https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html */
export function itemBytes(item: Item): number {
  let bytes = 0;
  for (const name in item) bytes += Buffer.byteLength(name) + valueBytes(item[name] as AttributeValue);
  return bytes;
}

function valueBytes(value: AttributeValue): number {
  if (value.S !== undefined) return Buffer.byteLength(value.S);
  if (value.N !== undefined) return 1 + Math.ceil(value.N.replace(/[^\d]/g, '').length / 2);
  if (value.L !== undefined) return value.L.reduce((sum, element) => sum + 1 + valueBytes(element), 3);
  if (value.M !== undefined) return 3 + itemBytes(value.M) + Object.keys(value.M).length;
  return 1;
}

/** One write unit for each kilobyte begun. A write that is refused is billed too, by the larger of the old item and the new. */
export function writeUnits(...items: (Item | undefined)[]): number {
  const largest = Math.max(...items.map(item => (item === undefined ? 0 : itemBytes(item))));
  return Math.max(1, Math.ceil(largest / 1024));
}
