import fc from 'fast-check';
import { bodies, isSendable } from '../corpus/bodies.ts';
import { jsonValue, storableObject } from '../corpus/json.ts';

export interface HostileBody {
  /** What sort of body it is. */
  sort: string;
  body: string;
  /** What the corpus says; undefined for a body that was made up, which the oracle judges. */
  expected?: 'valid' | 'invalid';
}

const text = fc.string({ unit: 'binary' });
const json = JSON.stringify;
/** A message from the texts of its members, so that a text may say what no JavaScript value can. */
const messageOf = (id: string, payload: string): string => `{"clientFeatureId":${id},"payload":${payload}}`;

/** Mostly an id that nobody else has; sometimes one that many bodies share, and sometimes anything. */
const id = fc.oneof(
  {
    weight: 20,
    arbitrary: fc.tuple(fc.string({ unit: 'grapheme', maxLength: 20 }), fc.uuid()).map(parts => parts.join('')),
  },
  { weight: 2, arbitrary: fc.nat(20).map(n => `shared-${n}`) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 1_100 }) },
);
const idText = id.map(json);
const valid = fc.tuple(idText, storableObject.map(json)).map(([id, payload]) => messageOf(id, payload));

const digits = (maxLength: number) => fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 1, maxLength });
/** Numbers as nobody's serialiser writes them: longer than a double, out of range, and the same number in many spellings. */
const numberText = fc
  .tuple(
    fc.constantFrom('', '-'),
    fc.oneof(
      fc.constantFrom('0', '1', '9007199254740993'),
      digits(25).map(whole => whole.replace(/^0+(?=\d)/, '')),
    ),
    fc.oneof(
      fc.constant(''),
      digits(25).map(fraction => `.${fraction}`),
      fc.nat(40).map(n => `.${'0'.repeat(n)}1`),
    ),
    fc.oneof(
      fc.constant(''),
      fc.integer({ min: -160, max: 160 }).map(power => `e${power}`),
      digits(4).map(n => `E+${n}`),
    ),
  )
  .map(parts => parts.join(''));

const pick = <T>(list: readonly T[], at: number): T | undefined => list[at % list.length];
const SPLICES = [
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '"',
  '\\',
  '\\u',
  '\\ud800',
  '0',
  '-',
  'e9',
  '.',
  'null',
  ' ',
  '\n',
  '﻿',
  '😀',
  '\u0085',
];

/** A valid message with something taken out, put in, doubled or torn off. */
const mutated = fc
  .tuple(valid, fc.array(fc.tuple(fc.nat(3), fc.nat(), fc.nat(12), fc.nat()), { minLength: 1, maxLength: 3 }))
  .map(([original, edits]) =>
    edits.reduce((body, [kind, place, length, choice]) => {
      const at = place % (body.length + 1);
      const before = body.slice(0, at);
      const after = body.slice(at);
      if (kind === 0) return before + after.slice(length);
      if (kind === 1) return before + pick(SPLICES, choice) + after;
      return kind === 2 ? before + after.slice(0, length) + after : before + (choice % 8 === 0 ? '' : after);
    }, original),
  );

const member = fc.oneof(
  idText.map(id => `"clientFeatureId":${id}`),
  storableObject.map(payload => `"payload":${json(payload)}`),
  fc.constantFrom(
    '"clientFeatureID":"a"',
    '"payload":null',
    '"payload":[]',
    '"clientFeatureId":7',
    '"\\u0070ayload":{}',
  ),
  fc.tuple(text, jsonValue).map(([name, value]) => `${json(name)}:${json(value)}`),
);

const hex = fc.string({ unit: fc.constantFrom(...'0123456789abcdefABCDEF'), minLength: 4, maxLength: 4 });
const escapes = fc
  .array(
    fc.oneof(
      { weight: 4, arbitrary: hex.map(code => `\\u${code}`) },
      { weight: 8, arbitrary: fc.constantFrom('\\ud83d\\ude00', '\\n', '\\/', '\\\\', 'x') },
      { weight: 1, arbitrary: fc.constantFrom('\\ud83d', '\\ude00', '\\x') },
    ),
  )
  .map(parts => `"${parts.join('')}"`);

const nested = fc
  .array(fc.constantFrom<[string, string]>(['{"a":', '}'], ['[', ']'], ['[1,', ',2]'], ['{"b":0,"a":', '}']), {
    maxLength: 45,
  })
  .map(
    levels =>
      levels.map(([open]) => open).join('') +
      json(null) +
      levels
        .map(([, close]) => close)
        .reverse()
        .join(''),
  );

const withPayload = (payload: fc.Arbitrary<string>) =>
  fc.tuple(idText, payload).map(([id, payload]) => messageOf(id, payload));

const SORTS: Record<string, [weight: number, arbitrary: fc.Arbitrary<string>]> = {
  'valid, of odd ids and members': [5, valid],
  'messages with a piece changed': [5, mutated],
  'payloads of any JSON': [3, withPayload(jsonValue.map(value => json({ value })))],
  'numbers in any spelling': [3, withPayload(fc.array(numberText, { maxLength: 4 }).map(list => `{"n":[${list}]}`))],
  'members of any kind, twice, none': [3, fc.array(member, { maxLength: 4 }).map(members => `{${members}}`)],
  'escapes in strings and names': [
    3,
    withPayload(fc.tuple(escapes, escapes).map(([name, value]) => `{${name}:${value}}`)),
  ],
  'nesting, at the limit and past it': [2, withPayload(nested.map(value => `{"deep":${value}}`))],
  'any JSON': [1, jsonValue.map(json)],
  'any text': [1, text],
};

/** The corpus, and made-up bodies up to `count` in all; the same for the same seed. All of them can be sent. */
export function hostileBodies({ count, seed }: { count: number; seed: number }): HostileBody[] {
  const corpus = bodies
    .map(({ body, expected }) => ({
      sort: 'the corpus of nasty JSON',
      body: body(),
      expected: expected === 'valid' ? ('valid' as const) : ('invalid' as const),
    }))
    .filter(({ body }) => isSendable(body));
  const anyBody = fc.oneof(
    ...Object.entries(SORTS).map(([sort, [weight, arbitrary]]) => ({
      weight,
      arbitrary: arbitrary.filter(isSendable).map(body => ({ sort, body })),
    })),
  );
  return [...corpus, ...fc.sample(anyBody, { seed, numRuns: Math.max(0, count - corpus.length) })].slice(0, count);
}
