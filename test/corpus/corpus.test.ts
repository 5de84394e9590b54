import { SendMessageCommand } from '@aws-sdk/client-sqs';
import canonicalize from 'canonicalize';
import { expect } from 'chai';
import { systemClock } from '../../src/clock.ts';
import { createDynamoDBStore } from '../../src/store/dynamodb.ts';
import { anyQueue, anyStore, freshQueue, freshTables, workerEnv } from '../backends.ts';
import { counts, isWhole, storedIn, takeAll } from '../stored.ts';
import { killWorkers, startWorker, until } from '../worker-process.ts';
import { bodies, isSendable } from './bodies.ts';

describe('the worker, fed with bad input', function () {
  this.timeout(60_000);
  afterEach(killWorkers);

  it('parks each bad body whole, with a reason, and stores each odd but good one exactly, side by side', async () => {
    const tables = await freshTables(anyStore());
    const queue = await freshQueue(anyQueue());
    const sent = bodies
      .map(({ name, body, expected }) => ({ name, expected, body: body() }))
      .filter(one => isSendable(one.body));
    const worker = startWorker(workerEnv(tables, queue));
    for (const { body: MessageBody } of sent) {
      await queue.sqs.send(new SendMessageCommand({ QueueUrl: queue.queueUrl, MessageBody }));
    }
    await until(async () => {
      const { visible, hidden } = await counts(queue, queue.queueUrl);
      return visible + hidden === 0;
    }, 'all are settled');
    worker.signal('SIGTERM');
    expect(await worker.ended).to.equal(0);
    expect(await worker.line('stopped')).to.include({ received: sent.length, failed: 0 });

    const parked = await takeAll(queue, queue.deadLetterQueueUrl);
    const reasons = new Map(
      parked.map(({ Body, MessageAttributes }) => [Body, MessageAttributes?.onefold?.StringValue ?? '']),
    );
    const truth = await storedIn(tables);
    const { dynamodb: client, writes, ...names } = tables;
    const store = createDynamoDBStore({ client, names, writes, clock: systemClock, random: Math.random });
    const good = sent.filter(({ expected }) => expected === 'valid');
    for (const { name, expected, body } of sent) {
      if (expected === 'valid') {
        const { clientFeatureId, payload } = JSON.parse(body);
        const stored = await store.readFeature(truth.mappings.get(clientFeatureId) ?? '');
        // RFC 8785 tells all values apart but 0 and -0, which are one decimal.
        expect(canonicalize(stored?.payload), name).to.equal(canonicalize(payload));
        expect(reasons.has(body), name).to.equal(false);
      } else if (Buffer.byteLength(body) < 1_048_000) {
        const note = JSON.parse(reasons.get(body) ?? '{}');
        expect(note, name).to.include({ reason: 'invalid' });
        expect(note.detail, name).to.match(expected);
      } else {
        expect(reasons.has(body), `${name}: the body is whole, whether or not its reason had room beside it`).to.equal(
          true,
        );
      }
    }
    expect(parked).to.have.length(sent.length - good.length);
    expect(isWhole(truth)).to.equal(true);
    expect(truth.features.size).to.equal(good.length);
  });
});
