import { expect } from 'chai';
import { MispairedTables } from '../../src/pipeline/create.ts';
import { handle } from '../../src/pipeline/handle.ts';
import type { Delivery } from '../../src/queue/port.ts';
import { StoreFailure, StoreUnavailable } from '../../src/store/port.ts';
import { type Call, createScriptedStore } from './scripted-store.ts';

const ID = '06037';
const LOS_ANGELES = { name: 'Los Angeles' };
const crash = new Error('the process died here');

function delivery(payload: object = LOS_ANGELES, receiveCount = 1): Delivery {
  return {
    messageId: 'm-1',
    receiptHandle: 'r-1',
    body: JSON.stringify({ clientFeatureId: ID, payload }),
    attributes: {},
    receiveCount,
    sentAt: '2026-01-01T00:00:00.000Z',
  };
}

function world() {
  const store = createScriptedStore();
  let minted = 0;
  const mint = () => `id-${++minted}`;
  const handled = (one: Delivery) => handle(one, { store, mint, now: () => Date.UTC(2026, 0, 1) });
  /** What is stored: the mapping's id, and each feature's id with its payload. */
  const stored = () => ({
    mapping: store.mappingOf.get(ID)?.featureId,
    features: Object.fromEntries([...store.featureOf].map(([id, { payload }]) => [id, payload])),
  });
  return { store, handled, stored };
}

describe('the way of a message', () => {
  it('writes a mapping and then a feature for a new client id: created', async () => {
    const { store, handled, stored } = world();
    expect(await handled(delivery())).to.deep.equal({ kind: 'created', featureId: 'id-1' });
    expect(store.calls).to.deep.equal(['create mapping', 'create feature']);
    expect(stored()).to.deep.equal({ mapping: 'id-1', features: { 'id-1': LOS_ANGELES } });
  });

  it('finds the feature of a message that comes again: duplicate, and nothing changes', async () => {
    const { handled, stored } = world();
    await handled(delivery());
    const before = stored();
    expect(await handled(delivery())).to.deep.equal({ kind: 'duplicate', featureId: 'id-1' });
    expect(stored()).to.deep.equal(before);
  });

  it('keeps the first payload and reports the other one: conflict', async () => {
    const { handled, stored } = world();
    await handled(delivery());
    const outcome = await handled(delivery({ name: 'Lost Angeles' }));
    expect(outcome.kind).to.equal('conflict');
    expect(stored()).to.deep.equal({ mapping: 'id-1', features: { 'id-1': LOS_ANGELES } });
  });

  it('takes equal payloads for equal whatever the order of their members', async () => {
    const { handled } = world();
    await handled(delivery({ a: 1, b: [1.5, { c: null, d: 'x' }] }));
    expect((await handled(delivery({ b: [1.5, { d: 'x', c: null }], a: 1.0 }))).kind).to.equal('duplicate');
  });

  it('writes nothing for a message that breaks the contract: invalid', async () => {
    const { store, handled, stored } = world();
    const outcome = await handled({ ...delivery(), body: '{"clientFeatureId":"06037"' });
    expect(outcome.kind).to.equal('invalid');
    expect(store.calls).to.deep.equal([]);
    expect(stored()).to.deep.equal({ mapping: undefined, features: {} });
  });

  it('asks a redelivered message for its mapping before it writes, so that a duplicate costs no write', async () => {
    const { store, handled } = world();
    await handled(delivery());
    store.calls = [];
    expect((await handled(delivery(LOS_ANGELES, 2))).kind).to.equal('duplicate');
    expect(store.calls).to.deep.equal(['read mapping', 'read feature']);
  });

  it('creates on a redelivery what the first delivery never wrote', async () => {
    const { handled, stored } = world();
    expect((await handled(delivery(LOS_ANGELES, 2))).kind).to.equal('created');
    expect(stored()).to.deep.equal({ mapping: 'id-1', features: { 'id-1': LOS_ANGELES } });
  });

  for (const receiveCount of [1, 2]) {
    it(`finishes an id without a feature under that same id (receive ${receiveCount}): recovered`, async () => {
      const { store, handled, stored } = world();
      store.faults = [{ at: 'create feature', when: 'before', error: crash }];
      await handled(delivery()).catch(() => {});
      expect(stored()).to.deep.equal({ mapping: 'id-1', features: {} });
      expect(await handled(delivery(LOS_ANGELES, receiveCount))).to.deep.equal({
        kind: 'recovered',
        featureId: 'id-1',
      });
      expect(stored()).to.deep.equal({ mapping: 'id-1', features: { 'id-1': LOS_ANGELES } });
    });
  }

  it('lets another payload finish an id without a feature, since no payload is stored yet', async () => {
    const { store, handled, stored } = world();
    store.faults = [{ at: 'create feature', when: 'before', error: crash }];
    await handled(delivery()).catch(() => {});
    expect((await handled(delivery({ name: 'other' }))).kind).to.equal('recovered');
    expect(stored()).to.deep.equal({ mapping: 'id-1', features: { 'id-1': { name: 'other' } } });
  });

  it('goes on with the winner’s id after losing the race for the mapping', async () => {
    const { store, handled, stored } = world();
    let cutIn = true;
    store.onCall = async call => {
      if (call !== 'create mapping' || !cutIn) return;
      cutIn = false;
      expect((await handled(delivery())).kind).to.equal('created');
    };
    expect((await handled(delivery())).kind).to.equal('duplicate');
    expect(Object.keys(stored().features)).to.deep.equal([stored().mapping]);
  });

  it('converges on one feature when a helper finishes step 2 first', async () => {
    const { store, handled, stored } = world();
    let cutIn = true;
    store.onCall = async call => {
      if (call !== 'create feature' || !cutIn) return;
      cutIn = false;
      expect((await handled(delivery())).kind).to.equal('recovered');
    };
    expect((await handled(delivery())).kind).to.equal('duplicate');
    expect(stored()).to.deep.equal({ mapping: 'id-1', features: { 'id-1': LOS_ANGELES } });
  });

  const everyCall: Call[] = ['create mapping', 'create feature', 'read mapping', 'read feature'];
  for (const at of everyCall) {
    for (const when of ['before', 'after'] as const) {
      it(`converges after a crash ${when} "${at}" is applied, on one mapping and one feature`, async () => {
        const { store, handled, stored } = world();
        if (at.startsWith('read')) await handled(delivery());
        store.faults = [{ at, when, error: crash }];
        const receiveCount = at.startsWith('read') ? 2 : 1;
        await handled(delivery(LOS_ANGELES, receiveCount)).then(
          () => expect.fail('the crash did not happen'),
          error => expect(error).to.equal(crash),
        );
        const outcome = await handled(delivery(LOS_ANGELES, receiveCount + 1));
        expect(outcome.kind).to.be.oneOf(['created', 'recovered', 'duplicate']);
        const { mapping = '', features } = stored();
        expect(features).to.deep.equal({ [mapping]: LOS_ANGELES });
      });
    }
  }

  it('reports what a store could not do with this one message: failed, with the reason', async () => {
    const { store, handled } = world();
    store.faults = [{ at: 'create mapping', when: 'before', error: new StoreFailure('throttled for 20 s') }];
    expect(await handled(delivery())).to.deep.equal({ kind: 'failed', detail: 'throttled for 20 s' });
  });

  it('gives no outcome while the store is down, so that the message is charged with nothing', async () => {
    const { store, handled } = world();
    const down = new StoreUnavailable('down');
    store.faults = [{ at: 'create feature', when: 'before', error: down }];
    await handled(delivery()).then(
      () => expect.fail('there is an outcome'),
      error => expect(error).to.equal(down),
    );
  });

  it('refuses to go on when the mapping’s feature belongs to another client id', async () => {
    const { store, handled } = world();
    await handled(delivery());
    const feature = store.featureOf.get('id-1');
    if (feature) store.featureOf.set('id-1', { ...feature, clientFeatureId: 'someone else' });
    await handled(delivery()).then(
      () => expect.fail('there is an outcome'),
      error => expect(error).to.be.instanceOf(MispairedTables),
    );
  });

  it('counts as created when the retry after a lost answer finds its own mapping and its own feature', async () => {
    const { store, handled } = world();
    const { mappings, features } = store;
    store.mappings = {
      ...mappings,
      createIfAbsent: async mapping => {
        await mappings.createIfAbsent(mapping);
        const again = await mappings.createIfAbsent(mapping);
        return again.created ? again : { ...again, uncertain: true };
      },
    };
    store.features = {
      ...features,
      createIfAbsent: async feature => {
        await features.createIfAbsent(feature);
        const again = await features.createIfAbsent(feature);
        return again.created ? again : { ...again, uncertain: true };
      },
    };
    expect((await handled(delivery())).kind).to.equal('created');
  });
});
