import { ChangeMessageVisibilityBatchCommand, ChangeMessageVisibilityCommand, type Message } from '@aws-sdk/client-sqs';
import type { Property } from './property.ts';
import type { QueuePlace } from './queue-place.ts';

const bodies = (messages: Message[]): string => messages.map(({ Body }) => Body).join();

/** Groups, order and deduplication. */
export const QUEUE_FIFO: Property<QueuePlace>[] = [
  {
    name: 'FIFO: while one message of a group is held, its followers wait',
    reliedOnBy: 'FIFO queues',
    probe: async ({ newQueue, sqs }) => {
      const queue = await newQueue({ fifo: true });
      for (const body of ['1', '2', '3']) await queue.send(body);
      const held = await queue.receive();
      if ((await queue.receive({ wait: 0 })).length > 0) return { holds: false };
      const Entries = held.map(({ ReceiptHandle }, i) => ({ Id: String(i), ReceiptHandle, VisibilityTimeout: 0 }));
      await sqs.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: queue.queueUrl, Entries }));
      return { holds: (await queue.receive())[0]?.Body === '1' };
    },
  },
  {
    name: 'FIFO: the groups do not wait for each other',
    reliedOnBy: 'FIFO queues',
    probe: async ({ newQueue }) => {
      const queue = await newQueue({ fifo: true });
      await queue.send('1');
      await queue.receive();
      await queue.send('2', { MessageGroupId: 'another' });
      return { holds: bodies(await queue.receive()) === '2' };
    },
  },
  {
    name: 'FIFO: a message names its group',
    reliedOnBy: 'FIFO queues',
    probe: async ({ newQueue }) => {
      const queue = await newQueue({ fifo: true });
      await queue.send('1');
      return { holds: (await queue.receive())[0]?.Attributes?.MessageGroupId === 'group' };
    },
  },
  {
    name: 'FIFO: equal bodies under deduplication ids of their own are both taken',
    reliedOnBy: 'FIFO queues',
    probe: async ({ newQueue }) => {
      const queue = await newQueue({ fifo: true });
      for (const MessageGroupId of ['one', 'other']) await queue.send('same', { MessageGroupId });
      const first = await queue.receive();
      return { holds: bodies([...first, ...(await queue.receive())]) === 'same,same' };
    },
  },
  {
    name: 'FIFO: a deduplication id is taken once in five minutes',
    probe: async ({ newQueue, sqs }) => {
      const queue = await newQueue({ fifo: true });
      await queue.send('1', { MessageDeduplicationId: 'same' });
      await queue.send('2', { MessageDeduplicationId: 'same' });
      const [message] = await queue.receive();
      const { queueUrl: QueueUrl } = queue;
      const ReceiptHandle = message?.ReceiptHandle;
      await sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 }));
      return { holds: bodies(await queue.receive()) === '1' };
    },
  },
  {
    name: 'FIFO: one receive may bring several messages of a group',
    probe: async ({ newQueue }) => {
      const queue = await newQueue({ fifo: true });
      for (const body of ['1', '2', '3']) await queue.send(body);
      const { length } = await queue.receive();
      return { holds: length > 1, observed: `${length} of 3` };
    },
  },
  {
    name: 'a standard queue keeps the group id of a message (fair queues)',
    probe: async ({ newQueue }) => {
      const queue = await newQueue();
      await queue.send('a', { MessageGroupId: 'tenant' });
      return { holds: (await queue.receive())[0]?.Attributes?.MessageGroupId === 'tenant' };
    },
  },
];
