import { expect } from 'chai';
import { createFigures } from '../../src/cli/dlq/progress.ts';

describe('the progress of a replay', () => {
  let at: number;
  let figures: ReturnType<typeof createFigures>;

  beforeEach(() => {
    at = 0;
    figures = createFigures(1_000, { now: () => at });
  });

  const look = (seconds: number, done: number) => {
    at += seconds * 1_000;
    return figures(done);
  };

  it('tells rate and time left', () => {
    expect(look(1, 20)).to.deep.equal({ rate: '20', left: '49 seconds left' });
    expect(look(9, 25)).to.deep.equal({ rate: '2.5', left: '7 minutes left' });
    expect(look(0, 1_100)).to.include({ left: '0 seconds left' });
  });

  it('knows no time left before anything is done', () => {
    expect(look(5, 0)).to.deep.equal({ rate: '0.0', left: 'time left unknown' });
  });

  it('goes by the last twenty looks, so that a replay that was slowed down shows its present pace', () => {
    for (let n = 1; n <= 20; n++) look(1, n * 40);
    for (let n = 1; n <= 20; n++) look(1, 800 + n);
    expect(look(1, 821)).to.deep.equal({ rate: '1.0', left: '3 minutes left' });
  });
});
