import { DeleteTableCommand, UpdateTableCommand } from '@aws-sdk/client-dynamodb';
import { expect } from 'chai';
import { systemClock } from '../../src/clock.ts';
import { setUpTables } from '../../src/setup/tables.ts';
import { isWhole, message, send, storedIn, takeAll } from '../stored.ts';
import { startWorker, until } from '../worker-process.ts';
import { clearStage, ids, setStage } from './stage.ts';

describe('the worker as a process: outages and health', function () {
  this.timeout(60_000);
  afterEach(clearStage);

  it('sits out an outage of the store under load, and sends nothing to the dead-letter queue', async () => {
    const { tables, queue, proxy, env, empty } = await setStage({ maxReceiveCount: 2, visibilitySeconds: 4 });
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
    const { tables, queue, env, empty } = await setStage();
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

  it('reports its health and its figures', async () => {
    const { queue, env, empty } = await setStage();
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
});
