import type { JsonObject } from '../../src/store/port.ts';

/** What a body asks to store, read by other means than the worker's. */
export interface Wanted {
  clientFeatureId: string;
  payload: JsonObject;
}

/**
 * What design and schema say of a body: what it asks to store, or undefined where it cannot be stored exactly as sent.
 * Written without the code under test, and for bodies that are sure to fit into an item.
 */
export function wantedBy(body: string): Wanted | undefined {
  const numbers: { source: string; value: number }[] = [];
  let message: unknown;
  try {
    message = parseWithSources(body, (source, value) => numbers.push({ source, value }));
  } catch {
    return undefined;
  }
  if (!isObject(message) || Object.keys(message).sort().join() !== 'clientFeatureId,payload') return undefined;
  const { clientFeatureId, payload } = message;
  if (!isGoodId(clientFeatureId) || !isObject(payload)) return undefined;
  // A member that is there twice stands in the text twice and in the object once.
  if (membersIn(message) !== colonsIn(body)) return undefined;
  if (!numbers.every(isExact) || !isGood(payload, 1)) return undefined;
  return { clientFeatureId, payload: payload as JsonObject };
}

/** `JSON.parse`, which makes -0 of "-0": DynamoDB knows one zero. */
export function parseWithSources(body: string, onNumber: (source: string, value: number) => void = () => {}): unknown {
  // The types of TypeScript's library do not know the third argument yet.
  const revive = (_: string, value: unknown, context: { source: string }) => {
    if (typeof value !== 'number') return value;
    onNumber(context.source, value);
    return value === 0 ? 0 : value;
  };
  return JSON.parse(body, revive as (name: string, value: unknown) => unknown);
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function isGoodId(id: unknown): id is string {
  if (typeof id !== 'string' || !id.isWellFormed()) return false;
  const bytes = Buffer.byteLength(id);
  return bytes >= 1 && bytes <= 1024 && [...id].every(character => !isControl(character.charCodeAt(0)));
}

const isControl = (code: number): boolean => code < 0x20 || (code >= 0x7f && code < 0xa0);

/** @param level of the value, if it is an object or a list; the payload is level 1 and the last one for those is 31 */
function isGood(value: unknown, level: number): boolean {
  if (typeof value === 'string') return value.isWellFormed();
  if (typeof value !== 'object' || value === null) return true;
  if (level > 31) return false;
  const isGoodName = (name: string) =>
    name !== '' && name !== '__proto__' && name.isWellFormed() && Buffer.byteLength(name) <= 65_535;
  return (
    (Array.isArray(value) || Object.keys(value).every(isGoodName)) &&
    Object.values(value).every(inner => isGood(inner, level + 1))
  );
}

function membersIn(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const inner = Object.values(value).reduce((sum: number, one) => sum + membersIn(one), 0);
  return inner + (Array.isArray(value) ? 0 : Object.keys(value).length);
}

const colonsIn = (body: string): number => body.replaceAll(/"(?:[^"\\]|\\.)*"/g, '').split(':').length - 1;

/** Neither a double nor DynamoDB changes it. */
function isExact({ source, value }: { source: string; value: number }): boolean {
  const size = Math.abs(value);
  return decimalOf(source) === decimalOf(String(value)) && (size === 0 || (size >= 1e-130 && size < 1e126));
}

/** The same text for the same decimal: its digits without zeros at the ends, and the power of ten of the last one. */
function decimalOf(text: string): string {
  const [mantissa = '', power = '0'] = text.toLowerCase().split('e');
  const [whole = '', fraction = ''] = mantissa.replace('-', '').split('.');
  const digits = (whole + fraction).replace(/^0+/, '');
  const significant = digits.replace(/0+$/, '');
  if (significant === '') return '0';
  const exponent = Number(power) - fraction.length + digits.length - significant.length;
  return `${mantissa.startsWith('-') ? '-' : ''}${significant}e${exponent}`;
}
