import { GetQueueAttributesCommand, SendMessageBatchCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { deadLetterOf } from '../../src/queue/dead-letter.ts';
import type { MessageAttribute, ParkingReason } from '../../src/queue/port.ts';
import type { TestQueue } from '../backends.ts';

export interface Dead {
  body: string;
  reason?: ParkingReason['reason'];
  detail?: string;
  attributes?: Record<string, MessageAttribute>;
  groupId?: string;
  /** ARN of the queue that parked it, where that is another. */
  queue?: string;
}

/** Puts letters into a dead-letter queue as the worker parks them. */
export async function park(queue: TestQueue, letters: Dead[]): Promise<void> {
  const { sqs, queueUrl, deadLetterQueueUrl } = queue;
  const arn = await arnOf(queue, queueUrl);
  const fifo = queueUrl.endsWith('.fifo');
  const Entries = letters.map((dead, i) => {
    const { body, reason = 'invalid', detail = 'parked by a test', attributes = {}, groupId } = dead;
    const { message } = deadLetterOf(
      {
        ...{ messageId: `source-${i}-${body.length}`, receiptHandle: '', body, attributes, receiveCount: 1 },
        sentAt: new Date().toISOString(),
        ...(groupId === undefined ? {} : { groupId }),
      },
      { reason, detail },
      { queue: dead.queue ?? arn, fifo, parkedAt: new Date().toISOString() },
    );
    return {
      Id: String(i),
      MessageBody: message.body,
      MessageAttributes: message.attributes,
      MessageGroupId: message.groupId,
      MessageDeduplicationId: fifo ? `${i}-${body}` : undefined,
    };
  });
  for (const big of Entries.filter(({ MessageBody }) => MessageBody.length > 50_000)) {
    const { Id: _, ...message } = big;
    await sqs.send(new SendMessageCommand({ QueueUrl: deadLetterQueueUrl, ...message }));
  }
  const small = Entries.filter(({ MessageBody }) => MessageBody.length <= 50_000);
  for (let at = 0; at < small.length; at += 10) {
    const batch = small.slice(at, at + 10);
    await sqs.send(new SendMessageBatchCommand({ QueueUrl: deadLetterQueueUrl, Entries: batch }));
  }
}

export async function arnOf({ sqs }: TestQueue, QueueUrl: string): Promise<string> {
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }));
  return Attributes?.QueueArn ?? '';
}
