import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  SendMessageBatchCommand,
} from '@aws-sdk/client-sqs';
import type { Sqs } from '../queue/client.ts';
import { type Check, failure, isDenied, NotKnown, ok, type Result, warning } from './check.ts';
import type { Queues } from './queues.ts';

/** Names no receive of any message. */
const NO_RECEIPT = 'onefold-doctor';
/** SQS takes no control characters, so that this can never be sent. */
const UNSENDABLE = 'onefold doctor \u0001';

/** The codes with which SQS refuses what an entry holds, which it looks at only after the permission. */
const CONTENT_REFUSED = /ReceiptHandleIsInvalid|InvalidMessageContents|InvalidParameterValue|InvalidAttributeValue/;

/**
 * What the worker must be allowed, tried without effect: batches of one entry that SQS refuses by itself, inside an
 * answer that it gives only to who may ask. Receiving is not tried: each receive counts towards the dead-letter queue.
 */
export function queuePermissionChecks(sqs: Sqs, queues: Queues, queueUrl: string): Check[] {
  return [
    { name: 'may delete', run: () => mayDelete(sqs, queueUrl) },
    { name: 'may postpone', run: () => mayChangeVisibility(sqs, queueUrl) },
    { name: 'may park', run: async () => maySend(sqs, queues, await queues.deadLetterQueueUrl()) },
  ];
}

async function mayDelete(sqs: Sqs, QueueUrl: string): Promise<Result> {
  const Entries = [{ Id: '0', ReceiptHandle: NO_RECEIPT }];
  const send = () => sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
  return tried('sqs:DeleteMessage', 'the queue', send, 'a handled message can be deleted');
}

async function mayChangeVisibility(sqs: Sqs, QueueUrl: string): Promise<Result> {
  const Entries = [{ Id: '0', ReceiptHandle: NO_RECEIPT, VisibilityTimeout: 0 }];
  const send = () => sqs.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl, Entries }));
  return tried('sqs:ChangeMessageVisibility', 'the queue', send, 'a message can be postponed and kept hidden');
}

async function maySend(sqs: Sqs, queues: Queues, QueueUrl: string): Promise<Result> {
  const fifo = (await queues.facts()).fifo;
  const group = fifo ? { MessageGroupId: 'onefold-doctor', MessageDeduplicationId: 'onefold-doctor' } : {};
  const Entries = [{ Id: '0', MessageBody: UNSENDABLE, ...group }];
  let sent: string | undefined;
  const send = async () => {
    const { Successful } = await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
    sent = Successful?.[0]?.MessageId;
  };
  const result = await tried('sqs:SendMessage', 'the dead-letter queue', send, 'a message can be parked');
  if (sent === undefined) return result;
  return warning(
    `this SQS took a message with a control character, which it should refuse: ${sent} is a dead letter now`,
    'delete it; its body begins with "onefold doctor"',
  );
}

async function tried(action: string, where: string, send: () => Promise<unknown>, worth: string): Promise<Result> {
  try {
    await send();
  } catch (thrown) {
    const error = thrown as Error;
    if (isDenied(error))
      return failure(`no permission: ${error.message}`, `allow the worker's role ${action} on ${where}`);
    if (error.name === 'QueueDoesNotExist') throw new NotKnown('there is no such queue');
    if (!CONTENT_REFUSED.test(error.name)) throw error;
  }
  return ok(worth);
}
