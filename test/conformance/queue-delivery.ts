import { setTimeout as delay } from 'node:timers/promises';
import {
  ChangeMessageVisibilityBatchCommand,
  ChangeMessageVisibilityCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  type Message,
  ReceiveMessageCommand,
} from '@aws-sdk/client-sqs';
import type { Property } from './property.ts';
import type { ProbedQueue, QueuePlace } from './queue-place.ts';

const NO_HANDLE = 'not a receipt handle';

/** Receives until nothing comes, or `enough` have. */
async function receiveAll(queue: ProbedQueue, enough: number): Promise<Message[]> {
  const messages: Message[] = [];
  for (let last = 1; last > 0 && messages.length < enough; ) {
    const more = await queue.receive();
    last = more.length;
    messages.push(...more);
  }
  return messages;
}

const visibility = ({ sqs }: QueuePlace, QueueUrl: string, message: Message | undefined, VisibilityTimeout: number) =>
  sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle: message?.ReceiptHandle, VisibilityTimeout }));

/** Deletes up to two messages, as entries 0 and 2, and between them what is none. */
function deleteAround({ sqs }: QueuePlace, { queueUrl: QueueUrl }: ProbedQueue, [one, other]: Message[]) {
  const Entries = [one?.ReceiptHandle, NO_HANDLE, other?.ReceiptHandle].flatMap((ReceiptHandle, i) =>
    ReceiptHandle ? [{ Id: String(i), ReceiptHandle }] : [],
  );
  return sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
}

/** Receiving, giving back, deleting. */
export const QUEUE_DELIVERY: Property<QueuePlace>[] = [
  {
    name: 'a received message is hidden, and there at once when it is given back',
    reliedOnBy: 'every worker',
    probe: async place => {
      const queue = await place.newQueue();
      await queue.send('a');
      const [message] = await queue.receive();
      const hidden = (await queue.receive({ wait: 0 })).length === 0;
      await visibility(place, queue.queueUrl, message, 0);
      return { holds: hidden && (await queue.receive({ wait: 0 })).length === 1 };
    },
  },
  {
    name: 'a postponed message comes back after its time, not before',
    reliedOnBy: 'every worker',
    probe: async place => {
      const queue = await place.newQueue();
      await queue.send('a');
      const [message] = await queue.receive();
      const began = Date.now();
      await visibility(place, queue.queueUrl, message, 2);
      const back = await queue.receive({ wait: 10 });
      const seconds = (Date.now() - began) / 1000;
      return { holds: back.length === 1 && seconds > 1.5 && seconds < 6 };
    },
  },
  {
    name: 'each receive is counted',
    reliedOnBy: 'every worker',
    probe: async place => {
      const queue = await place.newQueue();
      await queue.send('a');
      const counts: (string | undefined)[] = [];
      for (let i = 0; i < 3; i++) {
        const [message] = await queue.receive();
        counts.push(message?.Attributes?.ApproximateReceiveCount);
        await visibility(place, queue.queueUrl, message, 0);
      }
      return { holds: counts.join() === '1,2,3' };
    },
  },
  {
    name: 'a waiting receive is answered when a message comes',
    reliedOnBy: 'every worker',
    probe: async place => {
      const queue = await place.newQueue();
      const waiting = queue.receive({ wait: 10 });
      await delay(500);
      const began = Date.now();
      await queue.send('a');
      return { holds: (await waiting).length === 1 && Date.now() - began < 3_000 };
    },
  },
  {
    name: 'a bad entry of DeleteMessageBatch leaves its neighbours alone',
    reliedOnBy: 'every worker',
    probe: async place => {
      const queue = await place.newQueue({ visibilitySeconds: 2 });
      for (const body of ['a', 'b']) await queue.send(body);
      const { Successful = [] } = await deleteAround(place, queue, await receiveAll(queue, 2));
      const deleted = ['0', '2'].every(id => Successful.some(({ Id }) => Id === id));
      return { holds: deleted && (await queue.receive({ wait: 3 })).length === 0 };
    },
  },
  {
    name: 'a bad entry of DeleteMessageBatch is told apart',
    probe: async place => {
      const queue = await place.newQueue();
      const { Failed = [] } = await deleteAround(place, queue, []);
      return { holds: Failed.some(({ Id }) => Id === '1'), observed: Failed[0]?.Code ?? 'no failure' };
    },
  },
  {
    name: 'a bad entry of ChangeMessageVisibilityBatch fails alone',
    reliedOnBy: 'every worker',
    probe: async place => {
      const queue = await place.newQueue();
      await queue.send('a');
      const [message] = await queue.receive();
      const Entries = [NO_HANDLE, message?.ReceiptHandle].map((ReceiptHandle, i) => ({
        Id: String(i),
        ReceiptHandle,
        VisibilityTimeout: 0,
      }));
      const { Failed = [] } = await place.sqs.send(
        new ChangeMessageVisibilityBatchCommand({ QueueUrl: queue.queueUrl, Entries }),
      );
      const alone = Failed.map(({ Id }) => Id).join() === '0';
      return { holds: alone && (await queue.receive()).length === 1, observed: Failed[0]?.Code ?? 'no failure' };
    },
  },
  {
    name: 'the receipt handle of an earlier receive deletes nothing',
    probe: async place => {
      const queue = await place.newQueue();
      await queue.send('a');
      const [first] = await queue.receive();
      await visibility(place, queue.queueUrl, first, 0);
      const [second] = await queue.receive();
      const { queueUrl: QueueUrl } = queue;
      await place.sqs
        .send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: first?.ReceiptHandle }))
        .catch(() => undefined);
      await visibility(place, QueueUrl, second, 0).catch(() => undefined);
      return { holds: (await queue.receive()).length === 1 };
    },
  },
  {
    name: 'a visibility of more than twelve hours is refused',
    probe: async place => {
      const queue = await place.newQueue();
      await queue.send('a');
      const [message] = await queue.receive();
      const error = await visibility(place, queue.queueUrl, message, 43_201).then(
        () => undefined,
        (error: Error) => error,
      );
      return { holds: error !== undefined };
    },
  },
  {
    name: 'a waiting receive that is aborted takes no message with it',
    probe: async place => {
      const queue = await place.newQueue();
      const aborted = new AbortController();
      const command = new ReceiveMessageCommand({ QueueUrl: queue.queueUrl, WaitTimeSeconds: 10 });
      const waiting = place.sqs.send(command, { abortSignal: aborted.signal }).catch(() => undefined);
      await delay(500);
      aborted.abort();
      await waiting;
      await delay(500);
      await queue.send('a');
      return { holds: (await queue.receive({ wait: 2 })).length === 1 };
    },
  },
];
