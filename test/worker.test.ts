import { DeleteTableCommand, PutItemCommand, UpdateTableCommand } from '@aws-sdk/client-dynamodb';
import { SetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { expect } from 'chai';
import { systemClock } from '../src/clock.ts';
import { setUpTables } from '../src/setup/tables.ts';
import { anyQueue, anyStore, freshQueue, freshTables, type TestQueue, type TestTables, workerEnv } from './backends.ts';
import { type FaultProxy, startFaultProxy } from './fault-proxy.ts';
import { counts, isWhole, message, send, storedIn, takeAll } from './stored.ts';
import { killWorkers, startWorker, until } from './worker-process.ts';

const ids = (n: number) => Array.from({ length: n }, (_, i) => `id-${i}`);
const outcomesOf = (line: Record<string, unknown>) =>
  ['created', 'recovered', 'duplicate', 'conflict', 'invalid', 'failed'].map(kind => Number(line[kind]));
const sum = (numbers: number[]) => numbers.reduce((a, b) => a + b, 0);

describe('the worker as a process', function () {
  this.timeout(60_000);
  let tables: TestTables;
  let queue: TestQueue;
  let proxy: FaultProxy;

  /** Fresh tables and a fresh queue, the store behind a proxy; the environment of a worker on them. */
  async function begin(options: Parameters<typeof freshQueue>[1] = {}): Promise<Record<string, string>> {
    tables = await freshTables(anyStore());
    queue = await freshQueue(anyQueue(), options);
    proxy = await startFaultProxy(tables.endpoint);
    return { ...workerEnv(tables, queue), AWS_ENDPOINT_URL_DYNAMODB: proxy.endpoint };
  }

  const empty = async () => {
    const { visible, hidden } = await counts(queue, queue.queueUrl);
    return visible + hidden === 0;
  };

  afterEach(async () => {
    await killWorkers();
    await proxy?.close();
  });

  it('stores, finds again, parks or counts: every outcome, and its last line accounts for every message', async () => {
    const env = await begin();
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
    const env = await begin();
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
    const env = await begin();
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
    const env = await begin();
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
    expect(sum(outcomesOf(stopped))).to.equal(300);
  });

  it('finishes what it holds on SIGTERM under load, loses nothing, and leaves the rest to others at once', async () => {
    const env = await begin();
    await send(
      queue,
      ids(2_000).map(id => message(id)),
    );
    const worker = startWorker(env);
    await until(async () => (await storedIn(tables)).features.size > 200, 'some are stored');
    worker.signal('SIGTERM');
    expect(await worker.ended).to.equal(0);
    const stopped = await worker.line('stopped');
    expect(sum(outcomesOf(stopped)) + Number(stopped.givenBack)).to.equal(Number(stopped.received));
    const { visible, hidden } = await counts(queue, queue.queueUrl);
    expect(hidden).to.equal(0);
    const truth = await storedIn(tables);
    expect(isWhole(truth)).to.equal(true);
    expect(truth.features.size + visible).to.equal(2_000);
  });

  it('gives back what it cannot finish within the drain time, visible at once, and exits 1', async () => {
    const env = await begin();
    await send(
      queue,
      ids(20).map(id => message(id)),
    );
    // Both pollers hold ten. An idle one's aborted long poll would go on inside the emulator and swallow what is given back.
    const worker = startWorker({ ...env, ONEFOLD_DRAIN_SECONDS: '1', ONEFOLD_POLLERS: '2' });
    proxy.decide = (_, body) => (body.includes('id-') ? 'hang' : 'pass');
    await until(async () => (await counts(queue, queue.queueUrl)).hidden === 20, 'it holds all');
    worker.signal('SIGTERM');
    expect(await worker.ended).to.equal(1);
    expect(await counts(queue, queue.queueUrl)).to.deep.equal({ visible: 20, hidden: 0 });
  });

  it('exits at once at a second signal', async () => {
    const env = await begin();
    await send(queue, [message('a')]);
    const worker = startWorker(env);
    proxy.decide = (_, body) => (body.includes('"a"') ? 'hang' : 'pass');
    await until(async () => (await counts(queue, queue.queueUrl)).hidden === 1, 'it holds the message');
    worker.signal('SIGTERM');
    await worker.line('stopping');
    const asked = Date.now();
    worker.signal('SIGTERM');
    expect(await worker.ended).to.equal(1);
    expect(Date.now() - asked).to.be.below(2_000);
  });

  it('killed between the two steps, leaves an id that the next worker finishes: recovered', async () => {
    const env = await begin({ visibilitySeconds: 2 });
    const killed = startWorker(env);
    await killed.line('receiving');
    proxy.decide = async (_, body) => {
      if (!body.includes(tables.featuresTable)) return 'pass';
      killed.child.kill('SIGKILL');
      await killed.ended;
      return 'reset';
    };
    await send(
      queue,
      ids(5).map(id => message(id)),
    );
    expect(await killed.ended).to.equal('SIGKILL');
    const half = await storedIn(tables);
    expect(half.mappings.size).to.be.above(0);
    expect(half.features.size).to.equal(0);

    proxy.decide = () => 'pass';
    const next = startWorker(env);
    await until(empty, 'the messages came back and are settled');
    next.signal('SIGTERM');
    await next.ended;
    const truth = await storedIn(tables);
    for (const [id, featureId] of half.mappings) expect(truth.mappings.get(id)).to.equal(featureId);
    expect(truth.features.size).to.equal(5);
    expect(isWhole(truth)).to.equal(true);
    expect(await next.line('stopped')).to.include({ recovered: half.mappings.size });
  });

  it('stores once what was written though the answer was lost', async () => {
    const env = await begin();
    const worker = startWorker(env);
    await worker.line('receiving');
    const lost = new Set<string>();
    proxy.decide = (_, body) => {
      const table = body.includes(tables.featuresTable) ? 'features' : 'mappings';
      if (lost.has(table)) return 'pass';
      lost.add(table);
      return 'lose';
    };
    await send(
      queue,
      ids(10).map(id => message(id)),
    );
    await until(empty, 'all are settled');
    worker.signal('SIGTERM');
    await worker.ended;
    expect([...lost].sort()).to.deep.equal(['features', 'mappings']);
    const truth = await storedIn(tables);
    expect(truth.features.size).to.equal(10);
    expect(isWhole(truth)).to.equal(true);
    expect(await worker.line('stopped')).to.include({ created: 10 });
  });

  it('sits out an outage of the store under load, and sends nothing to the dead-letter queue', async () => {
    const env = await begin({ maxReceiveCount: 2, visibilitySeconds: 4 });
    await send(
      queue,
      ids(1_500).map(id => message(id)),
    );
    const worker = startWorker(env);
    await until(async () => (await storedIn(tables)).features.size > 100, 'some are stored');
    proxy.decide = () => 'reset';
    await worker.line(/the store is down/);
    const { adminPort } = await worker.line('receiving');
    const [health, livez] = await Promise.all(
      ['health', 'livez'].map(path => fetch(`http://127.0.0.1:${adminPort}/${path}`)),
    );
    expect(health?.status).to.equal(503);
    expect(await health?.json()).to.include({ state: 'paused' });
    expect(livez?.status).to.equal(200);
    proxy.decide = () => 'pass';
    await worker.line(/the store is back/);
    await until(empty, 'all are settled');
    worker.signal('SIGTERM');
    expect(await worker.ended).to.equal(0);
    const truth = await storedIn(tables);
    expect(truth.features.size).to.equal(1_500);
    expect(isWhole(truth)).to.equal(true);
    expect(await takeAll(queue, queue.deadLetterQueueUrl)).to.deep.equal([]);
  });

  it('stops receiving when a table is gone, and resumes by itself when it is back', async () => {
    const env = await begin();
    const worker = startWorker(env);
    await worker.line('receiving');
    const { dynamodb, featuresTable: TableName, idempotencyTable } = tables;
    await dynamodb.send(new UpdateTableCommand({ TableName, DeletionProtectionEnabled: false })).catch(() => undefined);
    await dynamodb.send(new DeleteTableCommand({ TableName }));
    await send(
      queue,
      ids(20).map(id => message(id)),
    );
    expect(String((await worker.line(/the store is down/)).reason)).to.include('ResourceNotFound');
    await setUpTables(
      { dynamodb, clock: systemClock },
      { idempotencyTable, featuresTable: TableName },
      { created: [], existed: [], notes: [] },
    );
    await worker.line(/the store is back/);
    await until(empty, 'all are settled');
    const truth = await storedIn(tables);
    expect(truth.features.size).to.equal(20);
    expect(await takeAll(queue, queue.deadLetterQueueUrl)).to.deep.equal([]);
  });

  it('stops with exit code 2 when a mapping names another client’s feature', async () => {
    const env = await begin();
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
    expect(await counts(queue, queue.queueUrl)).to.deep.equal({ visible: 1, hidden: 0 });
  });

  it('reports its health and its figures', async () => {
    const env = await begin();
    const worker = startWorker(env);
    const { adminPort } = await worker.line('receiving');
    await send(queue, [message('a')]);
    await until(empty, 'it is settled');
    const get = async (path: string) => {
      const response = await fetch(`http://127.0.0.1:${adminPort}${path}`);
      return { status: response.status, text: await response.text() };
    };
    expect(await get('/livez')).to.deep.equal({ status: 200, text: 'alive\n' });
    expect(await get('/health')).to.deep.equal({ status: 200, text: '{"state":"receiving"}\n' });
    expect((await get('/metrics')).text).to.include('\nonefold_messages_total{outcome="created"} 1\n');
    expect((await get('/')).status).to.equal(404);
  });

  describe('started by mistake', () => {
    const refusal = async (env: Record<string, string>) => {
      const worker = startWorker(env);
      const code = await worker.ended;
      expect(worker.errors.join('\n')).not.to.match(/^\s+at /m);
      return `${code}\n${worker.errors.join('\n')}`;
    };

    it('names every problem of its configuration at once', async () => {
      const said = await refusal({ ONEFOLD_POLLERS: 'many', ONEFOLD_WRITES: 'maybe' });
      expect(said)
        .to.match(/^2\n/)
        .and.include('ONEFOLD_QUEUE_URL')
        .and.include('ONEFOLD_POLLERS')
        .and.include('ONEFOLD_WRITES');
    });

    it('refuses a queue that is not there', async () => {
      const env = await begin();
      const said = await refusal({ ...env, ONEFOLD_QUEUE_URL: `${queue.queueUrl}-typo` });
      expect(said)
        .to.match(/^2\nerror: .*typo/)
        .and.include('hint:');
    });

    it('refuses a queue without a redrive policy', async () => {
      const env = await begin();
      const Attributes = { RedrivePolicy: '' };
      await queue.sqs.send(new SetQueueAttributesCommand({ QueueUrl: queue.queueUrl, Attributes }));
      expect(await refusal(env))
        .to.match(/^2\nerror: .*redrive policy/)
        .and.include('hint:');
    });

    it('refuses a table that is not there', async () => {
      const env = await begin();
      const said = await refusal({ ...env, ONEFOLD_FEATURES_TABLE: 'no-such-table' });
      expect(said)
        .to.match(/^2\nerror: .*no-such-table/)
        .and.include('onefold setup');
    });

    it('refuses tables that are mixed up', async () => {
      const env = await begin();
      const { idempotencyTable, featuresTable } = tables;
      const said = await refusal({
        ...env,
        ONEFOLD_IDEMPOTENCY_TABLE: featuresTable,
        ONEFOLD_FEATURES_TABLE: idempotencyTable,
      });
      expect(said)
        .to.match(/^2\nerror: .*wrong key/)
        .and.include('hint:');
    });

    it('waits for backends that do not answer, says for which, and gives up with exit code 1', async () => {
      const env = await begin();
      const worker = startWorker({ ...env, AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:1' }, [
        'worker',
        '--wait',
        '1',
      ]);
      expect(await worker.ended).to.equal(1);
      expect(worker.lines.map(({ msg }) => msg).join('\n')).to.match(/waiting: DynamoDB/);
      expect(worker.errors.join('\n')).to.match(/gave up after 1 s: DynamoDB/);
    });
  });
});
