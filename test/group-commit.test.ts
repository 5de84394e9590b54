import { expect } from 'chai';
import { type GroupCommit, groupCommit } from '../src/group-commit.ts';
import { createVirtualClock, settled } from './virtual-clock.ts';

interface Request {
  items: string[];
  answer(answers?: string[]): void;
  fail(error: Error): void;
}

/** Group commit over requests that the test answers by hand. An item's bytes are its length, its key what stands before `:`. */
type Limits = Partial<Pick<GroupCommit<string, string>, 'maxItems' | 'maxBytes' | 'partialsAtOnce' | 'apart'>>;

function scripted(limits: Limits = {}) {
  const requests: Request[] = [];
  const add = groupCommit<string, string>({
    maxItems: 3,
    maxBytes: 100,
    partialsAtOnce: 1,
    ...limits,
    sizeOf: item => item.length,
    keyOf: item => item.split(':')[0] as string,
    soon: setImmediate,
    commit: items =>
      new Promise((resolve, reject) => {
        requests.push({
          items,
          answer: (answers = items.map(item => `did ${item}`)) => resolve(answers),
          fail: reject,
        });
      }),
  });
  return { add, sent: () => requests.map(({ items }) => items), request: (n: number) => requests[n] as Request };
}

describe('group commit', () => {
  it('sends a lone item at once', async () => {
    const { add, sent, request } = scripted();
    const answer = add('a');
    await settled();
    expect(sent()).to.deep.equal([['a']]);
    request(0).answer();
    expect(await answer).to.equal('did a');
  });

  it('puts items that come together into one request', async () => {
    const { add, sent } = scripted();
    for (const item of ['a', 'b', 'c']) void add(item);
    await settled();
    expect(sent()).to.deep.equal([['a', 'b', 'c']]);
  });

  it('fills the next request while one is under way, and sends it when that one is answered', async () => {
    const { add, sent, request } = scripted();
    void add('a');
    await settled();
    void add('b');
    await settled();
    void add('c');
    await settled();
    expect(sent()).to.deep.equal([['a']]);
    request(0).answer();
    await settled();
    expect(sent()).to.deep.equal([['a'], ['b', 'c']]);
  });

  it('never holds back a full request', async () => {
    const { add, sent } = scripted();
    void add('a');
    await settled();
    for (const item of ['b', 'c', 'd', 'e']) void add(item);
    await settled();
    expect(sent()).to.deep.equal([['a'], ['b', 'c', 'd']]);
  });

  it('gives each caller its own answer', async () => {
    const { add, request } = scripted();
    const answers = Promise.all([add('a'), add('b')]);
    await settled();
    request(0).answer(['first', 'second']);
    expect(await answers).to.deep.equal(['first', 'second']);
  });

  it('never puts one key into a request twice, and loses none of the items', async () => {
    const { add, sent, request } = scripted();
    for (const item of ['a:1', 'a:2', 'b:1', 'a:3']) void add(item);
    await settled();
    expect(sent()).to.deep.equal([['a:1', 'b:1']]);
    request(0).answer();
    await settled();
    expect(sent()).to.deep.equal([['a:1', 'b:1'], ['a:2']]);
    request(1).answer();
    await settled();
    expect(sent()[2]).to.deep.equal(['a:3']);
  });

  it('keeps a request under its bytes, and lets an item larger than that travel alone', async () => {
    const { add, sent, request } = scripted({ maxBytes: 10 });
    for (const item of ['aaaaaa', 'bbbbbb', 'cccccccccccccccc', 'dd']) void add(item);
    await settled();
    expect(sent()).to.deep.equal([['aaaaaa'], ['bbbbbb'], ['cccccccccccccccc']]);
    for (const n of [0, 1, 2]) request(n).answer();
    await settled();
    expect(sent()[3]).to.deep.equal(['dd']);
  });

  it('tells every caller of a failed request, and goes on with the next', async () => {
    const { add, sent, request } = scripted();
    const failures = Promise.allSettled([add('a'), add('b')]);
    await settled();
    const later = add('c');
    request(0).fail(new Error('gone'));
    expect((await failures).map(({ status }) => status)).to.deep.equal(['rejected', 'rejected']);
    await settled();
    expect(sent()[1]).to.deep.equal(['c']);
    request(1).answer();
    expect(await later).to.equal('did c');
  });

  describe('told to keep requests with room left apart', () => {
    it('sends the first at once, and lets the next wait for company until the time is over', async () => {
      const clock = createVirtualClock();
      const { add, sent } = scripted({ partialsAtOnce: 2, apart: { ms: 5, clock } });
      void add('a');
      await settled();
      expect(sent()).to.deep.equal([['a']]);
      void add('b');
      await clock.advance(4);
      void add('c');
      await settled();
      expect(sent()).to.deep.equal([['a']]);
      await clock.advance(1);
      expect(sent()).to.deep.equal([['a'], ['b', 'c']]);
      expect(clock.sleepers()).to.equal(0);
    });

    it('sends a full one at once', async () => {
      const clock = createVirtualClock();
      const { add, sent } = scripted({ apart: { ms: 5, clock } });
      for (const item of ['a', 'b', 'c', 'd', 'e', 'f', 'g']) void add(item);
      await settled();
      expect(sent()).to.deep.equal([
        ['a', 'b', 'c'],
        ['d', 'e', 'f'],
      ]);
    });
  });
});
