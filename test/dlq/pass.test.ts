import { expect } from 'chai';
import type { Letter } from '../../src/dlq/letter.ts';
import type { Pass } from '../../src/dlq/pass.ts';
import { sdkError } from '../queue/scripted-sqs.ts';
import { settled } from '../virtual-clock.ts';
import { createStage, type Stage } from './stage.ts';

describe('a pass over the dead-letter queue', () => {
  let stage: Stage;

  beforeEach(() => {
    stage = createStage();
  });

  const fill = (count: number) => {
    for (let n = 1; n <= count; n++) stage.park(`letter ${n}`);
  };
  const visible = () => stage.letters().filter(({ visibleAt }) => visibleAt <= stage.clock.now()).length;

  async function all(pass: Pass): Promise<Letter[]> {
    const met: Letter[] = [];
    for await (const batch of pass.letters()) met.push(...batch);
    return met;
  }

  it('meets each letter once and gives all back, ten a request', async () => {
    fill(95);
    const pass = stage.pass();
    const met = await all(pass);
    expect(new Set(met.map(({ body }) => body)).size).to.equal(95);
    expect(met).to.have.length(95);
    expect(visible()).to.equal(0);
    expect(await pass.end()).to.deep.equal({ partial: [], complete: true });
    expect(visible()).to.equal(95);
    expect(stage.fake.calls.filter(call => call === 'ChangeMessageVisibilityBatch')).to.have.length(10);
  });

  it('leaves behind no letter that it has deleted, and gives back the others', async () => {
    fill(12);
    const pass = stage.pass();
    for await (const batch of pass.letters()) await Promise.all(batch.slice(0, 3).map(letter => pass.delete(letter)));
    await pass.end();
    expect(visible()).to.equal(stage.letters().length);
    expect(stage.letters()).to.have.length(7); // three of ten, two of two
  });

  it('keeps its letters hidden for as long as it lasts', async () => {
    fill(25);
    const pass = stage.pass();
    await all(pass);
    await stage.clock.advance(3_600_000);
    expect(visible()).to.equal(0);
    await pass.end();
    expect(visible()).to.equal(25);
    expect(stage.clock.sleepers()).to.equal(0);
  });

  it('keeps them hidden although renewals fail for a while', async () => {
    fill(25);
    const pass = stage.pass();
    await all(pass);
    const failing = stage.clock.now() + 100_000;
    stage.fake.before = call => {
      if (call === 'ChangeMessageVisibilityBatch' && stage.clock.now() < failing) throw sdkError('InternalError', 500);
    };
    await stage.clock.advance(600_000);
    expect(visible()).to.equal(0);
    await pass.end();
  });

  it('lets its letters come back by themselves when it is killed', async () => {
    fill(5);
    await all(stage.pass());
    stage.fake.before = () => {
      throw new Error('killed');
    };
    await stage.clock.advance(119_000);
    expect(visible()).to.equal(0);
    await stage.clock.advance(2_000);
    expect(visible()).to.equal(5);
  });

  it('gives everything back when it ends early', async () => {
    fill(100);
    const pass = stage.pass();
    for await (const _ of pass.letters()) break;
    await pass.end();
    expect(visible()).to.equal(100);
  });

  it('stops receiving at a signal, and gives everything back', async () => {
    fill(100);
    const ctrlC = new AbortController();
    const pass = stage.pass({ signal: ctrlC.signal });
    let met = 0;
    for await (const batch of pass.letters()) {
      met += batch.length;
      ctrlC.abort();
    }
    expect(met).to.be.below(60);
    await pass.end();
    expect(visible()).to.equal(100);
  });

  it('gives everything back when a receive fails for good', async () => {
    fill(100);
    const pass = stage.pass();
    stage.fake.before = () => {
      if (stage.fake.calls.length > 5) stage.fake.before = () => {};
      if (stage.fake.calls.length === 5) throw sdkError('AccessDenied', 403);
    };
    const failure = await all(pass).catch(error => error);
    expect(failure).to.have.property('name', 'AccessDenied');
    await pass.end();
    expect(visible()).to.equal(100);
  });

  it('says so when letters could not be given back, without waiting for each', async () => {
    fill(400);
    const pass = stage.pass();
    await all(pass);
    stage.fake.before = call => {
      if (call === 'ChangeMessageVisibilityBatch') throw new Error('killed');
    };
    expect((await pass.end()).partial).to.deep.equal([
      '400 letters could not be given back: they come back within two minutes',
    ]);
    expect(stage.fake.calls.filter(call => call === 'ChangeMessageVisibilityBatch').length).to.be.below(5);
  });

  it('asks again when a batch was given back in part', async () => {
    fill(10);
    const pass = stage.pass();
    await all(pass);
    const { send } = stage.fake.sqs;
    let asked = 0;
    stage.fake.sqs.send = (async (command: { input: { Entries: { Id: string }[] } }) => {
      if (asked++ > 1) return send(command as never);
      return { Failed: command.input.Entries.map(({ Id }) => ({ Id, Code: 'InternalError', SenderFault: false })) };
    }) as never;
    const ending = pass.end();
    await stage.clock.advance(10_000);
    await ending;
    expect(visible()).to.equal(10);
  });

  describe('says that its picture is partial', () => {
    it('when somebody else holds letters', async () => {
      fill(30);
      const other = stage.pass();
      for await (const _ of other.letters()) break;
      await settled();
      const pass = stage.pass();
      const met = await all(pass);
      const { partial } = await pass.end();
      expect(partial).to.have.length(1);
      expect(partial[0]).to.match(
        new RegExp(
          `^about ${30 - met.length} letters are invisible: another pass or a consumer holds them, or one was killed`,
        ),
      );
      await other.end();
    });

    it('when 120,000 letters are in flight', async () => {
      fill(30);
      stage.fake.before = call => {
        if (call === 'ReceiveMessage' && stage.fake.calls.length > 2) throw sdkError('OverLimit', 403);
      };
      const pass = stage.pass();
      expect(await all(pass)).to.have.length(20);
      expect((await pass.end()).partial[0]).to.match(/^SQS lets 120,000 letters be in flight/);
      expect(visible()).to.equal(30);
    });

    it('when letters wait behind others of their FIFO group', async () => {
      stage = createStage({ fifo: true });
      fill(15);
      const pass = stage.pass();
      expect(await all(pass)).to.have.length(10);
      expect((await pass.end()).partial[0]).to.match(/^about 5 letters wait behind others of their FIFO group/);
    });

    it('when SQS counts letters that it does not hand out', async () => {
      fill(3);
      const { send } = stage.fake.sqs;
      stage.fake.sqs.send = (async (command: { constructor: { name: string } }) =>
        command.constructor.name === 'ReceiveMessageCommand' ? {} : send(command as never)) as never;
      const pass = stage.pass();
      expect(await all(pass)).to.deep.equal([]);
      expect((await pass.end()).partial[0]).to.match(/^SQS counts about 3 more letters/);
    });

    it('when letters arrive more than a minute after it began, which it leaves for the next', async () => {
      fill(1);
      stage.clock.advance(0);
      const pass = stage.pass();
      stage.park('later', 'invalid', { system: { SentTimestamp: String(stage.clock.now() + 61_000) } });
      expect((await all(pass)).map(({ body }) => body)).to.deep.equal(['letter 1']);
      expect((await pass.end()).partial[0]).to.equal('1 letters arrived meanwhile and are left for the next pass');
    });

    it('when its letters came loose', async () => {
      fill(2);
      const pass = stage.pass();
      await all(pass);
      for (const letter of stage.letters()) letter.receives++; // somebody else received them
      await stage.clock.advance(61_000);
      expect((await pass.end()).partial.join()).to.match(/2 letters came loose/);
    });

    it('when it has held them for twelve hours, the most that SQS allows', async () => {
      fill(2);
      const pass = stage.pass();
      await all(pass);
      await stage.clock.advance(12 * 3_600_000);
      expect((await pass.end()).partial.join()).to.match(/2 letters came loose/);
      expect(visible()).to.equal(2);
    });
  });

  it('meets no letter twice that SQS hands out twice, and gives it back by its latest receipt handle', async () => {
    fill(1);
    const [letter] = stage.letters();
    stage.fake.after = call => {
      if (call === 'ReceiveMessage' && letter && letter.receives < 3) letter.visibleAt = 0;
    };
    const pass = stage.pass();
    expect(await all(pass)).to.have.length(1);
    expect(letter?.receives).to.equal(3);
    await pass.end();
    expect(visible()).to.equal(1);
  });

  it('deletes a letter again that comes back although it was deleted', async () => {
    fill(60);
    const [letter] = stage.letters();
    const pass = stage.pass();
    for await (const batch of pass.letters()) {
      const met = batch.find(({ messageId }) => messageId === letter?.id);
      if (!letter || !met) continue;
      // Received by somebody else by then, so that the receipt handle is an old one and deletes nothing.
      letter.receives++;
      await pass.delete(met);
      expect(stage.letters()).to.include(letter);
      letter.visibleAt = 0;
    }
    await pass.end();
    expect(stage.letters()).not.to.include(letter);
    expect(stage.letters()).to.have.length(59);
  });
});
