import { expect } from 'chai';
import { postponeSeconds } from '../../src/pipeline/backoff.ts';
import type { Outcome } from '../../src/pipeline/outcome.ts';
import { settle } from '../../src/pipeline/settle.ts';
import type { Delivery, Queue } from '../../src/queue/port.ts';

const delivery: Delivery = {
  messageId: 'm-1',
  receiptHandle: 'r-1',
  body: '{}',
  attributes: {},
  receiveCount: 3,
  sentAt: '2026-01-01T00:00:00.000Z',
};

/** Settles one outcome and tells what became of the message. */
async function settled(outcome: Outcome, onConflict: 'park' | 'keep-first' = 'park'): Promise<string> {
  let became = 'left alone';
  const queue: Queue = {
    delete: async () => {
      became = 'deleted';
    },
    park: async (_, { reason, detail, featureId }) => {
      became = `parked: ${reason}, ${detail}${featureId ? `, ${featureId}` : ''}`;
    },
    changeVisibility: async (_, seconds) => {
      became = `postponed by ${seconds} s`;
    },
  };
  await settle(delivery, outcome, { queue, onConflict, random: () => 0.5 });
  return became;
}

describe('settling a message', () => {
  for (const kind of ['created', 'recovered', 'duplicate'] as const) {
    it(`deletes one that is ${kind}`, async () => {
      expect(await settled({ kind, featureId: 'f' })).to.equal('deleted');
    });
  }

  it('parks a conflict with its feature id, so that somebody sees the other payload', async () => {
    expect(await settled({ kind: 'conflict', featureId: 'f', detail: 'differs' })).to.equal(
      'parked: conflict, differs, f',
    );
  });

  it('deletes a conflict when the operator keeps the first payload', async () => {
    expect(await settled({ kind: 'conflict', featureId: 'f', detail: 'differs' }, 'keep-first')).to.equal('deleted');
  });

  it('parks an invalid message with the reason', async () => {
    expect(await settled({ kind: 'invalid', detail: 'not JSON' })).to.equal('parked: invalid, not JSON');
  });

  it('postpones a failed one by half of 8 seconds at the third receive, when chance says a half', async () => {
    expect(await settled({ kind: 'failed', detail: 'throttled' })).to.equal('postponed by 4 s');
  });
});

describe('the wait of a failed message', () => {
  it('is at most 2 seconds after the first receive, and doubles with each', () => {
    const most = (receiveCount: number) => postponeSeconds(receiveCount, () => 0.999999);
    expect([1, 2, 3, 4, 5].map(most)).to.deep.equal([2, 4, 8, 16, 32]);
  });

  it('is never more than 15 minutes, however often the message came', () => {
    expect(postponeSeconds(12, () => 0.999999)).to.equal(900);
    expect(postponeSeconds(5_000, () => 0.999999)).to.equal(900);
  });

  it('may be nothing, so that the messages of one failure do not come back as one crowd', () => {
    expect(postponeSeconds(8, () => 0)).to.equal(0);
  });
});
