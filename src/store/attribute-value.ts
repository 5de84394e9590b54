import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { JsonValue } from './port.ts';

/**
 * A JSON value as DynamoDB's API carries it, exactly. The SDK's own `marshall` judges a value by its
 * `constructor.name`, which a payload can forge, refuses whole numbers beyond 2^53 even where they are exact, and
 * loses a member called `__proto__`.
 */
export function toAttributeValue(value: JsonValue): AttributeValue {
  switch (typeof value) {
    case 'string':
      return { S: value };
    case 'number':
      return { N: String(value) };
    case 'boolean':
      return { BOOL: value };
  }
  if (value === null) return { NULL: true };
  if (Array.isArray(value)) return { L: value.map(toAttributeValue) };
  const M: Record<string, AttributeValue> = {};
  for (const [name, member] of Object.entries(value)) set(M, name, toAttributeValue(member));
  return { M };
}

/**
 * Deep-equal to what `toAttributeValue` was given, after any backend: each writes numbers in a notation of its own.
 * @throws Error on a type that JSON does not have, which Onefold never writes
 */
export function fromAttributeValue(attribute: AttributeValue): JsonValue {
  if (attribute.S !== undefined) return attribute.S;
  if (attribute.N !== undefined) return Number(attribute.N);
  if (attribute.BOOL !== undefined) return attribute.BOOL;
  if (attribute.NULL !== undefined) return null;
  if (attribute.L !== undefined) return attribute.L.map(fromAttributeValue);
  if (attribute.M !== undefined) {
    const object: Record<string, JsonValue> = {};
    for (const [name, member] of Object.entries(attribute.M)) set(object, name, fromAttributeValue(member));
    return object;
  }
  throw new Error(`an attribute of type ${Object.keys(attribute).join()} is no JSON value: Onefold did not write it`);
}

/** Assigning to `__proto__` sets the prototype instead of a member. */
function set<Value>(object: Record<string, Value>, name: string, value: Value): void {
  if (name === '__proto__') {
    Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
  } else {
    object[name] = value;
  }
}
