import { deepStrictEqual } from 'node:assert/strict';
import { expect } from 'chai';
import fc from 'fast-check';
import { payloadHash } from '../../src/pipeline/payload-hash.ts';
import { fromAttributeValue, toAttributeValue } from '../../src/store/attribute-value.ts';
import { jsonValue, storableObject } from '../corpus/json.ts';

describe('attribute values', () => {
  it('carry every JSON value there and back', () => {
    fc.assert(
      fc.property(jsonValue, value => {
        deepStrictEqual(fromAttributeValue(toAttributeValue(value)), value);
      }),
    );
  });

  it('leave the hash of a payload as it was', () => {
    fc.assert(
      fc.property(storableObject, payload => {
        const back = fromAttributeValue(toAttributeValue(payload));
        expect(payloadHash(back as typeof payload)).to.equal(payloadHash(payload));
      }),
    );
  });

  it("are written in DynamoDB's types", () => {
    expect(toAttributeValue({ s: '', n: -1.5, t: true, f: false, z: null, l: [1, []], m: {} })).to.deep.equal({
      M: {
        s: { S: '' },
        n: { N: '-1.5' },
        t: { BOOL: true },
        f: { BOOL: false },
        z: { NULL: true },
        l: { L: [{ N: '1' }, { L: [] }] },
        m: { M: {} },
      },
    });
  });

  it('are not fooled by an object that looks like a Set, a Date or an attribute value', () => {
    const forged = { constructor: { name: 'Set' }, toJSON: 'x', S: 'not a string', $unknown: ['a', 1] };
    expect(toAttributeValue(forged)).to.deep.equal({
      M: {
        constructor: { M: { name: { S: 'Set' } } },
        toJSON: { S: 'x' },
        S: { S: 'not a string' },
        $unknown: { L: [{ S: 'a' }, { N: '1' }] },
      },
    });
  });

  it('keep a member called __proto__, and no prototype changes', () => {
    const value = JSON.parse('{"__proto__":{"polluted":true},"a":{"__proto__":1}}');
    const written = toAttributeValue(value);
    expect(Object.keys(written.M ?? {})).to.deep.equal(['__proto__', 'a']);
    const back = fromAttributeValue(written);
    expect(JSON.stringify(back)).to.equal(JSON.stringify(value));
    expect(back).not.to.have.property('polluted');
  });

  it('write a number as the shortest text of its double, and read any notation of it', () => {
    expect(toAttributeValue(123456789012345680000)).to.deep.equal({ N: '123456789012345680000' });
    expect(toAttributeValue(1e21)).to.deep.equal({ N: '1e+21' });
    expect(toAttributeValue(-0)).to.deep.equal({ N: '0' });
    expect(fromAttributeValue({ N: '1000000000000000000000' })).to.equal(1e21);
    expect(fromAttributeValue({ N: `0.${'0'.repeat(129)}1` })).to.equal(1e-130);
  });

  it('refuse to read a type that JSON does not have', () => {
    expect(() => fromAttributeValue({ SS: ['a'] })).to.throw(/type SS is no JSON value/);
    expect(() => fromAttributeValue({ M: { b: { B: new Uint8Array(1) } } })).to.throw(/type B /);
  });
});
