import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  SendMessageBatchCommand,
  type SendMessageBatchCommandOutput,
} from '@aws-sdk/client-sqs';
import type { Sqs } from '../queue/client.ts';
import { type Check, failure, isDenied, need, ok, type Result, warning } from './check.ts';
import type { Queues } from './queues.ts';

/** Names no receive of any message. */
const NO_RECEIPT = 'onefold-doctor';
/** SQS takes neither control characters nor attributes of an unknown type; moto knows the second rule only. */
const UNSENDABLE = {
  MessageBody: 'onefold doctor \u0001',
  MessageAttributes: { onefold: { DataType: 'None', StringValue: 'doctor' } },
};

/** The codes with which SQS refuses what an entry holds, which it looks at only after the permission. */
const CONTENT_REFUSED = /ReceiptHandleIsInvalid|InvalidMessageContents|InvalidParameterValue|InvalidAttributeValue/;

/**
 * What the worker must be allowed, tried without effect: batches of one entry that SQS refuses by itself, inside an
 * answer that it gives only to who may ask. Receiving is not tried: each receive counts towards the dead-letter queue.
 */
export function queuePermissionChecks(sqs: Sqs, queues: Queues, queueUrl: string): Check[] {
  const needed = (action: string, worth: string, attempt: () => Promise<BatchAnswer>) =>
    allowed(attempt, { action, worth, queue: queues.attributes });
  return [
    {
      name: 'may delete',
      run: () => needed('sqs:DeleteMessage', 'what is stored can be deleted', () => bogusDelete(sqs, queueUrl)),
    },
    {
      name: 'may postpone',
      run: () => needed('sqs:ChangeMessageVisibility', 'messages can be hidden', () => bogusHide(sqs, queueUrl)),
    },
    {
      name: 'may park',
      run: async () => {
        const url = await queues.deadLetterQueueUrl();
        const { fifo } = await queues.facts();
        return needed('sqs:SendMessage on the dead-letter queue', 'dead letters can be sent', () =>
          bogusSend(sqs, url, fifo),
        );
      },
    },
  ];
}

type BatchAnswer = Pick<SendMessageBatchCommandOutput, 'Failed'> & { sent?: string | undefined };

function bogusDelete(sqs: Sqs, QueueUrl: string): Promise<BatchAnswer> {
  const Entries = [{ Id: '0', ReceiptHandle: NO_RECEIPT }];
  return sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
}

function bogusHide(sqs: Sqs, QueueUrl: string): Promise<BatchAnswer> {
  const Entries = [{ Id: '0', ReceiptHandle: NO_RECEIPT, VisibilityTimeout: 0 }];
  return sqs.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl, Entries }));
}

async function bogusSend(sqs: Sqs, QueueUrl: string, fifo: boolean): Promise<BatchAnswer> {
  const group = fifo ? { MessageGroupId: 'onefold-doctor', MessageDeduplicationId: 'onefold-doctor' } : {};
  const Entries = [{ Id: '0', ...UNSENDABLE, ...group }];
  const { Failed, Successful } = await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
  return { Failed, sent: Successful?.[0]?.MessageId };
}

async function allowed(
  attempt: () => Promise<BatchAnswer>,
  { action, worth, queue }: { action: string; worth: string; queue: () => Promise<unknown> },
): Promise<Result> {
  try {
    const { Failed, sent } = await attempt();
    if (sent !== undefined) {
      return warning(
        `this SQS took a message that holds a control character: ${sent} is a dead letter now`,
        'delete it; its body begins with "onefold doctor"',
      );
    }
    for (const { Code = '', Message = '' } of Failed ?? []) {
      if (!CONTENT_REFUSED.test(Code)) return failure(`${Code}: ${Message}`, `the worker needs ${action}`);
    }
  } catch (thrown) {
    const error = thrown as Error;
    if (isDenied(error)) return failure(`${error.name}: ${error.message}`, `the worker needs ${action}`);
    if (!CONTENT_REFUSED.test(error.name)) {
      await need(queue, 'the queue cannot be used');
      throw error;
    }
  }
  return ok(worth);
}
