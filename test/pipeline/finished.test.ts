import { expect } from 'chai';
import { systemClock } from '../../src/clock.ts';
import { rememberFinished } from '../../src/pipeline/finished.ts';
import { handle } from '../../src/pipeline/handle.ts';
import { StoreFailure } from '../../src/store/port.ts';
import { createScriptedStore } from './scripted-store.ts';

/** Handles messages of one client id with a memory, and tells the outcome and what the store was asked for it. */
function world() {
  const store = createScriptedStore();
  const finished = rememberFinished(systemClock);
  const handled = async (payload: object, receiveCount = 1) => {
    store.calls = [];
    const delivery = {
      messageId: 'm',
      receiptHandle: 'r',
      body: JSON.stringify({ clientFeatureId: 'a', payload }),
      attributes: {},
      receiveCount,
      sentAt: '2026-01-01T00:00:00.000Z',
    };
    const { kind } = await handle(delivery, { store, mint: () => 'f', now: () => 0, finished });
    return [kind, ...store.calls];
  };
  return { store, handled };
}

describe('the memory of finished ids', () => {
  it('answers a message that comes again without asking the store', async () => {
    const { handled } = world();
    await handled({ version: 1 });
    expect(await handled({ version: 1 })).to.deep.equal(['duplicate']);
    expect(await handled({ version: 1 }, 2)).to.deep.equal(['duplicate']);
  });

  it('leaves another payload of the same id to the store', async () => {
    const { handled } = world();
    await handled({ version: 1 });
    expect(await handled({ version: 2 }, 2)).to.deep.equal(['conflict', 'read mapping', 'read feature']);
    expect(await handled({ version: 2 }, 2)).to.deep.equal(['conflict', 'read mapping', 'read feature']);
  });

  it('remembers nothing before step 2 has answered', async () => {
    const { store, handled } = world();
    store.faults = [{ at: 'create feature', when: 'after', error: new StoreFailure('no answer') }];
    expect(await handled({ version: 1 })).to.deep.equal(['failed', 'create mapping', 'create feature']);
    expect(await handled({ version: 1 }, 2)).to.deep.equal(['duplicate', 'read mapping', 'read feature']);
  });
});
