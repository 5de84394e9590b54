import { expect } from 'chai';
import fc from 'fast-check';
import { featureItemBytes, MAX_ITEM_BYTES, surelyFits } from '../../src/pipeline/item-size.ts';
import type { JsonObject, JsonValue } from '../../src/store/port.ts';
import { storableObject } from '../corpus/json.ts';

const EMPTY = featureItemBytes('', {});
/** Of one value alone: without its name and the byte that every element costs. */
const bytesOf = (value: JsonValue) => featureItemBytes('', { n: value }) - EMPTY - 2;

describe('the size of a feature item', () => {
  it('counts names, ids, hash and time', () => {
    const names = 'featureIdclientFeatureIdpayloadpayloadHashcreatedAt'.length;
    expect(EMPTY).to.equal(names + 21 + 0 + 3 + 67 + 24);
    expect(featureItemBytes('é', {})).to.equal(EMPTY + 2);
  });

  it('gives each value the bytes that DynamoDB Local gives it', () => {
    // Measured on version 3.3.1: by how much a value moves the capacity that is consumed.
    const measured: [JsonValue, number][] = [
      ['', 0],
      ['abc', 3],
      ['é', 2],
      ['😀', 4],
      [null, 1],
      [true, 1],
      [{}, 3],
      [[], 3],
      [[null], 5],
      [{ a: null }, 6],
      [{ é: null }, 7],
      [[[]], 7],
      [['x', 'yy'], 8],
      [{ a: { b: [1] } }, 16],
      [0, 1],
      [1, 2],
      [-1, 3],
      [12, 2],
      [-12, 3],
      [100, 2],
      [123, 3],
      [-123, 4],
      [1234, 3],
      [12345, 4],
      [123456, 4],
      [1e10, 2],
      [1e21, 2],
      [0.1, 2],
      [0.12, 2],
      [0.001, 2],
      [0.0123, 3],
      [1.5, 3],
      [12.5, 3],
      [-12.5, 4],
      [1.23456789012345, 9],
      [-0.30000000000000004, 11],
      [1.7976931348623157e100, 10],
      [-9007199254740991, 10],
      [1e-130, 2],
      [-1e125, 3],
      [123456.7, 5],
      [-1234567.8, 7],
    ];
    for (const [value, bytes] of measured) expect(bytesOf(value), JSON.stringify(value)).to.equal(bytes);
  });

  it('is never below the published rule', () => {
    fc.assert(
      fc.property(storableObject, payload => {
        expect(featureItemBytes('id', payload)).to.be.at.least(published('id', payload));
      }),
    );
  });

  it('is counted for every body that might be too large', () => {
    const dense: JsonValue[] = [
      '漢'.repeat(500),
      Array(500).fill(1),
      Array(500).fill(-1),
      Array(500).fill([]),
      Array(500).fill(''),
    ];
    fc.assert(
      fc.property(
        fc.oneof(
          storableObject,
          fc.constantFrom(...dense).map(value => ({ value })),
        ),
        payload => {
          // The bound is linear, so a short body shows as well as a long one whether a character can cost more.
          const body = JSON.stringify({ clientFeatureId: 'id', payload });
          expect(featureItemBytes('id', payload) - EMPTY).to.be.at.most(body.length * 3);
        },
      ),
    );
    expect(surelyFits('x'.repeat(MAX_ITEM_BYTES / 3))).to.equal(false);
    expect(surelyFits('x'.repeat(700))).to.equal(true);
  });
});

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html, to the letter. */
function published(clientFeatureId: string, payload: JsonObject): number {
  const attributes = {
    featureId: 'f'.repeat(21),
    clientFeatureId,
    payload,
    payloadHash: 'h'.repeat(67),
    createdAt: 'd'.repeat(24),
  };
  return Object.entries(attributes).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + size(value), 0);

  function size(value: JsonValue): number {
    switch (typeof value) {
      case 'string':
        return Buffer.byteLength(value);
      case 'number': {
        const significant = String(value)
          .replace(/e.*|[-.]/g, '')
          .replace(/^0+|0+$/g, '');
        return Math.ceil(significant.length / 2) + 1;
      }
      case 'boolean':
        return 1;
    }
    if (value === null) return 1;
    const elements = Array.isArray(value) ? value : Object.entries(value).flat();
    const count = Array.isArray(value) ? value.length : Object.keys(value).length;
    return elements.reduce<number>((sum, element) => sum + size(element), 3 + count);
  }
}
