import { hash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { JsonObject } from '../store/port.ts';

/**
 * `v1:` + SHA-256 in hex of the payload's RFC 8785 form: equal for payloads that differ in spacing, the order of
 * members or the spelling of a number alone. Tells a redelivery from a conflict.
 * @throws Error on a lone surrogate, which `parse` refuses beforehand
 */
export function payloadHash(payload: JsonObject): string {
  // `undefined` is its answer to a function or a symbol alone.
  const canonical = canonicalize(payload) as string;
  return `v1:${hash('sha256', canonical, 'hex')}`;
}
