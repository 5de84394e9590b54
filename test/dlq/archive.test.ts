import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { openArchive, toArchive } from '../../src/dlq/archive.ts';
import { correctFrom } from '../../src/dlq/correction.ts';
import { describeLetter } from '../../src/dlq/letter.ts';
import { createStage, message, SOURCE, untilOver } from './stage.ts';

describe('a file of letters', () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'onefold-archive-'));
    file = join(folder, 'letters.ndjson');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const write = (...lines: (object | string)[]) =>
    writeFileSync(file, lines.map(line => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n'));

  it('keeps a letter whole: the body byte for byte, binary attributes, group and history', async () => {
    const note = {
      reason: 'invalid',
      detail: 'why',
      queue: SOURCE.arn,
      receiveCount: 2,
      messageId: 'source',
      replays: 2,
    };
    const letter = describeLetter(
      {
        ...{ messageId: 'm-1', receiptHandle: '', receiveCount: 7, sentAt: '2026-01-02T03:04:05.000Z', groupId: 'g' },
        body: ' {"s":"\\u001b\\ud83d é\u2028\u0085\\"", "n": 1.50}\n',
        attributes: {
          bytes: { DataType: 'Binary.png', BinaryValue: new Uint8Array([0, 10, 255]) },
          number: { DataType: 'Number', StringValue: '1.0' },
          onefold: { DataType: 'String', StringValue: JSON.stringify(note) },
        },
      },
      { SentTimestamp: '1', DeadLetterQueueSourceArn: SOURCE.arn },
      SOURCE.arn,
    );
    write(toArchive(letter));
    const archive = await openArchive(file, SOURCE.arn);
    for await (const read of archive.letters()) expect(read).to.deep.equal(letter);
    expect(archive.has('m-1')).to.equal(true);
    await archive.close();
  });

  it('is read by message id, also after a byte order mark and with Windows line ends', async () => {
    write(
      `\ufeff{"messageId":"a","body":"é"}\r`,
      '',
      '{"messageId":"b","body":"2"}\r',
      '{"messageId":"a","body":"é!"}',
    );
    const archive = await openArchive(file, SOURCE.arn);
    expect(await Promise.all(['a', 'b', 'c'].map(archive.bodyOf))).to.deep.equal(['é!', '2', undefined]);
    expect([archive.has('b'), archive.has('c')]).to.deep.equal([true, false]);
    await archive.close();
  });

  it('takes a body that is written as an object for its own text', async () => {
    write('{"messageId":"a","body": {"clientFeatureId":"x", "payload":{"n":9007199254740993}}}');
    const archive = await openArchive(file, SOURCE.arn);
    expect(await archive.bodyOf('a')).to.equal('{"clientFeatureId":"x", "payload":{"n":9007199254740993}}');
    await archive.close();
  });

  it('is refused with the lines that are no letters', async () => {
    write('{"messageId":"a","body":"1"}', 'not json', '{"body":"no id"}', '{"messageId":"b","body":7}');
    const refusal = await openArchive(file, SOURCE.arn).catch(error => error);
    expect(refusal).to.have.property('name', 'OperatorMistake');
    expect(refusal.message).to.match(/no letters\n {2}line 2: .*\n {2}line 3: messageId .*\n {2}line 4: body/);
    expect(await openArchive(join(folder, 'none'), SOURCE.arn).catch(error => error.name)).to.equal('OperatorMistake');
  });

  describe('replayed', () => {
    it('corrects its letters in the queue, and no others', async () => {
      const stage = createStage();
      const wrong = stage.park('{"clientFeatureId":"a"}');
      stage.park(message('b'));
      write({ messageId: wrong.id, body: message('a') });
      const archive = await openArchive(file, SOURCE.arn);
      const running = stage.replay({ yes: true, archive, correct: correctFrom(archive) });
      expect((await untilOver(stage, running, true)).totals).to.include({ examined: 1, sent: 1, deleted: 1, left: 0 });
      expect(stage.letters().map(({ body }) => body)).to.deep.equal([message('b')]);
      expect(stage.store.mappingOf.has('a')).to.equal(true);
      await archive.close();
    });

    it('sends its letters also when the queue has forgotten them', async () => {
      const stage = createStage();
      const own = { tenant: { DataType: 'Binary', BinaryValue: new Uint8Array([7]) } };
      const { attributes } = stage.park(message('a'), 'invalid', { replays: 1 });
      Object.assign(attributes, own);
      const pass = stage.pass();
      for await (const [letter] of pass.letters()) if (letter) write(toArchive(letter));
      await pass.end();
      stage.letters().length = 0; // fourteen days later

      const archive = await openArchive(file, SOURCE.arn);
      const { totals } = await stage.replay({ yes: true, archive, correct: correctFrom(archive) });
      expect(totals).to.include({ examined: 1, wouldCreate: 1, sent: 1, deleted: 0, left: 0 });
      const [sent] = stage.messages();
      expect(sent?.body).to.equal(message('a'));
      expect([...(sent?.attributes.tenant?.BinaryValue ?? [])]).to.deep.equal([7]);
      expect(sent?.attributes.onefold?.StringValue).to.equal('{"replays":2}');
      await archive.close();
    });

    it('sends no letter of another queue, and one of unknown origin only with force', async () => {
      const stage = createStage();
      write(
        { messageId: 'theirs', body: message('theirs'), queue: 'arn:aws:sqs:eu-west-1:1:orders' },
        { messageId: 'whose', body: message('whose') },
      );
      const archive = await openArchive(file, SOURCE.arn);
      const options = { yes: true, archive, correct: correctFrom(archive) };
      expect((await stage.replay(options)).totals).to.include({ otherQueue: 1, sent: 0, left: 1 });
      expect((await stage.replay({ ...options, force: true })).totals).to.include({ otherQueue: 1, sent: 1, left: 0 });
      await archive.close();
    });
  });
});
