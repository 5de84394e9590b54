import { expect } from 'chai';
import { tell } from '../explorer/shortest.ts';
import { DESIGNS } from './designs/index.ts';
import { FLAWS, type Flaw } from './flaws.ts';
import { judge, type Verdict } from './judge.ts';

/** One message less, or one fault less, than the command: every flaw is found within these bounds too. */
const SMALL = 2;

const EXPECTED: Record<string, Flaw[]> = {
  '1': ['loses'],
  '1b': [],
  '2': ['storesTwice'],
  '3': ['loses', 'sticks'],
  '4': ['storesTwice'],
  '5': ['storesTwice'],
  '6': [],
  '7': ['storesTwice'],
  '8': [],
};

describe('the rejected designs', () => {
  const verdicts = new Map<string, Verdict>();
  const flawsOf = ({ flaws }: Verdict) => (Object.keys(flaws) as Flaw[]).filter(flaw => flaws[flaw] !== undefined);

  before(async () => {
    for (const design of DESIGNS) verdicts.set(design.number, await judge(design, SMALL));
  });

  for (const { number, name } of DESIGNS) {
    const flaws = EXPECTED[number] ?? [];
    it(`${number}. ${name}: ${flaws.length === 0 ? 'has no flaw' : flaws.join(' and ')}`, () => {
      const verdict = verdicts.get(number);
      expect(verdict && flawsOf(verdict)).to.deep.equal(flaws);
    });
  }

  it('each schedule that is told comes to the violation that was found', async () => {
    for (const { design, flaws } of verdicts.values()) {
      for (const flaw of Object.keys(FLAWS) as Flaw[]) {
        const found = flaws[flaw];
        if (found === undefined) continue;
        const { steps, violation } = await tell(design.subject, FLAWS[flaw], found);
        expect(violation).to.equal(found.violation);
        expect(steps).to.have.length.greaterThan(2);
      }
    }
  });

  it('a transaction costs twice the write units of the two steps', () => {
    const units = (number: string) => verdicts.get(number)?.newMessage.writeUnits ?? 0;
    expect(units('8')).to.equal(2);
    expect(units('6')).to.equal(2 * units('8'));
  });
});
