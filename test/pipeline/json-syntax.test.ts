import { expect } from 'chai';
import fc from 'fast-check';
import { visit } from 'jsonc-parser';
import { explainSyntax } from '../../src/pipeline/json-syntax.ts';

const scraps = '{ } [ ] , : "a" " 1 - 0.5 01 true nul // /* */ e \\ "\\u00 . é \u0000'.split(' ');
const scrap = fc.constantFrom(...scraps, ' ', '\n');
const scrapHeap = fc.array(scrap, { maxLength: 14 }).map(parts => parts.join(''));
const brokenJson = fc.tuple(fc.json(), fc.nat(), fc.nat(2), scrap).map(([json, place, lost, wedge]) => {
  const at = place % (json.length + 1);
  return json.slice(0, at) + wedge + json.slice(at + lost);
});

describe('the place where a text stops being JSON', () => {
  it("is where jsonc-parser's own visitor sees the first error", () => {
    let broken = 0;
    fc.assert(
      fc.property(fc.oneof(scrapHeap, brokenJson), text => {
        if (isJson(text)) return;
        broken++;
        let first: number | undefined;
        const onError = (_code: number, offset: number) => {
          first ??= offset;
        };
        visit(text, { onError }, { disallowComments: true });
        expect(explainSyntax(text)).to.match(new RegExp(`position ${first}$`));
      }),
      { numRuns: 2000 },
    );
    expect(broken).to.be.above(1000);
  });
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
