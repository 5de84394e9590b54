import { CreateQueueCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { expect } from 'chai';
import { message, send, takeAll } from '../stored.ts';
import { until } from '../worker-process.ts';
import { type CommandStage, createCommandStage, objectsIn } from './command-stage.ts';
import { arnOf, park } from './dead-letters.ts';

describe('onefold dlq, on queues of every kind', function () {
  this.timeout(60_000);
  let stage: CommandStage;
  afterEach(() => stage.strike());

  const bodiesIn = async (url: string) => (await takeAll(stage.queue, url)).map(({ Body }) => Body);

  it('keeps order and group on a FIFO queue, and is not swallowed by its deduplication', async () => {
    stage = await createCommandStage({ fifo: true });
    const { queue } = stage;
    const letters = Array.from({ length: 24 }, (_, n) => {
      const groupId = n % 2 ? 'odd' : 'even';
      return { body: message(`${groupId}-${n}`), groupId };
    });
    const inGroup = (group: string) => letters.filter(({ groupId }) => groupId === group).map(({ body }) => body);
    await send(queue, inGroup('even'), 'even'); // the same bodies, a moment ago
    expect(await bodiesIn(queue.queueUrl)).to.have.length(12);
    await park(queue, letters);
    const { out } = await stage.replay('--yes', '--json');
    expect(objectsIn(out).at(-1)).to.include({ examined: 24, sent: 24, deleted: 24, left: 0 });
    const sent = await takeAll(queue, queue.queueUrl);
    for (const group of ['odd', 'even']) {
      const inOrder = sent.filter(({ Attributes }) => Attributes?.MessageGroupId === group).map(({ Body }) => Body);
      expect(inOrder).to.deep.equal(inGroup(group));
    }
  });

  it('says when letters wait behind one of their FIFO group that stays', async () => {
    stage = await createCommandStage({ fifo: true });
    const { queue } = stage;
    const blocked = Array.from({ length: 12 }, (_, n) => ({ body: message(String(n)), groupId: 'g' }));
    await park(queue, [{ body: '{', groupId: 'g' }, ...blocked, { body: message('free'), groupId: 'other' }]);
    const { err } = await stage.replay('--yes');
    expect(err).to.match(/note: about \d+ letters wait behind others of their FIFO group/);
    expect(await bodiesIn(queue.queueUrl)).to.include(message('free'));
    expect((await stage.deadLetters()).hidden).to.equal(0);
  });

  it("takes back what SQS's own redrive gave up on, with --force where SQS does not say whence it came", async () => {
    stage = await createCommandStage({ maxReceiveCount: 1, visibilitySeconds: 1 });
    const { sqs, queueUrl, deadLetterQueueUrl } = stage.queue;
    await send(stage.queue, [message('exhausted')]);
    await until(async () => {
      await sqs.send(new ReceiveMessageCommand({ QueueUrl: queueUrl, WaitTimeSeconds: 1 }));
      return (await stage.deadLetters()).visible > 0;
    }, 'SQS gives up');
    const { reasons, unknownOrigin } = JSON.parse((await stage.dlq('summary', '--json')).out);
    expect(reasons.exhausted).to.equal(1);
    await stage.replay('--reason', 'exhausted', '--yes', ...(unknownOrigin > 0 ? ['--force'] : []));
    expect(await bodiesIn(queueUrl)).to.deep.equal([message('exhausted')]);
    expect(await bodiesIn(deadLetterQueueUrl)).to.deep.equal([]);
  });

  it('leaves the letters of a queue that shares the dead-letter queue alone', async () => {
    stage = await createCommandStage();
    const { sqs, queueUrl, deadLetterQueueUrl } = stage.queue;
    const deadLetterTargetArn = await arnOf(stage.queue, deadLetterQueueUrl);
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn, maxReceiveCount: 1 });
    const other = { QueueName: `${queueUrl.split('/').at(-1)}-other`, Attributes: { RedrivePolicy } };
    const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand(other));
    const theirs = { body: message('theirs'), queue: await arnOf(stage.queue, QueueUrl) };
    await park(stage.queue, [{ body: message('ours') }, theirs]);
    const { out } = await stage.replay('--yes', '--force', '--json');
    expect(objectsIn(out).at(-1)).to.include({ examined: 2, otherQueue: 1, sent: 1, deleted: 1, left: 0 });
    expect(await bodiesIn(queueUrl)).to.deep.equal([message('ours')]);
    expect(await bodiesIn(deadLetterQueueUrl)).to.deep.equal([message('theirs')]);
  });
});
