import { randomUUID } from 'node:crypto';
import { SendMessageBatchCommand, type SendMessageBatchRequestEntry } from '@aws-sdk/client-sqs';
import type { Clock } from '../clock.ts';
import { groupCommit } from '../group-commit.ts';
import { EntryFailed } from '../queue/batched.ts';
import type { Sqs } from '../queue/client.ts';
import { restoreAttributes } from '../queue/dead-letter.ts';
import { persist } from '../queue/persist.ts';
import type { MessageAttribute } from '../queue/port.ts';
import type { Letter } from './letter.ts';
import type { DeadLetterQueue } from './queue.ts';

/** SQS's limits on a message, and on the messages of a batch together. */
const MAX_BYTES = 1_048_576;
const MAX_ATTRIBUTES = 10;
const MAX_ENTRIES = 10;

export type Message = Omit<SendMessageBatchRequestEntry, 'Id'> & { MessageBody: string };

/** SQS refuses this one message for what it is. */
export class MessageRefused extends Error {
  override name = 'MessageRefused';
}

/** Resolves with the message's id in the source queue once SQS has confirmed that it has it. */
export type Send = (message: Message) => Promise<string>;

/**
 * The letter as the message that it was, with the count of its replays for a note.
 * @param body another one when it is corrected
 */
export function messageOf(letter: Letter, body: string, { fifo }: { fifo: boolean }): Message {
  const { groupId, messageId, replays } = letter;
  return {
    MessageBody: body,
    MessageAttributes: withReplays(restoreAttributes(letter.attributes), replays + 1, body),
    // A FIFO queue takes no message without a group, and a letter sent by hand may have lost it.
    ...(groupId !== undefined || fifo ? { MessageGroupId: groupId ?? messageId } : {}),
    // With the old one SQS would swallow the message for five minutes.
    ...(fifo ? { MessageDeduplicationId: randomUUID() } : {}),
  };
}

/** The message's own attributes come first: where they leave no room for the count, it starts anew. */
function withReplays(own: Record<string, MessageAttribute>, replays: number, body: string) {
  const onefold = { DataType: 'String', StringValue: JSON.stringify({ replays }) };
  const noted = { ...own, onefold };
  const fits = Object.keys(noted).length <= MAX_ATTRIBUTES && bytesOf(body, noted) <= MAX_BYTES;
  return fits ? noted : own;
}

function bytesOf(body: string, attributes: Record<string, MessageAttribute>): number {
  return Object.entries(attributes).reduce(
    (sum, [name, { DataType, StringValue = '', BinaryValue }]) =>
      sum + Buffer.byteLength(name + DataType + StringValue) + (BinaryValue?.byteLength ?? 0),
    Buffer.byteLength(body),
  );
}

/**
 * Sends to the source queue, ten messages and 1 MiB a request, shared by all that are sent at once.
 * @param options.onTrouble called when SQS throttles, or fails and is asked again
 * The function made here rejects with MessageRefused for the message's own fault, else when SQS took it in five tries.
 */
export function createSend(options: {
  sqs: Sqs;
  queue: DeadLetterQueue;
  clock: Clock;
  random: () => number;
  onTrouble: (error: unknown) => void;
}): Send {
  const { sqs, queue, clock, random, onTrouble } = options;

  const send = groupCommit<Message, { messageId: string } | { failure: EntryFailed; refused: boolean }>({
    maxItems: MAX_ENTRIES,
    maxBytes: MAX_BYTES,
    sizeOf: ({ MessageBody, MessageAttributes = {} }) =>
      bytesOf(MessageBody, MessageAttributes as Record<string, MessageAttribute>),
    keyOf: ({ MessageDeduplicationId }) => MessageDeduplicationId ?? randomUUID(),
    partialsAtOnce: 2,
    soon: clock.soon,
    commit: async messages => {
      const Entries = messages.map((message, i) => ({ Id: String(i), ...message }));
      const command = new SendMessageBatchCommand({ QueueUrl: queue.source.url, Entries });
      const { Successful = [], Failed = [], $metadata } = await sqs.send(command);
      if (($metadata?.attempts ?? 1) > 1) onTrouble(new Error('SQS had to be asked more than once'));
      const sent = new Map(Successful.map(({ Id, MessageId = '' }) => [Number(Id), MessageId]));
      const failed = new Map(Failed.map(failure => [Number(failure.Id), failure]));
      return messages.map((_, i) => {
        const messageId = sent.get(i);
        if (messageId !== undefined) return { messageId };
        const failure = failed.get(i) ?? { Id: '', Code: 'NoAnswer', SenderFault: false };
        return { failure: new EntryFailed(failure), refused: failure.SenderFault === true };
      });
    },
  });

  return message =>
    persist(
      async () => {
        try {
          const answer = await send(message);
          if ('messageId' in answer) return answer.messageId;
          throw answer.refused ? new MessageRefused(answer.failure.message) : answer.failure;
        } catch (error) {
          if (!(error instanceof MessageRefused)) onTrouble(error);
          throw error;
        }
      },
      { clock, random },
    );
}
