import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { expect } from 'chai';
import { counts, isWhole, message, send, storedIn, takeAll } from '../stored.ts';
import { startWorker, until } from '../worker-process.ts';
import { clearStage, handledOf, ids, setStage } from './stage.ts';

describe('the worker as a process: what becomes of messages', function () {
  this.timeout(60_000);
  afterEach(clearStage);

  it('stores, finds again, parks or counts: every outcome, and its last line accounts for every message', async () => {
    const { tables, queue, env, empty } = await setStage();
    const item = {
      clientFeatureId: { S: 'half-done' },
      featureId: { S: 'fixed-id' },
      createdAt: { S: '2026-01-01T00:00:00.000Z' },
    };
    await tables.dynamodb.send(new PutItemCommand({ TableName: tables.idempotencyTable, Item: item }));
    const worker = startWorker(env);
    await send(queue, [message('new'), message('half-done'), 'not json', message('other')]);
    await until(empty, 'the first four are settled');
    await send(queue, [message('new'), message('other', { name: 'another payload' })]);
    await until(empty, 'the last two are settled');
    worker.signal('SIGTERM');
    expect(await worker.ended).to.equal(0);

    const stopped = await worker.line('stopped');
    expect(stopped).to.include({
      received: 6,
      created: 2,
      recovered: 1,
      duplicate: 1,
      conflict: 1,
      invalid: 1,
      failed: 0,
    });
    const truth = await storedIn(tables);
    expect([...truth.mappings.keys()].sort()).to.deep.equal(['half-done', 'new', 'other']);
    expect(truth.mappings.get('half-done')).to.equal('fixed-id');
    expect(isWhole(truth)).to.equal(true);

    const parked = await takeAll(queue, queue.deadLetterQueueUrl);
    const notes = new Map(
      parked.map(({ Body, MessageAttributes }) => [Body, JSON.parse(MessageAttributes?.onefold?.StringValue ?? '')]),
    );
    expect([...notes.keys()].sort()).to.deep.equal(['not json', message('other', { name: 'another payload' })].sort());
    expect(notes.get('not json')).to.include({ reason: 'invalid' });
    expect(notes.get(message('other', { name: 'another payload' }))).to.include({
      reason: 'conflict',
      featureId: truth.mappings.get('other'),
    });
  });

  it('deletes and counts conflicts when told to keep the first payload', async () => {
    const { queue, empty, env } = await setStage();
    const worker = startWorker({ ...env, ONEFOLD_ON_CONFLICT: 'keep-first' });
    await send(queue, [message('a', { version: 1 })]);
    await until(empty, 'the first is stored');
    await send(queue, [message('a', { version: 2 })]);
    await until(empty, 'the second is settled');
    worker.signal('SIGTERM');
    await worker.ended;
    expect(await worker.line('stopped')).to.include({ created: 1, conflict: 1 });
    expect(await takeAll(queue, queue.deadLetterQueueUrl)).to.deep.equal([]);
  });

  it('sends at most 500 write requests for 5,000 new features', async () => {
    const { tables, queue, env, empty } = await setStage();
    await send(
      queue,
      ids(5_000).map(id => message(id)),
    );
    const worker = startWorker(env);
    await until(empty, 'all are settled');
    worker.signal('SIGTERM');
    expect(await worker.ended).to.equal(0);
    const stopped = await worker.line('stopped');
    const truth = await storedIn(tables);
    expect(truth.features.size).to.equal(5_000);
    expect(isWhole(truth)).to.equal(true);
    if (tables.writes === 'batch') expect(Number(stopped.writeRequests)).to.be.at.most(500);
  });

  it('converges when one id comes in the same receive ten times over', async () => {
    const { tables, queue, env, empty } = await setStage();
    await send(
      queue,
      ids(300).map((_, i) => message(`id-${i % 30}`)),
    );
    const worker = startWorker(env);
    await until(empty, 'all are settled');
    worker.signal('SIGTERM');
    await worker.ended;
    const truth = await storedIn(tables);
    expect(truth.features.size).to.equal(30);
    expect(isWhole(truth)).to.equal(true);
    const stopped = await worker.line('stopped');
    expect(handledOf(stopped)).to.equal(300);
  });

  it('stops with exit code 2 when a mapping names another client’s feature', async () => {
    // Given back, the message may fall to a long poll of the dead worker that an emulator still answers, for so long.
    const { tables, queue, env } = await setStage({ visibilitySeconds: 3 });
    const createdAt = { S: '2026-01-01T00:00:00.000Z' };
    const foreign = {
      featureId: { S: 'f' },
      clientFeatureId: { S: 'someone else' },
      payloadHash: { S: 'v1:0' },
      createdAt,
      payload: { M: {} },
    };
    const mapping = { clientFeatureId: { S: 'ours' }, featureId: { S: 'f' }, createdAt };
    await tables.dynamodb.send(new PutItemCommand({ TableName: tables.featuresTable, Item: foreign }));
    await tables.dynamodb.send(new PutItemCommand({ TableName: tables.idempotencyTable, Item: mapping }));
    const worker = startWorker(env);
    await send(queue, [message('ours')]);
    expect(await worker.ended).to.equal(2);
    expect(worker.errors.join('\n')).to.include('someone else').and.to.include('hint:').and.not.to.include('    at ');
    await until(async () => (await counts(queue, queue.queueUrl)).visible === 1, 'the message is there for others');
  });
});
