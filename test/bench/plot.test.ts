import { expect } from 'chai';
import { niceCeiling, plotSvg, sparkline } from '../../bench/plot.ts';
import { driftOf, toCsv } from '../../bench/soak.ts';

describe('a soak on paper', () => {
  it('is a CSV with a line for each ten seconds', () => {
    const point = { seconds: 10, messagesPerSecond: 500, rssMb: 98.5, backlog: 3 };
    expect(toCsv([point, { ...point, seconds: 20 }])).to.equal(
      'seconds,messagesPerSecond,rssMb,backlog\n10,500,98.5,3\n20,500,98.5,3\n',
    );
  });

  it('is drawn to scale, from zero', () => {
    const svg = plotSvg('a < b', [10, 20], [{ label: 'MB', values: [50, 100] }]);
    expect(svg)
      .to.match(/^<svg .*<\/svg>\n$/s)
      .and.include('<title>a &lt; b</title>');
    const points = /points="[\d.]+,([\d.]+) [\d.]+,([\d.]+)"/.exec(svg) ?? [];
    const [, first, second] = points;
    // The baseline is at 220: twice the value is twice as far above it.
    expect(220 - Number(second)).to.equal(2 * (220 - Number(first)));
  });

  it('is a line in the terminal that shows the ups and downs', () => {
    expect(sparkline([0, 50, 100])).to.equal('▁▅█');
    expect(sparkline(Array.from({ length: 600 }, () => 1))).to.equal('█'.repeat(60));
  });

  it('has round numbers on its axes', () => {
    expect([0.7, 1, 3, 47, 620, 5_001].map(niceCeiling)).to.deep.equal([1, 1, 5, 50, 1_000, 10_000]);
  });

  it('tells drift apart from warming up', () => {
    expect(driftOf([10, 60, 100, 100, 100, 100])).to.equal(1);
    expect(driftOf([100, 100, 100, 100, 120, 120])).to.equal(1.2);
  });
});
