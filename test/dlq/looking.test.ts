import { expect } from 'chai';
import { compare } from '../../src/dlq/differences.ts';
import { type Filter, select } from '../../src/dlq/filter.ts';
import { createJudge } from '../../src/dlq/judge.ts';
import { acceptStored, type Resolved } from '../../src/dlq/resolve.ts';
import { shapeOf } from '../../src/dlq/shape.ts';
import { type Summary, summarise } from '../../src/dlq/summary.ts';
import { createStage, DEAD, message, SOURCE, type Stage, storeFeature } from './stage.ts';

const HOUR = 3_600_000;
const OTHER = 'arn:aws:sqs:eu-west-1:1:orders';

describe('looking into the dead-letter queue', () => {
  let stage: Stage;

  beforeEach(() => {
    stage = createStage();
  });

  const parked = (body: string, note: object, sentAt = stage.clock.now()) =>
    stage.fake.put(DEAD.url, {
      body,
      attributes: { onefold: { DataType: 'String', StringValue: JSON.stringify({ queue: SOURCE.arn, ...note }) } },
      system: { SentTimestamp: String(sentAt) },
    });

  describe('the summary', () => {
    async function summary(): Promise<Summary> {
      const counts = summarise(stage.queue, stage.clock.now());
      const pass = stage.pass();
      for await (const batch of pass.letters()) for (const letter of batch) counts.add(letter);
      const { partial } = await pass.end();
      return counts.summary(partial);
    }

    it('counts by reason, by shape of detail, by age and by replays', async () => {
      const now = stage.clock.now();
      parked('1', { reason: 'invalid', detail: 'payload.items.3 must be "a"' }, now - HOUR / 2);
      parked('2', { reason: 'invalid', detail: 'payload.items.14 must be "b\\"c"', replays: 1 }, now - 2 * HOUR);
      parked('3', { reason: 'conflict', detail: 'another payload' }, now - 30 * HOUR);
      parked('4', { replays: 3 }, now - 13 * 24 * HOUR);
      const { reasons, details, ages, replays, letters, oldest, newest } = await summary();
      expect(letters).to.equal(4);
      expect(reasons).to.deep.equal({ invalid: 2, conflict: 1, exhausted: 1 });
      expect(details[0]).to.deep.equal({
        ...{ reason: 'invalid', detail: 'payload.items.N must be "…"', count: 2 },
        example: 'payload.items.3 must be "a"',
      });
      expect(ages.map(({ count }) => count)).to.deep.equal([1, 1, 1, 1]);
      expect(replays).to.deep.equal({ 0: 2, 1: 1, 3: 1 });
      expect(oldest?.expiresAt).to.equal(new Date(now + 24 * HOUR).toISOString());
      expect(newest?.sentAt).to.equal(new Date(now - HOUR / 2).toISOString());
    });

    it('counts letters of another queue apart, and those of unknown origin too', async () => {
      parked('ours', { reason: 'invalid' });
      parked('theirs', { reason: 'invalid', queue: OTHER });
      stage.fake.put(DEAD.url, { body: 'whose?' });
      const { letters, reasons, otherQueues, unknownOrigin } = await summary();
      expect({ letters, reasons, otherQueues, unknownOrigin }).to.deep.equal({
        letters: 2,
        reasons: { invalid: 1, conflict: 0, exhausted: 1 },
        otherQueues: { orders: 1 },
        unknownOrigin: 1,
      });
    });

    it("believes SQS rather than a note of an earlier life about a letter's queue", async () => {
      const letter = parked('moved', { reason: 'invalid', queue: OTHER });
      letter.system.DeadLetterQueueSourceArn = SOURCE.arn;
      expect((await summary()).otherQueues).to.deep.equal({});
    });

    it('keeps few groups of a queue in which each detail is another', async () => {
      const words = 'abcdefghijklmnopqrstuvwxyz';
      for (let n = 0; n < 700; n++) {
        parked(String(n), { reason: 'invalid', detail: `${words[n % 26]}${words[Math.floor(n / 26)]}` });
      }
      const { details } = await summary();
      expect(details.length).to.be.at.most(501);
      expect(details.reduce((sum, { count }) => sum + count, 0)).to.equal(700);
    });
  });

  it('tells details of one shape by what they say, not by hashes, times, places and what they quote', () => {
    const conflict = (hash: string, time: string) => `stored since ${time}: its hash is v1:${hash.repeat(64)}`;
    expect(shapeOf(conflict('a', '2026-01-02T03:04:05.678Z'))).to.equal(shapeOf(conflict('0', '2027-12-31T00:00:00Z')));
    expect(shapeOf('/payload/a/0/0/12: too deep')).to.equal(shapeOf('/payload/a/3: too deep'));
    expect(shapeOf('the number 9007199254740993 would be rounded')).to.equal(
      shapeOf('the number 1.25 would be rounded'),
    );
    expect(shapeOf('payload is missing')).not.to.equal(shapeOf('payload must be a JSON object'));
  });

  describe('a filter', () => {
    beforeEach(() => {
      const now = stage.clock.now();
      parked(message('a'), { reason: 'invalid', detail: 'too deep' }, now - 3 * HOUR);
      parked(message('b', { text: 'needle' }), { reason: 'conflict', detail: 'another' }, now - HOUR);
      stage.fake.put(DEAD.url, { body: message('a'), system: { SentTimestamp: String(now) } });
    });

    const cases: [string, Filter, number[]][] = [
      ['by reason', { reason: 'conflict' }, [1]],
      ["by SQS's own redrive", { reason: 'exhausted' }, [2]],
      ['by text in the body', { match: 'needle' }, [1]],
      ['by text in the detail', { match: 'deep' }, [0]],
      ['by client id', { id: 'a' }, [0, 2]],
      ['by age', { sinceMs: 2 * HOUR }, [1, 2]],
      ['by number', { limit: 2 }, [0, 1]],
      ['by all at once', { id: 'a', reason: 'exhausted', sinceMs: HOUR, limit: 5 }, [2]],
      ['by nothing', {}, [0, 1, 2]],
    ];
    for (const [name, filter, expected] of cases) {
      it(`chooses ${name}`, async () => {
        const ids = stage.letters().map(({ id }) => id);
        const pass = stage.pass();
        const chosen: string[] = [];
        const leftOut: number[] = [];
        const counted = { now: stage.clock.now, onLeftOut: (letters: number) => leftOut.push(letters) };
        for await (const batch of select(pass.letters(), filter, counted)) {
          chosen.push(...batch.map(({ messageId }) => messageId));
        }
        await pass.end();
        expect(chosen).to.deep.equal(expected.map(at => ids[at]));
        expect(leftOut.reduce((sum, letters) => sum + letters, 0)).to.equal(3 - chosen.length);
        expect(stage.letters().every(({ visibleAt }) => visibleAt <= stage.clock.now())).to.equal(true);
      });
    }
  });

  it('compares two payloads member by member, whatever their order', () => {
    const letter = { name: 'A', same: [1, { x: 2 }], deep: { one: 1, two: 2 }, only: true };
    const stored = { deep: { two: 3, one: 1 }, same: [1, { x: 2 }], name: 'B', gone: null };
    const marked = compare(letter, stored).map(({ member, differs }) => (differs ? `≠ ${member}` : member));
    expect(marked).to.deep.equal(['≠ /name', '/same', '/deep/one', '≠ /deep/two', '≠ /only', '≠ /gone']);
  });

  describe('accepting what is stored', () => {
    async function accept(options: { commit: boolean; force?: boolean; filter?: Filter }) {
      const resolved: Resolved[] = [];
      const pass = stage.pass();
      const { totals } = await acceptStored({
        ...{ pass, filter: {}, judge: createJudge({ store: stage.store, now: stage.clock.now }), store: stage.store },
        ...{ force: false, fifo: false, clock: stage.clock, signal: new AbortController().signal },
        onResolved: one => {
          // Killed now, the decision is written down and the letter still there.
          expect(stage.letters().map(({ id }) => id)).to.include(one.messageId);
          resolved.push(one);
        },
        ...options,
      });
      await pass.end();
      return { totals, resolved };
    }

    beforeEach(async () => {
      await storeFeature(stage, message('a'));
      stage.park(message('a', { other: 1 }), 'conflict');
      stage.park(message('a'), 'conflict'); // the same payload: no conflict any more
      stage.park(message('new'), 'conflict');
      stage.park('not json');
      parked(message('a', { other: 2 }), { reason: 'conflict', queue: OTHER });
      stage.fake.put(DEAD.url, { body: message('a', { other: 3 }) });
    });

    it('says which letters and both hashes, and deletes nothing unless told to', async () => {
      const { totals, resolved } = await accept({ commit: false });
      expect(totals).to.deep.equal({ examined: 6, conflicts: 1, otherQueue: 1, deleted: 0, left: 5, failed: 0 });
      expect(resolved).to.have.length(1);
      expect(resolved[0]).to.include({ clientFeatureId: 'a', featureId: stage.store.mappingOf.get('a')?.featureId });
      const { storedHash = '', refusedHash = '' } = resolved[0] ?? {};
      expect(storedHash).to.match(/^v1:[0-9a-f]{64}$/);
      expect(refusedHash).to.match(/^v1:[0-9a-f]{64}$/);
      expect(storedHash).not.to.equal(refusedHash);
      expect(stage.letters()).to.have.length(6);
    });

    it('deletes the letters in conflict and no other', async () => {
      const { totals } = await accept({ commit: true });
      expect(totals).to.include({ deleted: 1, left: 4 });
      expect(stage.letters().map(({ body }) => body)).to.have.members([
        ...[message('a'), message('new'), 'not json'],
        ...[message('a', { other: 2 }), message('a', { other: 3 })],
      ]);
    });

    it('takes letters of unknown origin only with force, and those of another queue never', async () => {
      await accept({ commit: true, force: true });
      const left = stage.letters().map(({ body }) => body);
      expect(left).not.to.include(message('a', { other: 3 }));
      expect(left).to.include(message('a', { other: 2 }));
    });
  });
});
