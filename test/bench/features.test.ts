import { expect } from 'chai';
import { messageBody, messageIds, payloadOf } from '../../bench/features.ts';
import { parse } from '../../src/pipeline/message.ts';

describe('the messages of the bench', () => {
  it('are the same in every run, so that all contenders get the same', () => {
    expect(messageIds(500, 0.3, 'feature-')).to.deep.equal(messageIds(500, 0.3, 'feature-'));
    expect(messageBody('feature-7', 600)).to.equal(messageBody('feature-7', 600));
    expect(messageBody('feature-7', 600)).not.to.equal(messageBody('feature-8', 600));
  });

  for (const [duplicates, distinct] of [
    [0, 1_000],
    [0.3, 700],
    [1, 1],
  ] as const) {
    it(`number ${distinct} distinct features in 1,000 when ${duplicates} are duplicates, each after its original`, () => {
      const ids = messageIds(1_000, duplicates, 'feature-');
      expect(ids).to.have.length(1_000);
      // New ones are numbered as they come, so a copy before its original would show here.
      expect([...new Set(ids)]).to.deep.equal(Array.from({ length: distinct }, (_, i) => `feature-${i}`));
    });
  }

  it('spread their duplicates over the queue', () => {
    const ids = messageIds(1_000, 0.3, 'feature-');
    const firstHalf = 500 - new Set(ids.slice(0, 500)).size;
    expect(firstHalf).to.be.within(100, 200);
  });

  for (const bytes of [200, 600, 5_000, 100_000]) {
    it(`carry a payload of ${bytes} bytes that the worker takes`, () => {
      const payload = payloadOf('feature-1', bytes);
      expect(Buffer.byteLength(JSON.stringify(payload))).to.equal(bytes);
      expect(payload.position).to.have.keys('longitude', 'latitude');
      expect(parse(messageBody('feature-1', bytes))).to.have.property('ok', true);
    });
  }

  it('carry at least an empty payload', () => {
    expect(payloadOf('feature-1', 2)).to.deep.equal({});
    expect(JSON.stringify(payloadOf('feature-1', 40)).length).to.be.at.most(40);
  });
});
