import { seededRandom } from '../src/demo/random.ts';
import type { JsonObject, JsonValue } from '../src/store/port.ts';

const WORDS =
  'survey parcel river township coast highway station boundary forest harbour district ridge meadow county reservoir'.split(
    ' ',
  );
const KINDS = ['county', 'road', 'lake', 'building', 'parcel'];
/** What a member called `note` costs beside its text. */
const NOTE_BYTES = ',"note":""'.length;

/** The client ids of `count` messages in the order of the queue, of which the fraction `duplicates` comes again. */
export function messageIds(count: number, duplicates: number, prefix: string): string[] {
  const random = seededRandom(1);
  const ids: string[] = [];
  let fresh = 0;
  let again = Math.min(Math.round(count * duplicates), Math.max(count - 1, 0));
  for (let left = count; left > 0; left--) {
    // The first is always new; of those left, each is as likely as the other to be one that comes again.
    if (fresh > 0 && random() * left < again) {
      ids.push(`${prefix}${Math.floor(random() * fresh)}`);
      again--;
    } else {
      ids.push(`${prefix}${fresh++}`);
    }
  }
  return ids;
}

/** A message's body. The id alone decides what is in it, so a copy is equal byte for byte. */
export function messageBody(clientFeatureId: string, payloadBytes: number): string {
  return JSON.stringify({ clientFeatureId, payload: payloadOf(clientFeatureId, payloadBytes) });
}

/**
 * A record as a third party might send it: nested, with numbers, strings, a list. Its JSON text has `bytes` bytes where
 * that can be had; the least is 2, an empty object.
 */
export function payloadOf(clientFeatureId: string, bytes: number): JsonObject {
  const random = seededRandom(checksum(clientFeatureId));
  const pick = (list: string[]) => list[Math.floor(random() * list.length)] ?? '';
  const round = (value: number, digits: number) => Number(value.toFixed(digits));
  const members: [string, JsonValue][] = [
    ['name', `${pick(WORDS)} ${pick(WORDS)}`],
    ['kind', pick(KINDS)],
    ['population', Math.floor(random() * 1e7)],
    ['position', { longitude: round(random() * 360 - 180, 6), latitude: round(random() * 180 - 90, 6) }],
    ['area', { value: round(random() * 1e4, 2), unit: 'km2' }],
    ['active', random() < 0.9],
    ['tags', [pick(WORDS), pick(WORDS), pick(WORDS)]],
    ['updatedAt', new Date(1.6e12 + Math.floor(random() * 1e11)).toISOString()],
  ];
  const payload: JsonObject = {};
  let size = 2;
  const add = (name: string, value: JsonValue) => {
    const text = `${size > 2 ? ',' : ''}${JSON.stringify(name)}:${JSON.stringify(value)}`;
    if (size + text.length > bytes) return false;
    payload[name] = value;
    size += text.length;
    return true;
  };
  for (const [name, value] of members) add(name, value);

  // Half of what is left holds readings, the rest is prose.
  const readings: JsonValue[] = [];
  for (let room = (bytes - size) / 2; room > 60; room -= 48) {
    readings.push({ station: `${pick(WORDS)}-${Math.floor(random() * 1e3)}`, value: round(random() * 100, 1) });
  }
  if (readings.length > 0) add('readings', readings);
  const left = bytes - size - NOTE_BYTES;
  if (left > 0 && size > 2) {
    let note = '';
    while (note.length < left) note += `${pick(WORDS)} `;
    payload.note = note.slice(0, left);
  }
  return payload;
}

/** FNV-1a. */
function checksum(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
