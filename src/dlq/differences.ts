import { isDeepStrictEqual } from 'node:util';
import { pointer } from '../pipeline/excerpt.ts';
import type { JsonValue } from '../store/port.ts';

/** One member of two payloads. */
export interface Compared {
  /** JSON Pointer (RFC 6901), safe to print. */
  member: string;
  /** Undefined where there is no such member. */
  letter: JsonValue | undefined;
  stored: JsonValue | undefined;
  differs: boolean;
}

/** The members of both, in the letter's order; an object is gone into only where the two differ. */
export function compare(letter: JsonValue, stored: JsonValue, path: string[] = []): Compared[] {
  if (!isObject(letter) || !isObject(stored) || (path.length > 0 && isDeepStrictEqual(letter, stored))) {
    return [{ member: pointer(path), letter, stored, differs: !isDeepStrictEqual(letter, stored) }];
  }
  const names = new Set([...Object.keys(letter), ...Object.keys(stored)]);
  return [...names].flatMap(name => {
    const [ours, theirs] = [memberOf(letter, name), memberOf(stored, name)];
    if (ours !== undefined && theirs !== undefined) return compare(ours, theirs, [...path, name]);
    return [{ member: pointer([...path, name]), letter: ours, stored: theirs, differs: true }];
  });
}

const memberOf = (object: { [member: string]: JsonValue }, name: string): JsonValue | undefined =>
  Object.hasOwn(object, name) ? object[name] : undefined;

function isObject(value: JsonValue): value is { [member: string]: JsonValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
