import { expect } from 'chai';
import { pino } from 'pino';
import type { Outcome } from '../../src/pipeline/outcome.ts';
import type { Delivery } from '../../src/queue/port.ts';
import { watchHealth } from '../../src/store/health.ts';
import { StoreUnavailable } from '../../src/store/port.ts';
import { createWorker } from '../../src/worker.ts';
import { createVirtualClock, settled } from '../virtual-clock.ts';

const delivery = (receiveCount: number): Delivery => ({
  messageId: `m-${receiveCount}`,
  receiptHandle: 'r',
  body: '',
  attributes: {},
  receiveCount,
  sentAt: '2026-01-01T00:00:00.000Z',
});

/** A worker whose messages die at their third receive, on a store that the test breaks and mends. */
function scripted() {
  const clock = createVirtualClock();
  const store = { down: false };
  const became: string[] = [];
  const health = watchHealth({
    clock,
    probe: async () => {
      if (store.down) throw new Error('down');
    },
  });
  const worker = createWorker({
    handle: async (): Promise<Outcome> => {
      if (store.down) await health.verify(new Error('down'));
      return { kind: 'created', featureId: 'f' };
    },
    settling: {
      queue: {
        delete: async ({ messageId }) => void became.push(`${messageId} deleted`),
        changeVisibility: async ({ messageId }, seconds) => void became.push(`${messageId} hidden for ${seconds} s`),
        park: async ({ messageId }) => void became.push(`${messageId} parked`),
      },
      onConflict: 'park',
      random: () => 0.999,
    },
    health,
    heartbeat: { hold: () => ({ release: async () => {} }) },
    facts: { maxReceiveCount: 3 },
    clock,
    log: pino({ level: 'silent' }),
  });
  return { clock, store, became, health, worker };
}

describe('the worker while the store is down', () => {
  it('gives messages back for a while that grows with their receives', async () => {
    const { store, became, worker } = scripted();
    store.down = true;
    await worker.take([delivery(1), delivery(2)]);
    expect(became.sort()).to.deep.equal(['m-1 hidden for 4 s', 'm-2 hidden for 6 s']);
    expect(worker.counts).to.include({ received: 2, givenBack: 2, failed: 0 });
  });

  it('keeps a message on its last receive, which would die given back, and handles it when the store is back', async () => {
    const { clock, store, became, worker } = scripted();
    store.down = true;
    const taken = worker.take([delivery(3)]);
    await clock.advance(3_600_000);
    expect(became).to.deep.equal([]);
    store.down = false;
    await clock.advance(1_000);
    await taken;
    expect(became).to.deep.equal(['m-3 deleted']);
  });

  it('keeps one on its last receive that arrives when nothing is received any more', async () => {
    const { clock, store, became, health, worker } = scripted();
    store.down = true;
    await health.verify(new Error('down')).catch(error => expect(error).to.be.instanceOf(StoreUnavailable));
    await worker.giveBack([delivery(1), delivery(3)]);
    expect(became).to.deep.equal(['m-1 hidden for 0 s']);
    store.down = false;
    await clock.advance(1_000);
    await settled();
    expect(became).to.deep.equal(['m-1 hidden for 0 s', 'm-3 deleted']);
  });

  it('gives even that one back when it must stop', async () => {
    const { clock, store, became, worker } = scripted();
    store.down = true;
    void worker.take([delivery(3)]);
    await settled();
    const finished = worker.finish(5_000);
    await clock.advance(5_000);
    expect(await finished).to.equal(false);
    expect(became).to.deep.equal(['m-3 hidden for 0 s']);
  });
});
