import { expect } from 'chai';
import fc from 'fast-check';
import { excerpt, pointer } from '../../src/pipeline/excerpt.ts';

const nasty = fc.string({
  unit: fc.constantFrom('a', '/', '~', '😀', '\ud83d', '\u0000', '\u202e', '\uffff', '\n', 'é'),
});
const PRINTABLE = /^[^\p{C}\p{Zl}\p{Zp}]*$/u;

describe('an excerpt of a stranger', () => {
  it('prints, is no longer than asked for, and holds no half of a character', () => {
    fc.assert(
      fc.property(nasty, fc.integer({ min: 1, max: 20 }), (text, half) => {
        const shown = excerpt(text, 2 * half);
        expect(shown).to.match(PRINTABLE);
        expect(shown.length).to.be.at.most(2 * half + 1);
      }),
      { numRuns: 1000 },
    );
  });

  it('is the text itself where that is short and prints', () => {
    expect(excerpt('Île-de-France 😀', 40)).to.equal('Île-de-France 😀');
  });

  it('keeps both ends of what is too long, and escapes what does not print', () => {
    expect(excerpt('abcdefghij', 6)).to.equal('abc…hij');
    expect(excerpt('a\u0000\u202e\uffff', 40)).to.equal('a\\u0000\\u202e\\uffff');
  });
});

describe('a pointer', () => {
  it('is a JSON Pointer, with `the message` for the root', () => {
    expect(pointer([])).to.equal('the message');
    expect(pointer(['payload', 0, 'a/b', '~1', ''])).to.equal('/payload/0/a~1b/~01/');
  });

  it('prints and stays short, whatever the names', () => {
    fc.assert(
      fc.property(fc.array(nasty, { minLength: 10, maxLength: 40 }), path => {
        expect(pointer(path)).to.match(PRINTABLE);
        expect(pointer(path).length).to.be.at.most(161);
      }),
      { numRuns: 1000 },
    );
  });
});
