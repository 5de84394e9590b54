import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { openCheckpoint } from '../../src/dlq/checkpoint.ts';
import { counts, message, takeAll } from '../stored.ts';
import { until } from '../worker-process.ts';
import { type CommandStage, createCommandStage, objectsIn } from './command-stage.ts';
import { park } from './dead-letters.ts';

const OTHER = 'arn:aws:sqs:us-east-1:000000000000:orders';

describe('onefold dlq, acting', function () {
  this.timeout(60_000);
  let stage: CommandStage;

  beforeEach(async () => {
    stage = await createCommandStage();
  });
  afterEach(() => stage.strike());

  const sent = () => takeAll(stage.queue, stage.queue.queueUrl);

  it('replay says first what it would do, and ends with its totals', async () => {
    await stage.store(message('there'));
    await park(stage.queue, [
      { body: message('new') },
      { body: message('there') },
      { body: message('there', { other: true }), reason: 'conflict' },
      { body: '{' },
      { body: message('theirs'), queue: OTHER },
    ]);
    const dry = await stage.replay('--json');
    const judged = {
      ...{ examined: 5, wouldCreate: 1, wouldFinish: 0, alreadyStored: 1, stillConflict: 1, stillInvalid: 1 },
      otherQueue: 1,
    };
    const totals = objectsIn(dry.out).at(-1);
    expect(totals).to.deep.equal({ ...judged, sent: 0, deleted: 0, left: 4, failed: 0 });
    expect(Object.keys(totals).join()).to.equal(
      'examined,wouldCreate,wouldFinish,alreadyStored,stillConflict,stillInvalid,otherQueue,sent,deleted,left,failed',
    );
    expect(await stage.deadLetters()).to.deep.equal({ visible: 5, hidden: 0 });
    expect(await sent()).to.deep.equal([]);

    const done = await stage.replay('--yes', '--json');
    expect(objectsIn(done.out).at(-1)).to.deep.equal({ ...judged, sent: 1, deleted: 2, left: 2, failed: 0 });
    expect(done.code).to.equal(0);
    const [one, ...others] = await sent();
    expect(one?.Body).to.equal(message('new'));
    expect(one?.MessageAttributes?.onefold?.StringValue).to.equal('{"replays":1}');
    expect(others).to.deep.equal([]);
    expect(await stage.deadLetters()).to.deep.equal({ visible: 3, hidden: 0 });
  });

  it('replay --verify keeps each letter until its feature is stored, also at Ctrl-C', async () => {
    await park(stage.queue, [{ body: message('slow') }]);
    const replaying = stage.start('replay', '--verify', '--yes', '--json');
    const { queue } = stage;
    await until(async () => (await counts(queue, queue.queueUrl)).visible > 0, 'it is sent'); // and nobody stores it
    replaying.child.kill('SIGINT');
    const { code, out } = await replaying.ended;
    expect(objectsIn(out).at(-1)).to.include({ sent: 1, deleted: 0, left: 1, failed: 1 });
    expect(code).to.equal(1);
    expect(await stage.deadLetters()).to.deep.equal({ visible: 1, hidden: 0 });
  });

  it('replay sends at most so many a second, and nothing that its checkpoint knows', async () => {
    const bodies = Array.from({ length: 8 }, (_, n) => message(`n${n}`));
    await park(
      stage.queue,
      bodies.map(body => ({ body })),
    );
    const letters = objectsIn((await stage.dlq('list', '--json')).out);
    const { messageId, clientFeatureId } = letters[0];
    const known = openCheckpoint(join(stage.folder, 'checkpoint'));
    known.add(messageId, message(clientFeatureId));
    known.close(false);
    const { out, err } = await stage.replay('--yes', '--json', '--rate', '4/s');
    expect(objectsIn(out).at(-1)).to.include({ sent: 7, deleted: 8, left: 0 });
    expect(err).to.match(/1 letter had been sent by an interrupted replay/);
    const messages = await sent();
    expect(messages.map(({ Body }) => Body)).to.have.members(bodies.filter(body => body !== message(clientFeatureId)));
    const times = messages.map(({ Attributes }) => Number(Attributes?.SentTimestamp));
    expect(Math.max(...times) - Math.min(...times)).to.be.above(1_400); // the seventh leaves 1.5 s after the first
    expect(existsSync(join(stage.folder, 'checkpoint'))).to.equal(false);
  });

  it('export keeps letters that replay --from sends when the queue has forgotten them', async () => {
    const body = ' {"clientFeatureId":"kept","payload":{"s":"\\u00e9\u2028","n":1.50}} ';
    const attributes = { bytes: { DataType: 'Binary', BinaryValue: new Uint8Array([0, 255]) } };
    await park(stage.queue, [{ body, attributes, groupId: 'tenant' }]);
    const file = join(stage.folder, 'letters.ndjson');
    const { out } = await stage.dlq('export');
    writeFileSync(file, out);
    expect(await takeAll(stage.queue, stage.queue.deadLetterQueueUrl)).to.have.length(1);
    await stage.replay('--from', file, '--yes');
    const [one] = await sent();
    expect(one?.Body).to.equal(body);
    expect([...(one?.MessageAttributes?.bytes?.BinaryValue ?? [])]).to.deep.equal([0, 255]);
    expect(one?.Attributes?.MessageGroupId).to.equal(objectsIn(out)[0].groupId); // fauxqs drops it
  });

  it('resolve deletes the letters that contradict what is stored, and writes down each decision', async () => {
    await stage.store(message('settled', { name: 'first' }));
    const body = message('settled', { name: 'second' });
    await park(stage.queue, [{ body, reason: 'conflict' }, { body: '{' }]);
    const { out } = await stage.dlq('resolve', '--accept', 'stored', '--yes', '--json');
    const [decision, totals] = objectsIn(out);
    expect(decision).to.have.keys('messageId', 'clientFeatureId', 'featureId', 'storedHash', 'refusedHash');
    expect(totals).to.deep.equal({ examined: 2, conflicts: 1, otherQueue: 0, deleted: 1, left: 1, failed: 0 });
    expect(await stage.deadLetters()).to.deep.equal({ visible: 1, hidden: 0 });
  });

  it("--via aws moves everything by SQS's own redrive, or says that this backend cannot", async () => {
    const byAws = (...args: string[]) => stage.dlq('replay', '--via', 'aws', ...args);
    await park(stage.queue, [{ body: message('moved') }, { body: '{' }]);
    const dry = await byAws();
    if (dry.code === 2) {
      expect(dry.err).to.match(/^error: this backend cannot: .*\nhint: {2}replay without --via aws/);
      return;
    }
    expect(dry.out).to.match(/SQS would move all 2 letters .*\n.*count of replays does not rise/);
    expect(await stage.deadLetters()).to.deep.equal({ visible: 2, hidden: 0 });
    const done = await byAws('--yes', '--json');
    expect(objectsIn(done.out).at(-1)).to.include({ examined: 0, sent: 2, deleted: 2, left: 0 });
    expect(await stage.deadLetters()).to.deep.equal({ visible: 0, hidden: 0 });
    expect(await sent()).to.have.length(2);

    await park(
      stage.queue,
      Array.from({ length: 30 }, (_, n) => ({ body: message(`slow ${n}`) })),
    );
    const moving = byAws('--yes', '--rate', '1/s');
    await until(async () => (await counts(stage.queue, stage.queue.queueUrl)).visible > 0, 'letters move');
    expect(JSON.parse((await stage.dlq('cancel', '--json')).out)).to.include({ cancelled: true });
    expect((await moving).err).to.match(/the move was cancelled/);
    expect((await stage.dlq('cancel')).out).to.equal('no move is running\n');
    expect((await stage.deadLetters()).visible).to.be.above(0);
  });
});
