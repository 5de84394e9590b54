import {
  ChangeMessageVisibilityCommand,
  GetQueueAttributesCommand,
  type Message,
  type MessageAttributeValue,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import type { Property } from './property.ts';
import type { ProbedQueue, QueuePlace } from './queue-place.ts';

const BODY_BYTES = 1_048_576;

const attributes = (n: number): Record<string, MessageAttributeValue> =>
  Object.fromEntries(Array.from({ length: n }, (_, i) => [`name${i}`, { DataType: 'String', StringValue: `${i}` }]));

const refused = async (sending: Promise<void>): Promise<{ holds: boolean }> =>
  sending.then(
    () => ({ holds: false }),
    () => ({ holds: true }),
  );

/** Receives a message as often as its queue allows and once more: SQS itself then moves it. */
async function exhaust(
  { newQueue }: QueuePlace,
  options: { fifo?: boolean; send?: Parameters<ProbedQueue['send']>[1] } = {},
): Promise<{ queue: ProbedQueue; letter: Message | undefined; messageId: string | undefined }> {
  const queue = await newQueue({ fifo: options.fifo ?? false, visibilitySeconds: 1, maxReceiveCount: 2 });
  await queue.send('a', options.send);
  const [first] = await queue.receive({ wait: 3 });
  await queue.receive({ wait: 3 });
  await queue.receive({ wait: 3 });
  const [letter] = await queue.receive({ wait: 3, from: queue.deadLetterQueueUrl });
  return { queue, letter, messageId: first?.MessageId };
}

/** What parking and the dead-letter queue rest on. */
export const QUEUE_PARKING: Property<QueuePlace>[] = [
  {
    name: 'a message received too often is moved to the dead-letter queue',
    reliedOnBy: 'every worker',
    probe: async place => ({ holds: (await exhaust(place)).letter?.Body === 'a' }),
  },
  {
    name: 'a body of 1 MiB is taken and brought',
    reliedOnBy: 'every worker',
    probe: async ({ newQueue }) => {
      const queue = await newQueue();
      await queue.send('x'.repeat(BODY_BYTES));
      return { holds: (await queue.receive())[0]?.Body?.length === BODY_BYTES };
    },
  },
  {
    name: 'ten attributes are taken and brought',
    reliedOnBy: 'every worker',
    probe: async ({ newQueue }) => {
      const queue = await newQueue();
      await queue.send('a', { MessageAttributes: attributes(10) });
      const [message] = await queue.receive();
      return { holds: Object.keys(message?.MessageAttributes ?? {}).length === 10 };
    },
  },
  {
    name: 'a body of more than 1 MiB is refused',
    probe: async ({ newQueue }) => refused((await newQueue()).send('x'.repeat(BODY_BYTES + 1))),
  },
  {
    name: 'an eleventh attribute is refused',
    probe: async ({ newQueue }) => refused((await newQueue()).send('a', { MessageAttributes: attributes(11) })),
  },
  {
    name: 'a control character in a body is refused',
    probe: async ({ newQueue }) => refused((await newQueue()).send('a\u0001b')),
  },
  {
    name: 'a moved message keeps its id and its attributes',
    probe: async place => {
      const { letter, messageId } = await exhaust(place, { send: { MessageAttributes: attributes(1) } });
      return { holds: letter?.MessageId === messageId && letter?.MessageAttributes?.name0?.StringValue === '0' };
    },
  },
  {
    name: 'a moved message names the queue it came from',
    probe: async place => {
      const { letter } = await exhaust(place);
      return { holds: letter?.Attributes?.DeadLetterQueueSourceArn !== undefined };
    },
  },
  {
    name: 'a moved message keeps its FIFO group',
    probe: async place => {
      const { letter } = await exhaust(place, { fifo: true });
      return { holds: letter?.Attributes?.MessageGroupId === 'group' };
    },
  },
  {
    name: 'StartMessageMoveTask brings dead letters back',
    probe: async place => {
      const { queue, letter } = await exhaust(place);
      const { deadLetterQueueUrl: QueueUrl } = queue;
      // Only what is visible moves.
      await place.sqs.send(
        new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle: letter?.ReceiptHandle, VisibilityTimeout: 0 }),
      );
      const { Attributes } = await place.sqs.send(
        new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }),
      );
      await place.sqs.send(new StartMessageMoveTaskCommand({ SourceArn: Attributes?.QueueArn }));
      return { holds: (await queue.receive({ wait: 10 })).length === 1 };
    },
  },
];
