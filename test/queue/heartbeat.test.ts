import { expect } from 'chai';
import { createHeartbeat } from '../../src/queue/heartbeat.ts';
import type { Delivery } from '../../src/queue/port.ts';
import { createVirtualClock } from '../virtual-clock.ts';
import { capturedLog } from './captured-log.ts';

const delivery = (messageId: string): Delivery => ({
  messageId,
  receiptHandle: messageId,
  body: '{}',
  attributes: {},
  receiveCount: 1,
  sentAt: '2026-01-01T00:00:00.000Z',
});

/** A heartbeat of 60 seconds' visibility whose renewals are written down: which message, when, for how long. */
function heartbeatOver(
  change: (renewal: { id: string; at: number; seconds: number }) => Promise<void> = async () => {},
) {
  const clock = createVirtualClock(0);
  const { log, lines } = capturedLog();
  const renewals: { id: string; at: number; seconds: number }[] = [];
  const queue = {
    changeVisibility: async ({ messageId }: Delivery, seconds: number) => {
      const renewal = { id: messageId, at: clock.now() / 1_000, seconds };
      renewals.push(renewal);
      await change(renewal);
    },
  };
  return { heartbeat: createHeartbeat({ queue, visibilitySeconds: 60, clock, log }), clock, lines, renewals };
}

describe('the heartbeat', () => {
  it('renews a held message each time half its visibility has passed', async () => {
    const { heartbeat, clock, renewals } = heartbeatOver();
    heartbeat.hold(delivery('a'));
    await clock.advance(100_000);
    expect(renewals).to.deep.equal([30, 60, 90].map(at => ({ id: 'a', at, seconds: 60 })));
  });

  it('never lets a quarter of the visibility time go by without a renewal when messages come at any time', async () => {
    const { heartbeat, clock, renewals } = heartbeatOver();
    for (let n = 0; n < 30; n++) {
      heartbeat.hold(delivery(String(n)));
      await clock.advance(1_000);
    }
    await clock.advance(70_000);
    for (let n = 0; n < 30; n++) {
      const [first, second] = renewals.filter(({ id }) => id === String(n));
      expect(first?.at, `message ${n}`).to.be.within(n + 30, n + 38);
      expect((second?.at ?? 0) - (first?.at ?? 0)).to.be.within(30, 38);
    }
  });

  it('leaves a released message alone, and has no timer while it holds nothing', async () => {
    const { heartbeat, clock, renewals } = heartbeatOver();
    const a = heartbeat.hold(delivery('a'));
    const b = heartbeat.hold(delivery('b'));
    await clock.advance(20_000);
    await a.release();
    await clock.advance(20_000);
    expect(renewals.map(({ id }) => id)).to.deep.equal(['b']);
    await b.release();
    await clock.advance(0);
    expect(clock.sleepers()).to.equal(0);
    heartbeat.hold(delivery('c'));
    await clock.advance(31_000);
    expect(renewals.map(({ id }) => id)).to.deep.equal(['b', 'c']);
  });

  it('is released only when the renewal under way is answered, so that the settling comes after it', async () => {
    const answered = Promise.withResolvers<void>();
    const { heartbeat, clock } = heartbeatOver(() => answered.promise);
    const hold = heartbeat.hold(delivery('a'));
    await clock.advance(30_000);
    let released = false;
    const release = hold.release().then(() => {
      released = true;
    });
    await clock.advance(0);
    expect(released).to.equal(false);
    answered.resolve();
    await release;
  });

  it('does not ask twice at once for one message', async () => {
    const { heartbeat, clock, renewals } = heartbeatOver(() => new Promise(() => {}));
    heartbeat.hold(delivery('a'));
    await clock.advance(300_000);
    expect(renewals).to.have.length(1);
  });

  it('tries again soon after a renewal that failed, says so, and fails nothing else', async () => {
    const { heartbeat, clock, lines, renewals } = heartbeatOver(async ({ at }) => {
      if (at === 30) throw new Error('no answer');
    });
    const hold = heartbeat.hold(delivery('a'));
    await clock.advance(50_000);
    expect(renewals.map(({ at }) => at)).to.deep.equal([30, 37.5]);
    expect(lines).to.have.length(1);
    expect(lines[0]).to.include({ messageId: 'a' });
    await hold.release();
  });

  it('ends with the twelve hours that SQS allows from the receive, and says so', async () => {
    const { heartbeat, clock, lines, renewals } = heartbeatOver();
    heartbeat.hold(delivery('a'));
    await clock.advance(13 * 3_600_000);
    const last = renewals.at(-1);
    expect((last?.at ?? 0) + (last?.seconds ?? 0)).to.be.within(43_150, 43_200);
    for (const { at, seconds } of renewals) expect(at + seconds).to.be.at.most(43_200);
    expect(lines).to.have.length(1);
    expect(clock.sleepers()).to.equal(0);
  });
});
