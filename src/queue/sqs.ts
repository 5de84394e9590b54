import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  SendMessageCommand,
} from '@aws-sdk/client-sqs';
import type { Clock } from '../clock.ts';
import type { Logger } from '../log.ts';
import { batched } from './batched.ts';
import type { Sqs } from './client.ts';
import { deadLetterOf } from './dead-letter.ts';
import { persist } from './persist.ts';
import type { Delivery, Queue, QueueFacts } from './port.ts';

/** From 500 messages a second on, ten are done in that time: every delete is then full. */
const DELETES_APART_MS = 20;

/** The queue over SQS: its requests go to the endpoint of `sqs`, whatever host the queue's URL names. */
export function createSqsQueue({
  sqs,
  queueUrl,
  facts,
  deletesApartMs = DELETES_APART_MS,
  clock,
  random,
  log,
}: {
  sqs: Sqs;
  queueUrl: string;
  facts: QueueFacts;
  /** A delete of fewer than ten messages leaves at the earliest so long after the last delete. */
  deletesApartMs?: number;
  clock: Clock;
  /** From 0 up to 1. */
  random: () => number;
  log: Logger;
}): Queue {
  const persistence = { clock, random };

  const deleteMessage = batched({
    entryOf: ({ receiptHandle }: Delivery, Id) => ({ Id, ReceiptHandle: receiptHandle }),
    request: Entries => sqs.send(new DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries })),
    // A FIFO poller holds one message, and its next receive waits for the delete.
    apartMs: facts.fifo ? 0 : deletesApartMs,
    persistence,
  });

  const changeVisibility = batched({
    entryOf: ({ receiptHandle, seconds }: { receiptHandle: string; seconds: number }, Id) => ({
      Id,
      ReceiptHandle: receiptHandle,
      VisibilityTimeout: seconds,
    }),
    request: Entries => sqs.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: queueUrl, Entries })),
    persistence,
  });

  return {
    delete: deleteMessage,
    changeVisibility: ({ receiptHandle }, seconds) => changeVisibility({ receiptHandle, seconds }),
    park: async (delivery, why) => {
      const { message, losses } = deadLetterOf(delivery, why, {
        queue: facts.arn,
        fifo: facts.fifo,
        parkedAt: new Date(clock.now()).toISOString(),
      });
      for (const loss of losses) log.warn({ messageId: delivery.messageId }, `parked within 1 MiB: ${loss}`);
      await persist(
        () =>
          sqs.send(
            new SendMessageCommand({
              QueueUrl: facts.deadLetterQueueUrl,
              MessageBody: message.body,
              MessageAttributes: message.attributes,
              MessageGroupId: message.groupId,
              MessageDeduplicationId: message.deduplicationId,
            }),
          ),
        persistence,
      );
      // A crash here parks the message twice, which replay makes harmless. The other order would lose it.
      await deleteMessage(delivery);
    },
  };
}
