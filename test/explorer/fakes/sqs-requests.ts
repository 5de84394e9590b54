import {
  type BatchResultErrorEntry,
  ChangeMessageVisibilityBatchCommand,
  type ChangeMessageVisibilityBatchRequestEntry,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  type SendMessageRequest,
} from '@aws-sdk/client-sqs';
import type { Operation, Part } from './operation.ts';
import { DEAD_LETTERS, type Queues } from './sqs.ts';

/** What each command does, entry by entry; entries fail for themselves inside HTTP 200, in the list `Failed`. */
export function operationOf(command: object, queues: Queues): Operation {
  const Failed: BatchResultErrorEntry[] = [];
  const fail = (Id: string | undefined) => () => {
    Failed.push({ Id, Code: 'InternalError', Message: 'InternalError', SenderFault: false });
  };

  if (command instanceof DeleteMessageBatchCommand) {
    const { QueueUrl = '', Entries = [] } = command.input;
    const parts = Entries.map(({ Id, ReceiptHandle = '' }) => ({
      ...deletion(queues, QueueUrl, ReceiptHandle),
      refuse: fail(Id),
    }));
    return operation(parts, () => ({ Failed }));
  }
  if (command instanceof DeleteMessageCommand) {
    const { QueueUrl = '', ReceiptHandle = '' } = command.input;
    return operation([deletion(queues, QueueUrl, ReceiptHandle)], () => ({}));
  }
  if (command instanceof ChangeMessageVisibilityBatchCommand) {
    const { QueueUrl = '', Entries = [] } = command.input;
    const parts = Entries.map(entry => ({
      ...visibilityChange(queues, QueueUrl, entry, Failed),
      refuse: fail(entry.Id),
    }));
    return operation(parts, () => ({ Failed }));
  }
  if (command instanceof SendMessageCommand) {
    return operation([sending(queues, command.input.QueueUrl ?? '', command.input)], () => ({}));
  }
  if (command instanceof SendMessageBatchCommand) {
    const { QueueUrl = '', Entries = [] } = command.input;
    const parts = Entries.map(entry => ({ ...sending(queues, QueueUrl, entry), refuse: fail(entry.Id) }));
    return operation(parts, () => ({ Failed }));
  }
  if (command instanceof ReceiveMessageCommand) {
    return receiving(queues, command.input.QueueUrl ?? '', command.input.MaxNumberOfMessages ?? 1);
  }
  throw new Error(`the fake SQS does not know ${command.constructor.name}`);
}

const operation = (parts: Part[], answer: () => unknown): Operation => ({
  parts,
  answer,
});

const messageIdOf = (receipt: string): string => receipt.split('#')[0] ?? '';

function deletion(queues: Queues, url: string, receipt: string): Part {
  const id = messageIdOf(receipt);
  let deleted = false;
  return {
    name: () => `delete ${id}`,
    touches: [id],
    sees: queues.judgedBy(queues.messages(url).find(message => message.id === id)?.body ?? ''),
    writes: true,
    apply: () => {
      const message = queues.held(url, receipt);
      if (message === undefined) return;
      deleted = true;
      queues.remove(message);
    },
    told: () => (deleted ? 'deleted' : 'accepted, but the receipt handle is of an earlier receive: not deleted'),
  };
}

function visibilityChange(
  queues: Queues,
  url: string,
  { Id, ReceiptHandle = '', VisibilityTimeout = 0 }: ChangeMessageVisibilityBatchRequestEntry,
  failures: BatchResultErrorEntry[],
): Part {
  const id = messageIdOf(ReceiptHandle);
  let told = 'done';
  return {
    name: () => `hide ${id} for ${VisibilityTimeout} s`,
    touches: [id],
    writes: true,
    apply: () => {
      const message = queues.held(url, ReceiptHandle);
      if (message && message.visibleAt > queues.now()) {
        message.visibleAt = queues.now() + VisibilityTimeout * 1_000;
        return;
      }
      const Message = `Value ${ReceiptHandle} for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not available for visibility timeout change.`;
      failures.push({ Id, Code: 'InvalidParameterValue', Message, SenderFault: true });
      told = 'refused: it is not in flight any more';
    },
    told: () => told,
  };
}

function sending(
  queues: Queues,
  url: string,
  { MessageBody = '', MessageAttributes }: Pick<SendMessageRequest, 'MessageBody' | 'MessageAttributes'>,
): Part {
  return {
    name: () => (url === DEAD_LETTERS ? 'send a copy to the dead-letter queue' : 'send a message'),
    touches: [],
    writes: true,
    apply: () => {
      queues.send(url, MessageBody, MessageAttributes);
    },
    told: () => 'sent',
  };
}

function receiving(queues: Queues, url: string, most: number): Operation {
  let Messages: Message[] = [];
  const apply = () => {
    const visible = queues
      .messages(url)
      .filter(({ state, visibleAt }) => state === 'queued' && visibleAt <= queues.now());
    Messages = visible.slice(0, most).flatMap(message => queues.receive(message) ?? []);
  };
  const part = { name: () => 'receive', touches: [], writes: true, apply, told: () => `${Messages.length} messages` };
  return operation([part], () => ({ Messages }));
}
