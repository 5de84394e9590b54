import { z } from 'zod';
import type { JsonObject } from '../store/port.ts';
import { findDefect, MAX_NAME_BYTES } from './exact-json.ts';
import { excerpt } from './excerpt.ts';
import { featureItemBytes, MAX_ITEM_BYTES, surelyFits } from './item-size.ts';
import { explainSyntax } from './json-syntax.ts';
import { payloadHash } from './payload-hash.ts';

/** What a valid message asks to store. */
export interface Incoming {
  clientFeatureId: string;
  payload: JsonObject;
  payloadHash: string;
}

export type Parsed =
  | { ok: true; feature: Incoming }
  /** `detail` is one line that a person can act on; it is short and prints safely whatever the body holds. */
  | { ok: false; detail: string };

const MAX_ID_BYTES = 1024;
const MOST_DETAIL = 1000;

const missingOr = (wrong: string) => (issue: { input?: unknown }) => (issue.input === undefined ? 'is missing' : wrong);

const clientFeatureId = z
  .string({ error: missingOr('must be a string') })
  .min(1, 'must not be empty')
  // In characters, which is all that JSON Schema can count; the bytes are counted below.
  .max(MAX_ID_BYTES, { error: `must not be longer than ${MAX_ID_BYTES} bytes of UTF-8`, abort: true })
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it is about, and \p{Cc} is unknown to the validators of other languages
  .regex(/^[^\u0000-\u001f\u007f-\u009f]*$/, 'must not contain control characters (U+0000 to U+001F, U+007F to U+009F)')
  .refine(id => Buffer.byteLength(id) <= MAX_ID_BYTES, `must not be longer than ${MAX_ID_BYTES} bytes of UTF-8`)
  .meta({
    description: `The third party's own id of the feature: 1 to ${MAX_ID_BYTES} bytes of UTF-8 without control characters, compared byte by byte, never normalised.`,
    examples: ['06037'],
  });

/** A member's name at any depth. `maxLength` counts characters and the limit counts bytes, as in the id above. */
const nameSchema = { minLength: 1, maxLength: MAX_NAME_BYTES, not: { const: '__proto__' } };

const payload = z
  .custom<JsonObject>(value => typeof value === 'object' && value !== null && !Array.isArray(value), {
    error: missingOr('must be a JSON object'),
  })
  .meta({
    type: 'object',
    description: [
      'The feature, stored exactly as sent; a message that cannot be is parked.',
      'Beyond what this schema says: no object may have two members of one name; strings and names must be valid Unicode (no lone surrogates);',
      'a number must survive an IEEE 754 double unrounded (send longer ones as strings) and be zero or have a magnitude from 1E-130 to 9.99…E+125;',
      'at most 32 levels of nesting, of which the payload is the first and the values in the innermost object or list are the last;',
      `names of at most ${MAX_NAME_BYTES} bytes of UTF-8; at most 400 KB as a DynamoDB item.`,
    ].join(' '),
    examples: [{ name: 'Los Angeles', population: 9829544 }],
    propertyNames: nameSchema,
    additionalProperties: { $ref: '#/$defs/value' },
  });

const valueSchema = {
  description: 'Any JSON value, under the same rules at every depth.',
  anyOf: [
    { type: ['null', 'boolean', 'string'] },
    { type: 'number', exclusiveMinimum: -1e126, exclusiveMaximum: 1e126 },
    { type: 'array', items: { $ref: '#/$defs/value' } },
    { type: 'object', propertyNames: nameSchema, additionalProperties: { $ref: '#/$defs/value' } },
  ],
};

const schema = z.strictObject(
  { clientFeatureId, payload },
  {
    error: issue =>
      issue.code === 'unrecognized_keys'
        ? `a message has clientFeatureId and payload and nothing else, but this one has ${issue.keys.slice(0, 3).map(name => `"${excerpt(name, 40)}"`)}`
        : 'a message must be a JSON object with clientFeatureId and payload',
  },
);

/** Takes a body apart, or says why it cannot be stored exactly as it was sent. Never throws, whatever the body. */
export function parse(body: string): Parsed {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    return invalid(explainSyntax(body));
  }
  const defect = findDefect(body);
  if (defect !== undefined) return invalid(defect);

  const message = schema.safeParse(json);
  if (!message.success) return invalid(message.error.issues.map(explain).join('; '));
  const { clientFeatureId, payload } = message.data;

  if (!surelyFits(body)) {
    const bytes = featureItemBytes(clientFeatureId, payload);
    if (bytes > MAX_ITEM_BYTES) {
      return invalid(`as a DynamoDB item the feature has ${bytes} bytes, and an item holds ${MAX_ITEM_BYTES} (400 KB)`);
    }
  }
  return { ok: true, feature: { clientFeatureId, payload, payloadHash: payloadHash(payload) } };
}

/** The JSON Schema (2020-12) of the message, for producers in any language; generated from the schema that `parse` uses. */
export function messageJsonSchema(): object {
  return {
    $id: 'urn:onefold:message',
    title: 'Onefold message',
    description: 'One feature of a third party, to be stored exactly once. Sent as the body of an SQS message.',
    ...z.toJSONSchema(schema, { unrepresentable: 'any' }),
    $defs: { value: valueSchema },
  };
}

function explain({ path, message }: z.core.$ZodIssue): string {
  return path.length === 0 ? message : `${path.join('.')} ${message}`;
}

function invalid(detail: string): Parsed {
  return { ok: false, detail: excerpt(detail, MOST_DETAIL) };
}
