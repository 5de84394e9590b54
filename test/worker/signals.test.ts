import { expect } from 'chai';
import { counts, isWhole, message, send, storedIn } from '../stored.ts';
import { startWorker, until } from '../worker-process.ts';
import { clearStage, handledOf, ids, setStage } from './stage.ts';

describe('the worker as a process: signals', function () {
  this.timeout(60_000);
  afterEach(clearStage);

  it('finishes what it holds on SIGTERM under load, loses nothing, and leaves the rest to others at once', async () => {
    const { tables, queue, env } = await setStage();
    await send(
      queue,
      ids(2_000).map(id => message(id)),
    );
    const worker = startWorker(env);
    await until(async () => (await storedIn(tables)).features.size > 200, 'some are stored');
    worker.signal('SIGTERM');
    expect(await worker.ended).to.equal(0);
    const stopped = await worker.line('stopped');
    expect(handledOf(stopped) + Number(stopped.givenBack)).to.equal(Number(stopped.received));
    const { visible, hidden } = await counts(queue, queue.queueUrl);
    expect(hidden).to.equal(0);
    const truth = await storedIn(tables);
    expect(isWhole(truth)).to.equal(true);
    expect(truth.features.size + visible).to.equal(2_000);
  });

  it('gives back what it cannot finish within the drain time, visible at once, and exits 1', async () => {
    const { queue, proxy, env } = await setStage();
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
    const { queue, proxy, env } = await setStage();
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
    const { tables, queue, proxy, env, empty } = await setStage({ visibilitySeconds: 2 });
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
    const { tables, queue, proxy, env, empty } = await setStage();
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
});
