import { expect } from 'chai';
import fc from 'fast-check';
import { numberDefect } from '../../src/pipeline/exact-number.ts';

const digits = fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 1, maxLength: 25 });
const whole = digits.map(text => text.replace(/^0+(?=\d)/, ''));
const decimalText = fc
  .tuple(fc.constantFrom('', '-'), whole, fc.option(digits), fc.option(fc.integer({ min: -150, max: 150 })))
  .map(([sign, int, fraction, exponent]) => {
    const power = exponent === null ? '' : `e${exponent}`;
    return `${sign}${int}${fraction === null ? '' : `.${fraction}`}${power}`;
  });
const shortestText = fc.double({ noNaN: true, noDefaultInfinity: true }).map(String);

describe('numberDefect', () => {
  it('is silent exactly when the double denotes the same decimal and DynamoDB has room for it', () => {
    const seen = { exact: 0, rounded: 0, outside: 0 };
    fc.assert(
      fc.property(fc.oneof(decimalText, shortestText), text => {
        const verdict = judge(text);
        seen[verdict]++;
        const defect = numberDefect(text);
        if (verdict === 'exact') expect(defect, text).to.equal(undefined);
        else if (verdict === 'rounded') expect(defect, text).to.match(/rounded|range/);
        else expect(defect, text).to.match(/range/);
      }),
      { numRuns: 3000 },
    );
    for (const count of Object.values(seen)) expect(count).to.be.above(100);
  });

  it('takes every spelling of a decimal that a double keeps', () => {
    for (const text of [
      '1.10',
      '100e-2',
      '1E+2',
      '-0.0',
      '0e-999',
      '1e125',
      '9007199254740992',
      '0.000000000000000000001',
    ]) {
      expect(numberDefect(text), text).to.equal(undefined);
    }
  });

  it('names the number that would be stored instead', () => {
    expect(numberDefect('9007199254740993')).to.include('rounded to 9007199254740992');
    expect(numberDefect('0.10000000000000000001')).to.include('rounded to 0.1;');
  });
});

/** In whole numbers, which never round: text and double are both brought to the same power of ten. */
function judge(text: string): 'exact' | 'rounded' | 'outside' {
  const value = Number(text);
  const sent = scaled(text);
  if (sent !== 0n && (abs(sent) < scaled('1e-130') || abs(sent) >= scaled('1e126'))) return 'outside';
  return Number.isFinite(value) && scaled(String(value)) === sent ? 'exact' : 'rounded';
}

const abs = (number: bigint) => (number < 0n ? -number : number);

/** The number times 10^400, exactly. */
function scaled(text: string): bigint {
  const [significand = '', power = '0'] = text.split('e');
  const [int = '', fraction = ''] = significand.split('.');
  return (
    BigInt(int.replace('-', '') + fraction) *
    10n ** BigInt(400 + Number(power) - fraction.length) *
    (text.startsWith('-') ? -1n : 1n)
  );
}
