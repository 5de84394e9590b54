import type { JsonObject, JsonValue } from '../store/port.ts';

/** DynamoDB's 400 KB for one item. */
export const MAX_ITEM_BYTES = 409_600;

/** featureId, clientFeatureId, payload, payloadHash and createdAt, with the values of those whose length never changes. */
const NAMES_AND_FIXED_VALUES = 9 + 21 + 15 + 7 + 11 + 67 + 9 + 24;

/**
 * The size in bytes of a feature's item, by the rule in
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
 * DynamoDB Local refuses the byte after the last that this allows, whatever the shape.
 */
export function featureItemBytes(clientFeatureId: string, payload: JsonObject): number {
  return NAMES_AND_FIXED_VALUES + Buffer.byteLength(clientFeatureId) + valueBytes(payload);
}

/**
 * Whether a body is so short that its item fits whatever it holds: no notation costs more than 3 bytes a character
 * (a CJK character costs 3, `1,` costs 3 for two), so nearly every message is spared the count.
 */
export function surelyFits(body: string): boolean {
  return body.length * 3 + NAMES_AND_FIXED_VALUES <= MAX_ITEM_BYTES;
}

function valueBytes(value: JsonValue): number {
  if (value === null || typeof value === 'boolean') return 1;
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (typeof value === 'number') return numberBytes(value);
  // 3 for the container, 1 more for each of its elements.
  let bytes = 3;
  if (Array.isArray(value)) {
    for (const element of value) bytes += 1 + valueBytes(element);
  } else {
    for (const [name, member] of Object.entries(value)) bytes += 1 + Buffer.byteLength(name) + valueBytes(member);
  }
  return bytes;
}

/**
 * The published "1 byte per two significant digits + 1" is an approximation from below: the digits are paired from the
 * decimal point, so 1.5 takes two bytes of digits, and a negative number takes one byte more. (DynamoDB Local, dynalite)
 */
function numberBytes(number: number): number {
  if (number === 0) return 1;
  const [significand = '', exponent] = Math.abs(number).toExponential().split('e');
  const digits = significand.replace('.', '').length;
  const standsAlone = Number(exponent) % 2 === 0 ? 1 : 0;
  return 1 + Math.ceil((digits + standsAlone) / 2) + (number < 0 ? 1 : 0);
}
