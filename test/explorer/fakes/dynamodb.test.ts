import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  BatchExecuteStatementCommand,
  BatchGetItemCommand,
  PutItemCommand,
  QueryCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { expect } from 'chai';
import { describeStore } from '../../suites/store.ts';
import { createFakeDynamoDB, type FakeDynamoDB } from './dynamodb.ts';
import { perform } from './operation.ts';

const TABLES = { mappings: { key: 'clientFeatureId' }, features: { key: 'featureId' } };

/** A client on a calm network. */
function clientOf(fake: FakeDynamoDB): DynamoDBClient {
  return { send: async (command: object) => perform(fake.begin(command)) } as unknown as DynamoDBClient;
}

for (const [name, writes, returnsOld] of [
  ['batch writes', 'batch', false],
  ['batch writes that bring back what refused them', 'batch', true],
  ['single writes', 'single', false],
] as const) {
  describeStore(`the explorer’s fake DynamoDB, ${name}`, async () => ({
    client: clientOf(createFakeDynamoDB(TABLES, { returnsOld })),
    writes,
    idempotencyTable: 'mappings',
    featuresTable: 'features',
  }));
}

describe('the explorer’s fake DynamoDB', () => {
  const mapping = (clientFeatureId: string, featureId: string) => ({
    Statement: `INSERT INTO "mappings" VALUE {'clientFeatureId': ?, 'featureId': ?}`,
    Parameters: [{ S: clientFeatureId }, { S: featureId }],
  });
  const feature = (featureId: string, clientFeatureId: string, text = '') => ({
    featureId: { S: featureId },
    clientFeatureId: { S: clientFeatureId },
    ...(text && { text: { S: text } }),
  });
  let fake: FakeDynamoDB;
  let client: DynamoDBClient;

  beforeEach(() => {
    fake = createFakeDynamoDB(
      {
        ...TABLES,
        indexed: { key: 'featureId', index: 'clientFeatureId' },
        forgetful: { key: 'featureId', timeToLive: 'expiresAt' },
      },
      { returnsOld: false },
    );
    client = clientOf(fake);
  });

  it('refuses a whole batch in which a key stands twice, and applies nothing of it', async () => {
    const twice = new BatchExecuteStatementCommand({ Statements: [mapping('a', '1'), mapping('a', '2')] });
    const error = await client.send(twice).catch(thrown => thrown);
    expect(error.name).to.equal('ValidationException');
    expect(fake.items('mappings').size).to.equal(0);
  });

  it('refuses one statement of a batch for itself', async () => {
    await client.send(new BatchExecuteStatementCommand({ Statements: [mapping('a', '1')] }));
    const both = new BatchExecuteStatementCommand({ Statements: [mapping('a', '2'), mapping('b', '3')] });
    const { Responses } = await client.send(both);
    expect(Responses?.map(({ Error: error }) => error?.Code)).to.deep.equal(['DuplicateItem', undefined]);
    expect([...fake.items('mappings').values()].map(({ featureId }) => featureId?.S)).to.deep.equal(['1', '3']);
  });

  it('applies the statements of a batch one by one, and throttles one alone', () => {
    const both = new BatchExecuteStatementCommand({ Statements: [mapping('a', '1'), mapping('b', '2')] });
    const { parts, answer } = fake.begin(both);
    parts[0]?.refuse?.();
    expect(fake.items('mappings').size).to.equal(0);
    parts[1]?.apply();
    expect([...fake.items('mappings').keys()]).to.deep.equal(['b']);
    const { Responses } = answer() as { Responses: { Error?: { Code: string } }[] };
    expect(Responses.map(({ Error: error }) => error?.Code)).to.deep.equal(['ThrottlingError', undefined]);
  });

  it('leaves keys of a read unprocessed, which says nothing of them', async () => {
    await client.send(new BatchExecuteStatementCommand({ Statements: [mapping('a', '1')] }));
    const Keys = [{ clientFeatureId: { S: 'a' } }, { clientFeatureId: { S: 'b' } }];
    const { parts, answer } = fake.begin(new BatchGetItemCommand({ RequestItems: { mappings: { Keys } } }));
    parts[0]?.refuse?.();
    parts[1]?.apply();
    expect(answer()).to.deep.equal({
      Responses: { mappings: [] },
      UnprocessedKeys: { mappings: { Keys: [{ clientFeatureId: { S: 'a' } }] } },
    });
  });

  it('bills a kilobyte begun, a refused write like one, an index with one more and a transaction twice', async () => {
    const cost = async (command: PutItemCommand | TransactWriteItemsCommand) => {
      const before = fake.writeUnits();
      await client.send(command as PutItemCommand).catch(() => undefined);
      return fake.writeUnits() - before;
    };
    const put = (TableName: string, text: string, condition?: string) =>
      new PutItemCommand({ TableName, Item: feature('f', 'a', text), ConditionExpression: condition });
    expect(await cost(put('features', 'x'.repeat(1_000)))).to.equal(2);
    expect(await cost(put('features', '', 'attribute_not_exists(featureId)'))).to.equal(2);
    expect(await cost(put('indexed', ''))).to.equal(2);
    const Put = (featureId: string) => ({ Put: { TableName: 'features', Item: feature(featureId, 'b') } });
    expect(await cost(new TransactWriteItemsCommand({ TransactItems: [Put('g'), Put('h')] }))).to.equal(4);
  });

  it('writes all of a transaction or nothing', async () => {
    const Put = (featureId: string, ConditionExpression?: string) => ({
      Put: { TableName: 'features', Item: feature(featureId, 'a'), ConditionExpression },
    });
    await client.send(new TransactWriteItemsCommand({ TransactItems: [Put('1'), Put('2')] }));
    const second = [Put('3'), Put('2', 'attribute_not_exists(featureId)')];
    const error = await client.send(new TransactWriteItemsCommand({ TransactItems: second })).catch(thrown => thrown);
    expect(error.CancellationReasons).to.deep.equal([{ Code: 'None' }, { Code: 'ConditionalCheckFailed' }]);
    expect([...fake.items('features').keys()]).to.deep.equal(['1', '2']);
  });

  it('may answer from an index that has not followed, until it has been seen to', async () => {
    await client.send(new PutItemCommand({ TableName: 'indexed', Item: feature('1', 'a') }));
    const query = new QueryCommand({
      TableName: 'indexed',
      IndexName: 'by-client-id',
      KeyConditionExpression: 'clientFeatureId = :id',
      ExpressionAttributeValues: { ':id': { S: 'a' } },
    });
    const stale = fake.begin(query);
    expect(stale.parts[0]?.canBeStale?.()).to.equal(true);
    stale.parts[0]?.applyStale?.();
    expect(stale.answer()).to.deep.include({ Count: 0 });
    expect(await client.send(query)).to.deep.include({ Count: 1 });
    expect(fake.begin(query).parts[0]?.canBeStale?.()).to.equal(false);
  });

  it('forgets what is past its time to live', async () => {
    const Item = { ...feature('1', 'a'), expiresAt: { N: '1000' } };
    await client.send(new PutItemCommand({ TableName: 'forgetful', Item }));
    fake.expire(999);
    expect(fake.items('forgetful').size).to.equal(1);
    fake.expire(1_001);
    expect(fake.items('forgetful').size).to.equal(0);
  });

  it('writes under conditions of AND, OR, brackets and comparisons', async () => {
    const begin = (now: number) =>
      client
        .send(
          new PutItemCommand({
            TableName: 'features',
            Item: { featureId: { S: '1' }, state: { S: 'begun' }, until: { N: String(now + 10) } },
            ConditionExpression: 'attribute_not_exists(featureId) OR (#state = :begun AND until < :now)',
            ExpressionAttributeNames: { '#state': 'state' },
            ExpressionAttributeValues: { ':begun': { S: 'begun' }, ':now': { N: String(now) } },
          }),
        )
        .then(
          () => 'written',
          error => error.name,
        );
    expect(await begin(100)).to.equal('written');
    expect(await begin(105)).to.equal('ConditionalCheckFailedException');
    expect(await begin(111)).to.equal('written');
    const end = new UpdateItemCommand({
      TableName: 'features',
      Key: { featureId: { S: '1' } },
      UpdateExpression: 'SET #state = :ended, answer = :answer',
      ExpressionAttributeNames: { '#state': 'state' },
      ExpressionAttributeValues: { ':ended': { S: 'ended' }, ':answer': { S: '42' } },
    });
    await client.send(end);
    expect(fake.items('features').get('1')).to.deep.include({ state: { S: 'ended' }, answer: { S: '42' } });
    expect(await begin(999)).to.equal('ConditionalCheckFailedException');
  });
});
