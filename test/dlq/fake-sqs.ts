import {
  type BatchResultErrorEntry,
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  type Message,
  type MessageAttributeValue,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
} from '@aws-sdk/client-sqs';
import type { Sqs } from '../../src/queue/client.ts';

export interface FakeMessage {
  id: string;
  body: string;
  attributes: Record<string, MessageAttributeValue>;
  system: Record<string, string>;
  groupId?: string | undefined;
  deduplicationId?: string | undefined;
  visibleAt: number;
  receives: number;
}

export interface FakeSqs {
  sqs: Sqs;
  queue(url: string): FakeMessage[];
  put(url: string, message: Partial<FakeMessage> & { body: string }): FakeMessage;
  /** Names of the commands sent so far. */
  calls: string[];
  /** Runs before each command is applied, and may throw instead. */
  before(call: string, input: object): void | Promise<void>;
  /** Runs when it was applied, and may throw away its answer. */
  after(call: string, input: object): void | Promise<void>;
}

/** Queues in memory with visibility, receipt handles and FIFO groups as SQS has them, on the given clock. */
export function createFakeSqs({ now, fifo = false }: { now: () => number; fifo?: boolean }): FakeSqs {
  const queues = new Map<string, FakeMessage[]>();
  const counters = { message: 0, receive: 0 };

  const fake: FakeSqs = {
    sqs: { send } as unknown as Sqs,
    calls: [],
    queue: url => queues.get(url) ?? queues.set(url, []).get(url) ?? [],
    put: (url, message) => {
      const put: FakeMessage = {
        id: `m${++counters.message}`,
        attributes: {},
        system: { SentTimestamp: String(now()) },
        visibleAt: now(),
        receives: 0,
        ...message,
      };
      fake.queue(url).push(put);
      return put;
    },
    before: () => {},
    after: () => {},
  };
  return fake;

  async function send(command: { constructor: { name: string }; input: { QueueUrl?: string } }): Promise<unknown> {
    const call = command.constructor.name.replace('Command', '');
    fake.calls.push(call);
    await fake.before(call, command.input);
    const answer = apply(command, fake.queue(command.input.QueueUrl ?? ''));
    await fake.after(call, command.input);
    return answer;
  }

  function apply(command: object, messages: FakeMessage[]): unknown {
    if (command instanceof ReceiveMessageCommand) return receive(command, messages);
    if (command instanceof GetQueueAttributesCommand) {
      const visible = messages.filter(({ visibleAt }) => visibleAt <= now()).length;
      return {
        Attributes: {
          ApproximateNumberOfMessages: String(visible),
          ApproximateNumberOfMessagesNotVisible: String(messages.length - visible),
        },
      };
    }
    if (command instanceof SendMessageBatchCommand) {
      const { QueueUrl = '', Entries = [] } = command.input;
      const Successful = Entries.map(entry => {
        const { id } = fake.put(QueueUrl, {
          body: entry.MessageBody ?? '',
          attributes: entry.MessageAttributes ?? {},
          groupId: entry.MessageGroupId,
          deduplicationId: entry.MessageDeduplicationId,
        });
        return { Id: entry.Id, MessageId: id };
      });
      return { Successful, $metadata: {} };
    }
    if (command instanceof DeleteMessageBatchCommand) {
      for (const { ReceiptHandle = '' } of command.input.Entries ?? []) {
        const at = messages.findIndex(message => handleOf(message) === ReceiptHandle);
        if (at >= 0) messages.splice(at, 1); // an old handle is accepted, and deletes nothing
      }
      return { Failed: [] };
    }
    if (command instanceof ChangeMessageVisibilityBatchCommand) {
      const Failed: BatchResultErrorEntry[] = [];
      for (const { Id, ReceiptHandle, VisibilityTimeout = 0 } of command.input.Entries ?? []) {
        const message = messages.find(one => handleOf(one) === ReceiptHandle && one.visibleAt > now());
        if (message) message.visibleAt = now() + VisibilityTimeout * 1_000;
        else Failed.push({ Id, Code: 'MessageNotInflight', SenderFault: true });
      }
      return { Failed };
    }
    throw new Error(`the fake SQS does not know ${command.constructor.name}`);
  }

  function receive(command: ReceiveMessageCommand, messages: FakeMessage[]): { Messages: Message[] } {
    const { MaxNumberOfMessages = 1, VisibilityTimeout = 30 } = command.input;
    const locked = new Set(messages.filter(({ visibleAt }) => visibleAt > now()).map(({ groupId }) => groupId));
    const taken = messages
      .filter(({ visibleAt, groupId }) => visibleAt <= now() && !(fifo && locked.has(groupId)))
      .slice(0, MaxNumberOfMessages);
    for (const message of taken) {
      message.receives++;
      message.visibleAt = now() + VisibilityTimeout * 1_000;
    }
    return {
      Messages: taken.map(message => ({
        MessageId: message.id,
        ReceiptHandle: handleOf(message),
        Body: message.body,
        MessageAttributes: message.attributes,
        Attributes: {
          ...message.system,
          ApproximateReceiveCount: String(message.receives),
          ...(message.groupId === undefined ? {} : { MessageGroupId: message.groupId }),
        },
      })),
    };
  }
}

const handleOf = ({ id, receives }: FakeMessage): string => `${id}#${receives}`;
