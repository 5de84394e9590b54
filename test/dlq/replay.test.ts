import { expect } from 'chai';
import { noCheckpoint } from '../../src/dlq/checkpoint.ts';
import { correctByPatch } from '../../src/dlq/correction.ts';
import { sdkError } from '../queue/scripted-sqs.ts';
import { createStage, DEAD, message, SOURCE, type Stage, storeFeature } from './stage.ts';

const NOTHING = {
  ...{ examined: 0, wouldCreate: 0, wouldFinish: 0, alreadyStored: 0, stillConflict: 0, stillInvalid: 0 },
  ...{ otherQueue: 0, sent: 0, deleted: 0, left: 0, failed: 0 },
};
const OTHER = 'arn:aws:sqs:eu-west-1:1:orders';

describe('a replay', () => {
  let stage: Stage;

  beforeEach(() => {
    stage = createStage();
  });

  const bodiesLeft = () => stage.letters().map(({ body }) => body);
  const bodiesSent = () => stage.messages().map(({ body }) => body);
  const noteOf = (at: number) => stage.messages()[at]?.attributes.onefold?.StringValue;
  const exhausted = (body: string, more: { from?: string; replays?: number } = {}) =>
    stage.fake.put(DEAD.url, {
      body,
      attributes: more.replays
        ? { onefold: { DataType: 'String', StringValue: JSON.stringify({ replays: more.replays }) } }
        : {},
      system: { SentTimestamp: String(stage.clock.now()), ...(more.from && { DeadLetterQueueSourceArn: more.from }) },
    });

  /** One letter of each kind. */
  async function oneOfEach(): Promise<void> {
    await storeFeature(stage, message('stored'));
    await storeFeature(stage, message('contradicted'));
    stage.store.mappingOf.set('half', { clientFeatureId: 'half', featureId: 'f-half', createdAt: '' });
    for (const id of ['new', 'half', 'stored']) stage.park(message(id));
    stage.park(message('contradicted', { other: true }), 'conflict');
    stage.park('not json');
  }

  describe('dry', () => {
    it('says for each letter what the worker would do, by asking the tables', async () => {
      await oneOfEach();
      const { totals, replayed } = await stage.replay();
      expect(totals).to.deep.equal({
        ...NOTHING,
        ...{
          examined: 5,
          wouldCreate: 1,
          wouldFinish: 1,
          alreadyStored: 1,
          stillConflict: 1,
          stillInvalid: 1,
          left: 5,
        },
      });
      expect(replayed.map(({ verdict, action }) => `${verdict} ${action}`)).to.have.members([
        ...['wouldCreate send', 'wouldFinish send', 'alreadyStored delete'],
        ...['stillConflict leave', 'stillInvalid leave'],
      ]);
    });

    it('writes nothing, sends nothing and deletes nothing', async () => {
      await oneOfEach();
      const [mappings, features] = [stage.store.mappingOf.size, stage.store.featureOf.size];
      stage.store.calls.length = 0;
      await stage.replay({ force: true });
      expect([stage.store.mappingOf.size, stage.store.featureOf.size]).to.deep.equal([mappings, features]);
      expect(new Set(stage.store.calls)).to.deep.equal(new Set(['read mapping', 'read feature']));
      expect(stage.letters()).to.have.length(5);
      expect(stage.messages()).to.deep.equal([]);
    });

    it('shows a correction before and after', async () => {
      stage.park(message('a', { draft: true, n: 1.5 }));
      const { replayed, totals } = await stage.replay({ correct: correctByPatch('{"payload":{"draft":null}}') });
      expect(replayed[0]?.letter.body).to.equal(message('a', { draft: true, n: 1.5 }));
      expect(replayed[0]?.correctedBody).to.equal(message('a', { n: 1.5 }));
      expect(totals).to.include({ wouldCreate: 1, left: 1 });
    });
  });

  describe('done', () => {
    it('sends what can be stored, deletes what is stored, and leaves the rest', async () => {
      await oneOfEach();
      const { totals } = await stage.replay({ yes: true });
      expect(totals).to.deep.equal({
        ...NOTHING,
        ...{ examined: 5, wouldCreate: 1, wouldFinish: 1, alreadyStored: 1, stillConflict: 1, stillInvalid: 1 },
        ...{ sent: 2, deleted: 3, left: 2 },
      });
      expect(bodiesSent()).to.have.members([message('new'), message('half')]);
      expect(bodiesLeft()).to.deep.equal([message('contradicted', { other: true }), 'not json']);
      await stage.work();
      expect([...stage.store.mappingOf.keys()]).to.include.members(['new', 'half']);
      expect(stage.store.featureOf.get('f-half')?.clientFeatureId).to.equal('half');
    });

    it('sends with the count of its replays alone for a note, counting on', async () => {
      stage.park(message('first'));
      stage.park(message('second'), 'invalid', { replays: 1 });
      await stage.replay({ yes: true });
      expect(noteOf(0)).to.equal('{"replays":1}');
      expect(noteOf(1)).to.equal('{"replays":2}');
    });

    it("carries the message's own attributes, those too that had moved into the note, and its group", async () => {
      const own = Object.fromEntries([...'abcdefghi'].map(name => [name, { DataType: 'String', StringValue: name }]));
      const moved = { z: { DataType: 'Binary', BinaryValue: 'AAH/' } };
      const onefold = { reason: 'invalid', queue: SOURCE.arn, attributes: moved };
      const attributes = { ...own, onefold: { DataType: 'String', StringValue: JSON.stringify(onefold) } };
      stage.park(message('a'), 'invalid', { attributes, groupId: 'tenant 7' });
      await stage.replay({ yes: true });
      const [sent] = stage.messages();
      const { z, ...others } = sent?.attributes ?? {};
      expect([...(z?.BinaryValue ?? [])]).to.deep.equal([0, 1, 255]);
      expect(others).to.deep.equal(own); // ten in all: SQS takes no eleventh, so the count starts anew
      expect(sent?.groupId).to.equal('tenant 7');
    });

    it('leaves the count out where one megabyte leaves no room for it', async () => {
      const body = message('big', { text: '*'.repeat(300_000) });
      const filling = { DataType: 'String', StringValue: '*'.repeat(1_048_576 - body.length - 30) };
      stage.fake.put(DEAD.url, { body, attributes: { filling } });
      await stage.replay({ yes: true, force: true });
      expect(Object.keys(stage.messages()[0]?.attributes ?? {})).to.deep.equal(['filling']);
    });

    it('leaves a letter that the queue refuses, and goes on with the others', async () => {
      stage.park(message('bad'));
      stage.park(message('good'));
      const { send } = stage.fake.sqs;
      stage.fake.sqs.send = (async (command: { input: { Entries?: { Id: string; MessageBody?: string }[] } }) => {
        const refused = command.input.Entries?.find(({ MessageBody }) => MessageBody === message('bad'));
        if (refused) command.input.Entries?.splice(command.input.Entries.indexOf(refused), 1);
        const answer = (await send(command as never)) as { Failed?: object[] };
        const failure = { Id: refused?.Id, Code: 'InvalidMessageContents', SenderFault: true };
        return refused ? { ...answer, Failed: [failure] } : answer;
      }) as never;
      const { totals, replayed } = await stage.replay({ yes: true });
      expect(totals).to.include({ sent: 1, deleted: 1, left: 1, failed: 1 });
      expect(replayed.find(({ action }) => action === 'fail')?.why).to.equal('refused');
      expect(bodiesLeft()).to.deep.equal([message('bad')]);
    });

    it('stops when the tables do not answer, and leaves everything there', async () => {
      for (const id of ['a', 'b', 'c']) stage.park(message(id));
      stage.store.onCall = () => {
        throw new Error('the store is down');
      };
      const { stopped, totals } = await stage.replay({ yes: true });
      expect(stopped?.message).to.equal('the store is down');
      expect(totals).to.include({ sent: 0, deleted: 0, left: totals.examined });
      expect(stage.letters().filter(({ visibleAt }) => visibleAt <= stage.clock.now())).to.have.length(3);
    });

    it('counts a letter that cannot be judged as failed, and leaves it', async () => {
      const { StoreFailure } = await import('../../src/store/port.ts');
      stage.park(message('a'));
      stage.store.faults.push({ at: 'read mapping', when: 'before', error: new StoreFailure('throttled') });
      const { totals } = await stage.replay({ yes: true });
      expect(totals).to.deep.equal({ ...NOTHING, examined: 1, left: 1, failed: 1 });
    });

    it('stops at a signal with what is under way finished, and gives back the rest', async () => {
      for (let n = 0; n < 1_000; n++) stage.park(message(String(n)));
      const ctrlC = new AbortController();
      stage.fake.after = call => {
        if (call === 'SendMessageBatch' && stage.messages().length >= 100) ctrlC.abort(new Error('stopped by SIGINT'));
      };
      const pass = stage.pass({ signal: ctrlC.signal });
      const running = stage.replay({ yes: true, signal: ctrlC.signal, pass });
      await stage.clock.advance(1_000);
      const { totals, stopped } = await running;
      expect(stopped?.message).to.equal('stopped by SIGINT');
      expect(totals.sent).to.equal(totals.deleted);
      expect(stage.messages()).to.have.length(totals.sent);
      expect(stage.letters()).to.have.length(1_000 - totals.sent);
      expect(stage.letters().every(({ visibleAt }) => visibleAt <= stage.clock.now())).to.equal(true);
      expect(totals.sent).to.be.within(100, 500);
    });

    it('asks again when SQS throttles, and says so to the pace', async () => {
      stage.park(message('a'));
      let refusals = 2;
      stage.fake.before = call => {
        if (call === 'SendMessageBatch' && refusals-- > 0) throw sdkError('RequestThrottled', 403);
      };
      const running = stage.replay({ yes: true });
      await stage.clock.advance(5_000);
      expect((await running).totals).to.include({ sent: 1, deleted: 1 });
      expect(refusals).to.equal(-1);
      expect(stage.troubles).to.equal(2);
    });
  });

  describe('whose letters it takes', () => {
    it('counts letters of another queue apart, and never touches them, not even with force', async () => {
      stage.park(message('ours'));
      exhausted(message('theirs, by SQS'), { from: OTHER });
      stage.fake.put(DEAD.url, {
        body: message('theirs, parked'),
        attributes: {
          onefold: { DataType: 'String', StringValue: JSON.stringify({ reason: 'invalid', queue: OTHER }) },
        },
      });
      const { totals } = await stage.replay({ yes: true, force: true });
      expect(totals).to.deep.equal({ ...NOTHING, examined: 3, wouldCreate: 1, otherQueue: 2, sent: 1, deleted: 1 });
      expect(bodiesLeft()).to.deep.equal([message('theirs, by SQS'), message('theirs, parked')]);
    });

    it("takes what SQS's own redrive brought from our queue", async () => {
      exhausted(message('a'), { from: SOURCE.arn });
      expect((await stage.replay({ yes: true })).totals).to.include({ sent: 1, deleted: 1 });
    });

    it('takes letters of unknown origin only with force', async () => {
      exhausted(message('a'));
      const { totals, replayed } = await stage.replay({ yes: true });
      expect(totals).to.deep.equal({ ...NOTHING, examined: 1, wouldCreate: 1, left: 1 });
      expect(replayed[0]?.why).to.equal('unknownOrigin');
      expect((await stage.replay({ yes: true, force: true })).totals).to.include({ sent: 1, deleted: 1, left: 0 });
    });

    it('leaves a letter that was replayed three times and came back, unless forced', async () => {
      stage.park(message('a'), 'invalid', { replays: 3 });
      exhausted(message('b'), { from: SOURCE.arn, replays: 3 });
      const { totals, replayed } = await stage.replay({ yes: true });
      expect(totals).to.include({ examined: 2, sent: 0, left: 2 });
      expect(replayed.map(({ why }) => why)).to.deep.equal(['replayedOften', 'replayedOften']);
      await stage.replay({ yes: true, force: true });
      expect(noteOf(0)).to.equal('{"replays":4}');
    });

    it('sends what is still invalid or in conflict only with force', async () => {
      await storeFeature(stage, message('a'));
      stage.park(message('a', { other: true }), 'conflict');
      stage.park('not json');
      expect((await stage.replay({ yes: true })).totals).to.include({ sent: 0, left: 2 });
      expect((await stage.replay({ yes: true, force: true })).totals).to.include({ sent: 2, left: 0 });
    });

    it('sends no letter again that it has sent and that is back already', async () => {
      for (let n = 0; n < 500; n++) stage.park(`not json ${n}`);
      stage.fake.after = call => (call === 'SendMessageBatch' ? stage.work() : undefined); // parks them at once
      const running = stage.replay({ yes: true, force: true });
      await stage.clock.advance(60_000);
      const { totals, cameBack } = await running;
      expect(totals.sent).to.equal(500);
      expect(cameBack).to.be.above(0);
      expect(stage.letters()).to.have.length(500);
    });
  });

  describe('that verifies', () => {
    it('deletes a letter only when its feature is in the table', async () => {
      stage.park(message('a'));
      const running = stage.replay({ yes: true, verify: true });
      await stage.clock.advance(30_000);
      expect(bodiesSent()).to.deep.equal([message('a')]);
      expect(bodiesLeft()).to.deep.equal([message('a')]);
      await stage.work();
      await stage.clock.advance(1_000);
      expect((await running).totals).to.include({ sent: 1, deleted: 1, failed: 0 });
      expect(bodiesLeft()).to.deep.equal([]);
    });

    it('leaves and reports it when it is not stored within a minute', async () => {
      stage.park(message('a'));
      const running = stage.replay({ yes: true, verify: true });
      await stage.clock.advance(61_000);
      const { totals, replayed } = await running;
      expect(totals).to.include({ sent: 1, deleted: 0, left: 1, failed: 1 });
      expect(replayed[0]?.why).to.equal('notStored');
      expect(bodiesLeft()).to.deep.equal([message('a')]);
    });

    it('does so for every correction, without being asked', async () => {
      stage.park(message('a', { draft: true }));
      const running = stage.replay({ yes: true, correct: correctByPatch('{"payload":{"draft":null}}') });
      await stage.clock.advance(30_000);
      expect(bodiesSent()).to.deep.equal([message('a', {})]);
      expect(stage.letters()).to.have.length(1);
      await stage.work();
      await stage.clock.advance(1_000);
      expect((await running).totals).to.include({ sent: 1, deleted: 1 });
      expect([...stage.store.featureOf.values()][0]?.payload).to.deep.equal({});
    });

    it('keeps the original when another payload was stored meanwhile', async () => {
      stage.park(message('a', { draft: true }));
      const running = stage.replay({ yes: true, correct: correctByPatch('{"payload":{"draft":null}}') });
      await stage.clock.advance(1_000);
      stage.fake.queue(SOURCE.url).length = 0;
      await storeFeature(stage, message('a', { somebody: 'else' }));
      await stage.clock.advance(1_000);
      expect((await running).totals).to.include({ sent: 1, deleted: 0, left: 1, failed: 1 });
      expect(bodiesLeft()).to.deep.equal([message('a', { draft: true })]);
    });
  });

  it('does not send a corrected letter whose correction is stored already, and deletes it', async () => {
    await storeFeature(stage, message('a', {}));
    stage.park(message('a', { draft: true }), 'conflict');
    const { totals } = await stage.replay({ yes: true, correct: correctByPatch('{"payload":{"draft":null}}') });
    expect(totals).to.include({ alreadyStored: 1, sent: 0, deleted: 1 });
  });

  it('leaves a letter that is not JSON out of a patch, and says why', async () => {
    stage.park('not json');
    const { totals, replayed } = await stage.replay({ yes: true, force: true, correct: correctByPatch('{"a":1}') });
    expect(totals).to.include({ stillInvalid: 1, sent: 0, left: 1 });
    expect(replayed[0]?.why).to.equal('uncorrectable');
  });

  it('goes on after an interruption without sending again what was sent', async () => {
    for (const id of ['a', 'b']) stage.park(message(id));
    const sentBefore = { ...noCheckpoint, has: (_: string, body: string) => body === message('a') };
    const { totals } = await stage.replay({ yes: true, checkpoint: sentBefore });
    expect(totals).to.include({ sent: 1, deleted: 2, left: 0 });
    expect(bodiesSent()).to.deep.equal([message('b')]);
  });

  describe('keeps its checkpoint', () => {
    const interrupted = { ...noCheckpoint, knows: (id: string) => id === 'sent', has: (id: string) => id === 'sent' };
    const finished = async (options: Parameters<Stage['replay']>[0]) => {
      const { complete, unfinished } = await stage.replay({ yes: true, checkpoint: interrupted, ...options });
      return complete && unfinished === 0;
    };

    it('until the letters that were sent are deleted', async () => {
      stage.park(message('a'), 'invalid', { id: 'sent' });
      expect(await finished({})).to.equal(true);
    });

    it('while a filter leaves such letters out', async () => {
      stage.park(message('a'), 'invalid', { id: 'sent' });
      expect(await finished({ filter: { id: 'b' } })).to.equal(false);
      expect(stage.letters()).to.have.length(1);
    });

    it('while letters are invisible, as those of a killed replay are', async () => {
      stage.park(message('a'), 'invalid', { id: 'sent', visibleAt: stage.clock.now() + 100_000 });
      expect(await finished({})).to.equal(false);
    });

    it('when it did not look at every letter', async () => {
      for (let n = 0; n < 100; n++) stage.park(message(String(n)));
      expect(await finished({ filter: { limit: 5 } })).to.equal(false);
    });
  });

  describe('of a FIFO queue', () => {
    beforeEach(() => {
      stage = createStage({ fifo: true });
    });

    it('keeps the order of a group, and takes its followers as those before them go', async () => {
      const bodies = Array.from({ length: 35 }, (_, n) => message(String(n)));
      for (const body of bodies) stage.park(body);
      const running = stage.replay({ yes: true });
      await stage.clock.advance(60_000);
      expect((await running).totals).to.include({ sent: 35, deleted: 35, left: 0 });
      expect(bodiesSent()).to.deep.equal(bodies);
    });

    it('gives each message a deduplication id of its own', async () => {
      stage.park(message('a'), 'invalid', { deduplicationId: 'old' });
      stage.park(message('a'), 'invalid', { deduplicationId: 'old' });
      await stage.replay({ yes: true });
      const ids = stage.messages().map(({ deduplicationId }) => deduplicationId);
      expect(new Set([...ids, 'old', undefined]).size).to.equal(4);
    });

    it('gives a letter that is replayed again another one: it may be corrected by now', async () => {
      for (let time = 1; time <= 2; time++) {
        stage.park(message('a'), 'invalid', { id: 'the same letter' });
        await stage.replay({ yes: true });
      }
      const ids = stage.messages().map(({ deduplicationId }) => deduplicationId);
      expect(new Set(ids).size).to.equal(2);
    });

    it('sends none of a group past one that did not get through', async () => {
      for (const id of ['1', '2', '3']) stage.park(message(id));
      stage.park(message('4'), 'invalid', { groupId: 'another' });
      const { StoreFailure } = await import('../../src/store/port.ts');
      stage.store.faults.push({ at: 'read mapping', when: 'before', error: new StoreFailure('throttled') });
      const { totals } = await stage.replay({ yes: true });
      expect(bodiesSent()).to.deep.equal([message('4')]);
      expect(totals).to.include({ failed: 1 });
      expect(bodiesLeft()).to.deep.equal(['1', '2', '3'].map(id => message(id)));
    });
  });
});
