import {
  DeleteMessageCommand,
  DeleteQueueCommand,
  type Message,
  type MessageAttributeValue,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
} from '@aws-sdk/client-sqs';
import { expect } from 'chai';
import { systemClock as clock } from '../../src/clock.ts';
import { OperatorMistake } from '../../src/errors.ts';
import type { Sqs } from '../../src/queue/client.ts';
import { createConsumer } from '../../src/queue/consumer.ts';
import { restoreAttributes } from '../../src/queue/dead-letter.ts';
import { toDelivery } from '../../src/queue/delivery.ts';
import { inspectQueue } from '../../src/queue/facts.ts';
import { createHeartbeat } from '../../src/queue/heartbeat.ts';
import type { Delivery, Queue, QueueFacts } from '../../src/queue/port.ts';
import { createSqsQueue } from '../../src/queue/sqs.ts';
import { freshQueue, type QueueBackend, type TestQueue } from '../backends.ts';
import { capturedLog } from '../queue/captured-log.ts';

const MIB = 1_048_576;
const random = Math.random;
const invalid = { reason: 'invalid', detail: 'payload is missing' } as const;

interface Opened extends TestQueue {
  queue: Queue;
  facts: QueueFacts;
  /** Names of the commands that the queue has sent. */
  sent: string[];
}

/** What every queue must keep to, asserted by what is stored in the backend. */
export function queueSuite(backend: QueueBackend): void {
  async function open(options: { fifo?: boolean; visibilitySeconds?: number } = {}): Promise<Opened> {
    const fresh = await freshQueue(backend, options);
    const facts = await inspectQueue(fresh.sqs, fresh.queueUrl);
    const sent: string[] = [];
    const sqs = counting(fresh.sqs, sent);
    const queue = createSqsQueue({ sqs, queueUrl: fresh.queueUrl, facts, clock, random, log: capturedLog().log });
    return { ...fresh, queue, facts, sent };
  }

  describe('looking at the queue', () => {
    it('finds what the worker must know of it', async () => {
      const { facts, queueUrl, deadLetterQueueUrl } = await open({ visibilitySeconds: 7 });
      const { arn, ...rest } = facts;
      expect(arn).to.match(/^arn:aws:sqs:[\w-]+:\d{12}:/);
      expect(arn.split(':').at(-1)).to.equal(queueUrl.split('/').at(-1));
      expect(rest).to.deep.equal({ fifo: false, deadLetterQueueUrl, maxReceiveCount: 10, visibilitySeconds: 7 });
      expect((await open({ fifo: true })).facts.fifo).to.equal(true);
    });

    it('calls a missing queue, a missing redrive policy and a missing dead-letter queue the operator’s mistake', async () => {
      const { sqs, queueUrl, deadLetterQueueUrl } = await open();
      expect(await mistake(sqs, `${queueUrl}-gone`)).to.match(/there is no queue/);
      await sqs.send(new DeleteQueueCommand({ QueueUrl: deadLetterQueueUrl }));
      expect(await mistake(sqs, queueUrl)).to.match(/dead-letter queue .* does not exist/);
      await sqs.send(new SetQueueAttributesCommand({ QueueUrl: queueUrl, Attributes: { RedrivePolicy: '' } }));
      expect(await mistake(sqs, queueUrl)).to.match(/no redrive policy/);
    });
  });

  describe('parking', () => {
    it('moves the message with all it carried to the dead-letter queue, and its reason with it', async () => {
      const opened = await open();
      const { sqs, queueUrl, deadLetterQueueUrl, queue, facts } = opened;
      const body = ' {"clientFeatureId":"06037", "payload":{"s":"\\ud800 é 🗺 \\u001b"}}\n\t';
      const attributes = {
        source: { DataType: 'String', StringValue: 'census 🗺' },
        icon: { DataType: 'Binary.png', BinaryValue: new Uint8Array([0, 255, 3, 128]) },
        year: { DataType: 'Number.int', StringValue: '2020' },
      };
      await send(opened, body, { MessageAttributes: attributes, MessageGroupId: 'CA' });
      const [received = {}] = await contents(sqs, queueUrl, 1);
      const delivery = toDelivery(received);
      await queue.park(delivery, { reason: 'conflict', detail: 'another payload is stored', featureId: 'f-1' });

      const [letter] = await contents(sqs, deadLetterQueueUrl, 1);
      expect(letter?.Body).to.equal(body);
      const { onefold, ...own } = toDelivery(letter ?? {}).attributes;
      expect(plain(own)).to.deep.equal(plain(attributes));
      expect(onefold?.DataType).to.equal('String');
      const { parkedAt, ...note } = JSON.parse(onefold?.StringValue ?? '');
      expect(Date.parse(parkedAt)).to.be.within(Date.parse(delivery.sentAt), Date.now());
      expect(note).to.deep.equal({
        reason: 'conflict',
        detail: 'another payload is stored',
        queue: facts.arn,
        receiveCount: 1,
        sentAt: delivery.sentAt,
        messageId: delivery.messageId,
        featureId: 'f-1',
      });
      // fauxqs keeps no group id on a standard queue: then there was none to carry.
      expect(letter?.Attributes?.MessageGroupId).to.equal(received.Attributes?.MessageGroupId);
      expect(await contents(sqs, queueUrl, 0)).to.deep.equal([]);
    });

    it('carries ten attributes, and lets replay put back the one that had to move', async () => {
      const opened = await open();
      const ten = Object.fromEntries(
        Array.from({ length: 10 }, (_, i) => [`a${i}`, { DataType: 'Binary', BinaryValue: new Uint8Array([i, 255]) }]),
      );
      await send(opened, 'ten', { MessageAttributes: ten });
      const [delivery] = await receive(opened, 1);
      await opened.queue.park(delivery, invalid);
      const [letter] = await contents(opened.sqs, opened.deadLetterQueueUrl, 1);
      const attributes = toDelivery(letter ?? {}).attributes;
      expect(Object.keys(attributes)).to.have.length(10);
      expect(plain(restoreAttributes(attributes))).to.deep.equal(plain(ten));
    });

    it('shortens the detail when the body leaves little of 1 MiB, and parks a full one without a note', async () => {
      const opened = await open();
      const little = `"${'x'.repeat(MIB - 502)}"`;
      const none = `"${'y'.repeat(MIB - 2)}"`;
      for (const body of [little, none]) {
        await send(opened, body);
        const [delivery] = await receive(opened, 1);
        await opened.queue.park(delivery, { reason: 'invalid', detail: 'é'.repeat(1_000) });
      }
      const letters = await contents(opened.sqs, opened.deadLetterQueueUrl, 2);
      const notes = new Map(letters.map(({ Body, MessageAttributes }) => [Body, MessageAttributes?.onefold]));
      expect(notes.size).to.equal(2);
      expect(JSON.parse(notes.get(little)?.StringValue ?? '').detail).to.match(/^é{50,}…$/);
      expect(notes.has(none)).to.equal(true);
      expect(notes.get(none)).to.equal(undefined);
    });

    it('parks one body twice on a FIFO queue with content-based deduplication, in its group', async () => {
      const opened = await open({ fifo: true });
      const { sqs, deadLetterQueueUrl, queue } = opened;
      await sqs.send(
        new SetQueueAttributesCommand({
          QueueUrl: deadLetterQueueUrl,
          Attributes: { ContentBasedDeduplication: 'true' },
        }),
      );
      for (const MessageDeduplicationId of ['first', 'second']) {
        await send(opened, 'the same body', { MessageGroupId: 'CA', MessageDeduplicationId });
        const [delivery] = await receive(opened, 1);
        await queue.park(delivery, invalid);
        const [letter] = await contents(sqs, deadLetterQueueUrl, 1);
        expect(letter).to.deep.include({ Body: 'the same body' });
        expect(letter?.Attributes).to.include({ MessageGroupId: 'CA', MessageDeduplicationId: delivery.messageId });
        // While a message is in flight, nobody gets the next of its group.
        await sqs.send(
          new DeleteMessageCommand({ QueueUrl: deadLetterQueueUrl, ReceiptHandle: letter?.ReceiptHandle }),
        );
      }
    });
  });

  describe('deleting', () => {
    it('deletes a hundred messages with about ten requests', async () => {
      const opened = await open();
      await sendMany(opened, 100);
      const deliveries = await receive(opened, 100);
      await Promise.all(deliveries.map(delivery => opened.queue.delete(delivery)));
      expect(opened.sent).to.have.length.within(10, 12);
      expect(await contents(opened.sqs, opened.queueUrl, 0)).to.deep.equal([]);
    });

    it('is content with messages that are gone', async () => {
      const opened = await open();
      await send(opened, 'gone');
      const [delivery] = await receive(opened, 1);
      await opened.queue.delete(delivery);
      await opened.queue.delete(delivery);
      await opened.queue.changeVisibility(delivery, 0);
    });
  });

  describe('changing visibility', () => {
    it('brings a postponed message back after its time, not before, with another receive counted', async () => {
      const opened = await open();
      await send(opened, 'later');
      const [delivery] = await receive(opened, 1);
      expect(delivery.receiveCount).to.equal(1);
      const postponedAt = Date.now();
      await opened.queue.changeVisibility(delivery, 1);
      const [again] = await receive(opened, 1);
      expect(Date.now() - postponedAt).to.be.at.least(950);
      expect(again).to.include({ messageId: delivery.messageId, body: 'later', receiveCount: 2 });
    });

    it('gives messages back at once with 0 seconds, each for itself', async () => {
      const opened = await open();
      await sendMany(opened, 10);
      const deliveries = await receive(opened, 10);
      await Promise.all(deliveries.map((delivery, i) => opened.queue.changeVisibility(delivery, i < 5 ? 0 : 60)));
      const bodies = (await contents(opened.sqs, opened.queueUrl, 5)).map(({ Body }) => Body);
      expect(bodies).to.have.members(deliveries.slice(0, 5).map(({ body }) => body));
      expect(opened.sent).to.have.length(1);
    });

    it('keeps a held message from others by the heartbeat, and lets it go when it is released', async () => {
      const opened = await open({ visibilitySeconds: 1 });
      const heartbeat = createHeartbeat({ queue: opened.queue, visibilitySeconds: 1, clock, log: capturedLog().log });
      await send(opened, 'long work');
      const [delivery] = await receive(opened, 1);
      const hold = heartbeat.hold(delivery);
      const { Messages } = await opened.sqs.send(
        new ReceiveMessageCommand({ QueueUrl: opened.queueUrl, WaitTimeSeconds: 2 }),
      );
      expect(Messages ?? []).to.deep.equal([]);
      await hold.release();
      const [again] = await receive(opened, 1);
      expect(again.receiveCount).to.equal(2);
    });
  });

  describe('consuming', () => {
    function consume(
      { sqs, queueUrl, facts, queue }: Opened,
      { pollers = 4, handle }: { pollers?: number; handle(deliveries: Delivery[]): Promise<void> },
    ) {
      const { log, lines } = capturedLog();
      const receiving = { count: 0 };
      const watched = watching(sqs, receiving);
      const giveBack = async (deliveries: Delivery[]) => {
        await Promise.all(deliveries.map(delivery => queue.changeVisibility(delivery, 0)));
      };
      const { fifo } = facts;
      const parts = { sqs: watched, queueUrl, fifo, pollers, longPollSeconds: 1, handle, giveBack, clock, random, log };
      return { consumer: createConsumer(parts), lines, receiving };
    }

    it('hands over each message with what the pipeline needs of it', async () => {
      const opened = await open();
      const attributes = { source: { DataType: 'String', StringValue: 'census' } };
      await send(opened, '{"a":1}', { MessageAttributes: attributes });
      const seen: Delivery[] = [];
      const { consumer } = consume(opened, {
        handle: async deliveries => {
          seen.push(...deliveries);
          await Promise.all(deliveries.map(opened.queue.delete));
        },
      });
      consumer.start();
      await until(() => seen.length === 1);
      await consumer.stop(0);
      const { messageId, receiptHandle, sentAt, groupId, ...rest } = seen[0] as Delivery;
      expect(rest).to.deep.equal({ body: '{"a":1}', attributes, receiveCount: 1 });
      expect([messageId, receiptHandle].every(id => id.length > 0)).to.equal(true);
      expect(Math.abs(Date.parse(sentAt) - Date.now())).to.be.below(10_000);
      expect(groupId).to.equal(undefined);
      expect(await contents(opened.sqs, opened.queueUrl, 0)).to.deep.equal([]);
    });

    it('loses nothing when it is stopped under load: every message was handled or is visible at once', async () => {
      const opened = await open();
      const handled: string[] = [];
      const { consumer, lines } = consume(opened, {
        handle: async deliveries => {
          handled.push(...deliveries.map(({ body }) => body));
          await Promise.all(deliveries.map(opened.queue.delete));
        },
      });
      let sentCount = 0;
      let producing = true;
      const produce = async () => {
        while (producing) sentCount = await sendMany(opened, 10, sentCount);
      };
      const producer = produce();
      consumer.start();
      await until(() => handled.length >= 50);
      await consumer.stop(1_000);
      const handledAtStop = handled.length;
      producing = false;
      await producer;
      const left = (await contents(opened.sqs, opened.queueUrl, sentCount - handledAtStop)).map(({ Body }) => Body);
      expect(handled).to.have.length(handledAtStop);
      expect([...handled, ...left].toSorted()).to.deep.equal(bodies(sentCount).toSorted());
      expect(lines).to.deep.equal([]);
    });

    it('handles nothing while paused, and all that came when resumed, none counted up by waiting polls', async () => {
      const opened = await open();
      const seen: Delivery[] = [];
      const { consumer, receiving } = consume(opened, {
        handle: async deliveries => {
          seen.push(...deliveries);
          await Promise.all(deliveries.map(opened.queue.delete));
        },
      });
      consumer.start();
      await until(() => receiving.count === 4);
      consumer.pause();
      await sendMany(opened, 5);
      await until(() => receiving.count === 0);
      expect(seen).to.deep.equal([]);
      consumer.resume();
      await until(() => seen.length >= 5);
      await consumer.stop(0);
      expect(seen.map(({ body }) => body)).to.have.members(bodies(5));
      expect(Math.max(...seen.map(({ receiveCount }) => receiveCount))).to.be.at.most(2);
    });

    it('ends an idle long poll soon when it is stopped', async () => {
      const opened = await open();
      const { consumer, receiving } = consume(opened, { handle: async () => {} });
      consumer.start();
      await until(() => receiving.count === 4);
      const stoppedAt = Date.now();
      await consumer.stop(50);
      expect(Date.now() - stoppedAt).to.be.below(700);
      expect(receiving.count).to.equal(0);
    });

    it('keeps the order of a FIFO group when its first message is postponed, at no cost to the others', async () => {
      const opened = await open({ fifo: true });
      for (const body of ['1', '2', '3']) {
        await send(opened, body, { MessageGroupId: 'g', MessageDeduplicationId: body });
      }
      const done: Delivery[] = [];
      const { consumer } = consume(opened, {
        handle: async ([delivery, ...more]) => {
          expect(more).to.deep.equal([]);
          if (!delivery) return;
          if (delivery.body === '1' && delivery.receiveCount === 1) return opened.queue.changeVisibility(delivery, 1);
          done.push(delivery);
          await opened.queue.delete(delivery);
        },
      });
      consumer.start();
      await until(() => done.length === 3);
      await consumer.stop(0);
      expect(done.map(({ body, receiveCount }) => `${body}:${receiveCount}`)).to.deep.equal(['1:2', '2:1', '3:1']);
    });
  });
}

async function mistake(sqs: Sqs, queueUrl: string): Promise<string> {
  const thrown = await inspectQueue(sqs, queueUrl).catch(error => error);
  expect(thrown).to.be.instanceOf(OperatorMistake);
  return thrown.message;
}

const bodies = (count: number): string[] => Array.from({ length: count }, (_, i) => `message ${i}`);

interface Extras {
  MessageAttributes?: Record<string, MessageAttributeValue>;
  MessageGroupId?: string;
  MessageDeduplicationId?: string;
}

async function send({ sqs, queueUrl }: TestQueue, body: string, extras: Extras = {}): Promise<void> {
  await sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: body, ...extras }));
}

/** Sends `message 0` and so on from `from`; returns the next number. */
async function sendMany({ sqs, queueUrl }: TestQueue, count: number, from = 0): Promise<number> {
  for (let first = from; first < from + count; first += 10) {
    const Entries = Array.from({ length: Math.min(10, from + count - first) }, (_, i) => ({
      Id: String(i),
      MessageBody: `message ${first + i}`,
    }));
    await sqs.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
  }
  return from + count;
}

/** Waits until `count` messages have been received. */
async function receive({ sqs, queueUrl }: TestQueue, count: number): Promise<[Delivery, ...Delivery[]]> {
  const messages = await contents(sqs, queueUrl, count);
  return messages.map(toDelivery) as [Delivery, ...Delivery[]];
}

/** All that is visible in a queue: waits for `count` messages, and takes what is there beyond them. */
async function contents(sqs: Sqs, queueUrl: string, count: number): Promise<Message[]> {
  const found: Message[] = [];
  for (let empty = 0; empty < 5; ) {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: queueUrl,
        MaxNumberOfMessages: 10,
        WaitTimeSeconds: found.length < count ? 2 : 0,
        MessageSystemAttributeNames: ['All'],
        MessageAttributeNames: ['All'],
      }),
    );
    found.push(...Messages);
    if (Messages.length > 0) continue;
    if (found.length >= count) return found;
    empty++;
  }
  return expect.fail(`${found.length} of ${count} messages came`);
}

/** Writes down the names of the commands. */
function counting(sqs: Sqs, sent: string[]): Sqs {
  const send = (command: { constructor: { name: string } }, ...rest: unknown[]) => {
    sent.push(command.constructor.name);
    return (sqs.send as (...args: unknown[]) => unknown)(command, ...rest);
  };
  return { send } as unknown as Sqs;
}

/** Keeps count of the requests that are under way. */
function watching(sqs: Sqs, underWay: { count: number }): Sqs {
  const send = async (...args: unknown[]) => {
    underWay.count++;
    try {
      return await (sqs.send as (...args: unknown[]) => unknown)(...args);
    } finally {
      underWay.count--;
    }
  };
  return { send } as unknown as Sqs;
}

/** Attributes as plain values: chai tells a Buffer from another Uint8Array. */
function plain(attributes: Record<string, { DataType?: string; StringValue?: string; BinaryValue?: Uint8Array }>) {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, { DataType, StringValue, BinaryValue }]) => [
      name,
      [DataType, StringValue ?? [...(BinaryValue ?? [])]],
    ]),
  );
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error('did not come true within ten seconds');
    await new Promise(resolve => setTimeout(resolve, 5));
  }
}
