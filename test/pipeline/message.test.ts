import canonicalize from 'canonicalize';
import { expect } from 'chai';
import fc from 'fast-check';
import { messageJsonSchema, parse } from '../../src/pipeline/message.ts';
import { canonicalForm, payloadHash } from '../../src/pipeline/payload-hash.ts';
import type { JsonObject } from '../../src/store/port.ts';
import { bodies, isSendable } from '../corpus/bodies.ts';
import { storableObject } from '../corpus/json.ts';

/** What SQS lets an attribute hold and a terminal shows as it is, in one line. */
const PRINTABLE = /^[^\p{C}\p{Zl}\p{Zp}]+$/u;

describe('parse', () => {
  for (const { name, body, expected } of bodies) {
    if (expected === 'valid') {
      it(`accepts ${name}, and hands its payload on as it was sent`, () => {
        const text = body();
        const sent = JSON.parse(text);
        const message = parse(text);
        if (!message.ok) expect.fail(message.detail);
        expect(message.feature.clientFeatureId).to.equal(sent.clientFeatureId);
        expect(message.feature.payload).to.deep.equal(sent.payload);
        expect(message.feature.payloadHash).to.match(/^v1:[0-9a-f]{64}$/);
      });
    } else {
      it(`refuses ${name}, and says why in one printable line`, () => {
        const text = body();
        const startedAt = performance.now();
        const message = parse(text);
        const ms = performance.now() - startedAt;
        if (message.ok) expect.fail('it was accepted');
        expect(message.detail).to.match(expected).and.to.match(PRINTABLE);
        expect(message.detail.length).to.be.below(1100);
        // Anything quadratic takes hours with a megabyte; everything here takes less than half a second.
        expect(ms).to.be.below(5000);
      });
    }
  }

  it('accepts every object that can be stored, whatever it holds', () => {
    fc.assert(
      fc.property(storableObject, payload => {
        const message = parse(JSON.stringify({ clientFeatureId: 'any', payload }));
        if (!message.ok) expect.fail(message.detail);
        expect(message.feature.payload).to.deep.equal(payload);
      }),
    );
  });

  it('accepts an object whatever its spacing, and gives it the same hash', () => {
    fc.assert(
      fc.property(storableObject, fc.constantFrom(1, 4, '\t', '\r\n'), (payload, space) => {
        const message = parse(JSON.stringify({ clientFeatureId: 'any', payload }, null, space));
        expect(message.ok && message.feature.payloadHash).to.equal(payloadHash(payload));
      }),
    );
  });

  it('never throws and always says something printable, whatever the text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.json()), text => {
        const message = parse(text);
        if (!message.ok) expect(message.detail).to.match(PRINTABLE);
      }),
    );
  });

  it('cuts a path that is too long to read, and keeps both its ends', () => {
    const names = Array.from({ length: 20 }, (_, i) => `${i}-${'long-'.repeat(30)}`);
    const body = names.reduceRight((inner, name) => `{"${name}":${inner}}`, '1e999');
    const message = parse(`{"clientFeatureId":"a","payload":${body}}`);
    expect(message.ok || message.detail).to.match(/^\/payload\/0-long-.*….*long-: the number 1e999 /);
    expect(message.ok || message.detail.length).to.be.below(400);
  });
});

describe('the corpus of bodies', () => {
  it('names each body once', () => {
    const names = bodies.map(({ name }) => name);
    expect(new Set(names).size).to.equal(names.length);
  });

  it('can travel through SQS, but for the few that only a broken queue could deliver', () => {
    const unsendable = bodies.filter(({ body }) => !isSendable(body())).map(({ name }) => name);
    expect(unsendable).to.have.members(['a NUL in a string', 'a lone surrogate, raw', '300,000 members']);
  });
});

describe('the JSON Schema of the message', () => {
  const schema = JSON.parse(JSON.stringify(messageJsonSchema()));

  it('requires the two members and allows no other', () => {
    expect(schema).to.include({ type: 'object', additionalProperties: false, title: 'Onefold message' });
    expect(schema.$schema).to.equal('https://json-schema.org/draft/2020-12/schema');
    expect(schema.required).to.deep.equal(['clientFeatureId', 'payload']);
    expect(schema.properties).to.have.all.keys('clientFeatureId', 'payload');
  });

  it('bounds the id, in a pattern that agrees with the parser about every character below U+0100', () => {
    const { type, minLength, maxLength, pattern } = schema.properties.clientFeatureId;
    expect({ type, minLength, maxLength }).to.deep.equal({ type: 'string', minLength: 1, maxLength: 1024 });
    for (let code = 0; code < 0x100; code++) {
      const id = `a${String.fromCharCode(code)}`;
      const { ok } = parse(JSON.stringify({ clientFeatureId: id, payload: {} }));
      expect(new RegExp(pattern, 'u').test(id), `U+${code.toString(16)}`).to.equal(ok);
    }
  });

  it('holds the payload to the same rules at every depth', () => {
    const { type, propertyNames, additionalProperties } = schema.properties.payload;
    const [, , list, object] = schema.$defs.value.anyOf;
    expect(type).to.equal('object');
    expect(propertyNames).to.deep.equal({ minLength: 1, maxLength: 65_535, not: { const: '__proto__' } });
    expect(additionalProperties).to.deep.equal({ $ref: '#/$defs/value' });
    expect(object).to.deep.equal({ type, propertyNames, additionalProperties });
    expect(list).to.deep.equal({ type: 'array', items: additionalProperties });
  });

  it('describes what it cannot express', () => {
    const { description } = schema.properties.payload;
    for (const rule of ['two members of one name', 'surrogates', 'double', '32 levels', '400 KB']) {
      expect(description).to.include(rule);
    }
  });
});

describe('payloadHash', () => {
  const hash = (text: string) => payloadHash(JSON.parse(text) as JsonObject);

  it('is the SHA-256 of the RFC 8785 form', () => {
    // printf '{"a":1,"b":[null,true,"é"]}' | sha256sum
    expect(hash('{ "b": [null, true, "\\u00e9"], "a": 1.0 }')).to.equal(
      'v1:fceafd01b8fc9e6168e77bfd7c5bedbb15359676a8de412c6f31033572ab8fb2',
    );
  });

  it('is that of the reference implementation of RFC 8785, whatever the names and numbers', () => {
    const names = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom('10', '9', '\ufb33', '😀', '\u20ac', '\r', 'é'),
    );
    const value = fc.oneof(fc.jsonValue(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constant(-0));
    const payload = fc.dictionary(names, fc.oneof(value, fc.dictionary(names, value, { maxKeys: 300 })));
    fc.assert(
      fc.property(payload, payload => {
        expect(canonicalForm(payload as JsonObject)).to.equal(canonicalize(payload));
      }),
    );
    const many = Object.fromEntries(Array.from({ length: 1_000 }, (_, i) => [String((i * 7_919) % 1_000), i]));
    expect(canonicalForm(many)).to.equal(canonicalize(many));
  });

  it('is the same for members in another order, at any depth', () => {
    fc.assert(
      fc.property(storableObject, payload => {
        expect(payloadHash(reversed(payload) as JsonObject)).to.equal(payloadHash(payload));
      }),
    );
  });

  it('tells a list from the same list in another order, 1 from "1", and nothing from null', () => {
    const hashes = ['{"a":[1,2]}', '{"a":[2,1]}', '{"a":1}', '{"a":"1"}', '{"a":null}', '{}', '{"a":{}}', '{"a":[]}'];
    expect(new Set(hashes.map(hash)).size).to.equal(hashes.length);
  });

  it('sees members that JavaScript gives a meaning', () => {
    const plain = '{"x":{"toJSON":1,"constructor":{"name":"Set"},"hasOwnProperty":null,"valueOf":2}}';
    for (const name of ['toJSON', 'constructor', 'hasOwnProperty', 'valueOf']) {
      expect(hash(plain.replace(`"${name}"`, `"${name}2"`)), name).not.to.equal(hash(plain));
    }
  });
});

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).reverse();
  return Object.fromEntries(entries.map(([name, member]) => [name, reversed(member)]));
}
