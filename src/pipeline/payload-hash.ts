import { hash } from 'node:crypto';
import { stringify } from 'safe-stable-stringify';
import type { JsonObject, JsonValue } from '../store/port.ts';

/**
 * The RFC 8785 form: JSON as JavaScript writes it, the members of each object in the order of their names' UTF-16 units.
 * A test holds it against the reference implementation, which leaves twice the garbage.
 */
export const canonicalForm = (value: JsonValue): string => stringify(value);

/**
 * `v1:` + SHA-256 in hex of the payload's RFC 8785 form: equal for payloads that differ in spacing, the order of
 * members or the spelling of a number alone. Tells a redelivery from a conflict. RFC 8785 has no place for a lone
 * surrogate, which `parse` refuses beforehand.
 */
export function payloadHash(payload: JsonObject): string {
  return `v1:${hash('sha256', canonicalForm(payload), 'hex')}`;
}
