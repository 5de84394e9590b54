import { expect } from 'chai';
import { chargeOf, itemBytes } from '../../bench/units.ts';

const small = { id: { S: 'a' } };
/** 2 + 1 + 4 + 1,500 bytes: two write units. */
const large = { id: { S: 'a' }, note: { S: 'x'.repeat(1_500) } };
const refusal = { __type: 'com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException' };

describe('the units of a request', () => {
  it('are those that the backend reports, from every table', () => {
    expect(chargeOf('PutItem', { Item: small }, 200, { ConsumedCapacity: { CapacityUnits: 7 } })).to.deep.equal({
      writeUnits: 7,
      readUnits: 0,
      source: 'reported',
    });
    const tables = { ConsumedCapacity: [{ CapacityUnits: 2 }, { CapacityUnits: 0.5 }] };
    expect(chargeOf('BatchGetItem', {}, 200, tables)).to.include({ readUnits: 2.5, source: 'reported' });
  });

  it('are one for each KB of a write, begun or full, where the backend says nothing', () => {
    expect(chargeOf('PutItem', { Item: small }, 200, {})).to.include({ writeUnits: 1, source: 'rule' });
    expect(chargeOf('PutItem', { Item: large }, 200, {})).to.include({ writeUnits: 2 });
  });

  it('are charged for a refused write too, by the larger of both items', () => {
    expect(chargeOf('PutItem', { Item: small }, 400, refusal)).to.include({ writeUnits: 1, source: 'rule' });
    expect(chargeOf('PutItem', { Item: small }, 400, { ...refusal, Item: large })).to.include({ writeUnits: 2 });
  });

  it('are none for a request that was refused as invalid', () => {
    const invalid = { __type: 'com.amazon.coral.validate#ValidationException' };
    expect(chargeOf('BatchExecuteStatement', { Statements: [] }, 400, invalid)).to.include({ writeUnits: 0 });
  });

  it('are those of each statement of a batch', () => {
    const insert = (note: string) => ({
      Statement: `INSERT INTO "features" VALUE {'id': ?, 'note': ?}`,
      Parameters: [{ S: 'a' }, { S: note }],
    });
    const request = { Statements: [insert('short'), insert('x'.repeat(1_500))] };
    expect(chargeOf('BatchExecuteStatement', request, 200, { Responses: [] })).to.include({ writeUnits: 3 });
  });

  it('are those of each item of a batch, and twice as many in a transaction, cancelled or not', () => {
    const batch = { RequestItems: { a: [{ PutRequest: { Item: small } }], b: [{ PutRequest: { Item: large } }] } };
    expect(chargeOf('BatchWriteItem', batch, 200, {})).to.include({ writeUnits: 3 });
    const transaction = { TransactItems: [{ Put: { Item: small } }, { Put: { Item: large } }] };
    const cancelled = { __type: 'com.amazonaws.dynamodb.v20120810#TransactionCanceledException' };
    expect(chargeOf('TransactWriteItems', transaction, 200, {})).to.include({ writeUnits: 6 });
    expect(chargeOf('TransactWriteItems', transaction, 400, cancelled)).to.include({ writeUnits: 6 });
  });

  it('are one for 4 KB of a strong read, half of an eventual one, one when nothing is found', () => {
    const read = (size: number) => ({ Item: { note: { S: 'x'.repeat(size) } } });
    expect(chargeOf('GetItem', { ConsistentRead: true }, 200, read(5_000))).to.include({ readUnits: 2 });
    expect(chargeOf('GetItem', {}, 200, read(100))).to.include({ readUnits: 0.5 });
    expect(chargeOf('GetItem', { ConsistentRead: true }, 200, {})).to.include({ readUnits: 1 });
  });

  it('are said to be unknown where neither says', () => {
    expect(chargeOf('UpdateItem', {}, 200, {}).source).to.equal('unknown');
  });
});

describe('the size of an item', () => {
  it('counts names and values as DynamoDB does', () => {
    expect(itemBytes({ a: { S: 'é' } })).to.equal(3);
    expect(itemBytes({ a: { N: '1234' } })).to.equal(1 + 3);
    expect(itemBytes({ a: { BOOL: true }, b: { NULL: true } })).to.equal(4);
    expect(itemBytes({ a: { L: [{ S: 'x' }, { S: 'y' }] } })).to.equal(1 + 3 + 2 * 2);
    expect(itemBytes({ a: { M: { b: { S: 'x' } } } })).to.equal(1 + 3 + 1 + 2);
  });
});
