import { expect } from 'chai';
import { BACKLOG, createPace } from '../../src/dlq/pace.ts';
import { createVirtualClock, type VirtualClock } from '../virtual-clock.ts';

describe('the pace of a replay', () => {
  let clock: VirtualClock;
  let backlog: number;
  let sent: number;
  let stop: AbortController;

  beforeEach(() => {
    clock = createVirtualClock();
    backlog = 0;
    sent = 0;
    stop = new AbortController();
  });
  afterEach(() => stop.abort());

  function start(ceiling?: number) {
    const pace = createPace({ ceiling, backlog: async () => backlog, clock, signal: stop.signal });
    (async () => {
      for (;;) {
        await pace.turn();
        sent++;
      }
    })().catch(() => {});
    return pace;
  }

  async function sentWithin(seconds: number): Promise<number> {
    const before = sent;
    await clock.advance(seconds * 1_000);
    return sent - before;
  }

  it('is at most what was asked for', async () => {
    start(20);
    expect(await sentWithin(5)).to.be.within(98, 102);
  });

  it('may be less than one letter a second', async () => {
    start(0.5);
    expect(await sentWithin(10)).to.be.within(5, 6);
  });

  it('halves once a second while the source queue backs up, down to ten a second, and doubles again', async () => {
    const pace = start(80);
    await sentWithin(2);
    expect(pace.slowed).to.equal(undefined);
    backlog = BACKLOG + 1;
    await sentWithin(5);
    expect(pace.rate).to.equal(10);
    expect(pace.slowed).to.equal('backlog');
    expect(await sentWithin(5)).to.be.within(48, 52);
    backlog = BACKLOG;
    await sentWithin(5);
    expect(pace.rate).to.equal(80);
    expect(pace.slowed).to.equal(undefined);
  });

  it('halves while SQS throttles', async () => {
    const pace = start(80);
    await sentWithin(1);
    pace.trouble();
    await sentWithin(1);
    expect(pace.rate).to.equal(40);
    expect(pace.slowed).to.equal('throttled');
    await sentWithin(1.1);
    expect(pace.rate).to.equal(80);
  });

  it('lets nothing leave after a signal', async () => {
    start(10);
    await sentWithin(1);
    stop.abort();
    expect(await sentWithin(5)).to.equal(0);
    expect(clock.sleepers()).to.equal(0);
  });
});
