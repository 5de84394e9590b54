import { expect } from 'chai';
import { countDuration, type Durations, median, percentile, type Sample, stretchOf } from '../../bench/statistics.ts';

/** A worker that deletes ten messages in each millisecond, for 5 ms of CPU and a request to each side. */
function samples(count: number, startAt = 0): Sample[] {
  return Array.from({ length: count }, (_, i) => ({
    at: startAt + i * 1_000,
    deleted: i * 10,
    cpu: i * 5_000,
    dynamodbRequests: i,
    sqsRequests: i * 2,
  }));
}

describe('a stretch of a round', () => {
  it('leaves out what came before and after', () => {
    const stretch = stretchOf([samples(101)], 200, 950);
    expect(stretch).to.deep.equal({
      seconds: 0.075,
      deleted: 750,
      cpu: 375_000,
      dynamodbRequests: 75,
      sqsRequests: 150,
    });
  });

  it('goes by what all workers did together, also between their samples', () => {
    const stretch = stretchOf([samples(101), samples(101, 500)], 400, 1_600);
    expect(stretch.deleted).to.be.closeTo(1_200, 20);
    expect(stretch.seconds).to.be.closeTo(0.06, 0.001);
    expect(stretch.cpu / stretch.deleted).to.be.closeTo(500, 1e-6);
  });

  it('is the whole round when there are too few samples to tell', () => {
    const [first, last] = [samples(1)[0] as Sample, { ...samples(11)[10], at: 10_000 } as Sample];
    expect(stretchOf([[first, last]], 20, 95)).to.include({ seconds: 0.01, deleted: 100 });
  });
});

describe('the median', () => {
  it('is the middle, or between the two that are', () => {
    expect(median([9, 1, 5])).to.equal(5);
    expect(median([4, 1, 3, 2])).to.equal(2.5);
    expect(median([])).to.be.NaN;
  });
});

describe('percentiles', () => {
  it('are right to a percent, over all workers', () => {
    const [slow, fast]: [Durations, Durations] = [{}, {}];
    for (let ms = 1; ms <= 50; ms++) countDuration(fast, ms);
    for (let ms = 51; ms <= 100; ms++) countDuration(slow, ms);
    expect(percentile([slow, fast], 50)).to.be.closeTo(50, 0.5);
    expect(percentile([slow, fast], 99)).to.be.closeTo(99, 1);
  });

  it('are nothing when nothing was counted', () => {
    expect(percentile([{}], 50)).to.be.NaN;
  });
});
