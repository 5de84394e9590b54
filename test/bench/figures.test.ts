import { expect } from 'chai';
import { type Figures, figuresOf, medianOf, ratiosOf } from '../../bench/figures.ts';
import { countDuration, type Durations } from '../../bench/statistics.ts';

const latencies: Durations = {};
countDuration(latencies, 20);

const round = (seconds: number, lost = 0): Figures =>
  figuresOf({
    stretch: { seconds, deleted: 1_000, cpu: 300_000, dynamodbRequests: 82, sqsRequests: 205 },
    latencies: [latencies],
    peakRssMb: 123.456,
    tally: { stored: 1_000 - lost, storedTwice: 0, lost },
  });

describe('the figures of a round', () => {
  it('are per second, per message and per thousand messages', () => {
    expect(round(0.5)).to.deep.include({
      messagesPerSecond: 2_000,
      clientCpuMicrosPerMessage: 300,
      dynamodbRequestsPer1000: 82,
      sqsRequestsPer1000: 205,
      peakRssMb: 123.5,
      stored: 1_000,
    });
    expect(round(0.5).latencyMsP50).to.be.closeTo(20, 0.2);
  });

  it('are null where they cannot be known', () => {
    expect(round(0).messagesPerSecond).to.equal(null);
    expect(round(1).writeUnitsPerMessage).to.equal(null);
  });
});

describe('several rounds', () => {
  it('give the median of what was measured and the worst of what was stored', () => {
    const figures = medianOf([round(1), round(0.5), round(10, 3)]);
    expect(figures.messagesPerSecond).to.equal(1_000);
    expect(figures).to.include({ stored: 997, storedTwice: 0, lost: 3 });
    expect(figures.writeUnitsPerMessage).to.equal(null);
  });
});

describe('the ratios', () => {
  it("are each contender's measures to those of onefold", () => {
    const ratios = ratiosOf({ onefold: round(0.5), other: round(1) });
    expect(ratios.onefold?.messagesPerSecond).to.equal(1);
    expect(ratios.other?.messagesPerSecond).to.equal(0.5);
    expect(ratios.other).not.to.have.any.keys('stored', 'storedTwice', 'lost');
  });

  it('are null where a figure is missing or onefold has none', () => {
    const free = { ...round(1), readUnitsPerMessage: 0 };
    const ratios = ratiosOf({ onefold: free, other: { ...free, readUnitsPerMessage: 2 } });
    expect(ratios.other?.readUnitsPerMessage).to.equal(null);
    expect(ratios.other?.writeUnitsPerMessage).to.equal(null);
  });

  it('are none without onefold', () => {
    expect(ratiosOf({ other: round(1) })).to.deep.equal({});
  });
});
