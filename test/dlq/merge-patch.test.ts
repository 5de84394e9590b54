import { expect } from 'chai';
import { mergePatch } from '../../src/dlq/merge-patch.ts';

/** RFC 7396, appendix A: target, patch, result. */
const APPENDIX_A = [
  ['{"a":"b"}', '{"a":"c"}', '{"a":"c"}'],
  ['{"a":"b"}', '{"b":"c"}', '{"a":"b","b":"c"}'],
  ['{"a":"b"}', '{"a":null}', '{}'],
  ['{"a":"b","b":"c"}', '{"a":null}', '{"b":"c"}'],
  ['{"a":["b"]}', '{"a":"c"}', '{"a":"c"}'],
  ['{"a":"c"}', '{"a":["b"]}', '{"a":["b"]}'],
  ['{"a":{"b":"c"}}', '{"a":{"b":"d","c":null}}', '{"a":{"b":"d"}}'],
  ['{"a":[{"b":"c"}]}', '{"a":[1]}', '{"a":[1]}'],
  ['["a","b"]', '["c","d"]', '["c","d"]'],
  ['{"a":"b"}', '["c"]', '["c"]'],
  ['{"a":"foo"}', 'null', 'null'],
  ['{"a":"foo"}', '"bar"', '"bar"'],
  ['{"e":null}', '{"a":1}', '{"e":null,"a":1}'],
  ['[1,2]', '{"a":"b","c":null}', '{"a":"b"}'],
  ['{}', '{"a":{"bb":{"ccc":null}}}', '{"a":{"bb":{}}}'],
] as const;

describe('a JSON merge patch', () => {
  for (const [target, patch, result] of APPENDIX_A) {
    it(`makes ${result} of ${target} by ${patch}`, () => expect(mergePatch(target, patch)).to.equal(result));
  }

  it('leaves everything that it does not name as it was written', () => {
    const body = '{"n": 9007199254740993, "price":1.50,"s":"\\u00e9\\ud83d","__proto__":{"a":1},"draft":true}';
    expect(mergePatch(body, '{"draft":null}')).to.equal(
      '{"n": 9007199254740993,"price":1.50,"s":"\\u00e9\\ud83d","__proto__":{"a":1}}',
    );
  });

  it('sets numbers as the patch writes them', () => {
    expect(mergePatch('{"a":{"n":1}}', '{"a":{"n":9007199254740993}}')).to.equal('{"a":{"n":9007199254740993}}');
  });

  it('leaves one of several members of a name that it names, and does not touch the others', () => {
    expect(mergePatch('{"a":1,"b":2,"a":3,"b":4}', '{"a":5}')).to.equal('{"b":2,"a":5,"b":4}');
    expect(mergePatch('{"o":{"x":1},"o":{"y":2}}', '{"o":{"z":3}}')).to.equal('{"o":{"y":2,"z":3}}');
  });

  it('refuses what is not JSON, though a lenient reader would take it', () => {
    for (const body of ['{"a":1', "{'a':1}", '{"a":1} // no', '']) {
      expect(() => mergePatch(body, '{}'), body).to.throw(SyntaxError);
    }
  });
});
