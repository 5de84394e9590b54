import { createHash, randomUUID } from 'node:crypto';
import { SendMessageBatchCommand, type SendMessageBatchRequestEntry, type SQSClient } from '@aws-sdk/client-sqs';
import type { Clock } from './clock.ts';
import { CommandFailed } from './errors.ts';
import { linesOf } from './ndjson.ts';
import { parse } from './pipeline/message.ts';

/** SQS's limits on one batch, and on one message. */
const MAX_ENTRIES = 10;
const MAX_BYTES = 1_048_576;
const BATCHES_AT_ONCE = 8;
const ATTEMPTS = 5;

export interface EnqueueReport {
  sent: number;
  /** Lines that were not sent, since the worker could only have parked them. */
  refused: { line: number; reason: string }[];
}

interface Message {
  line: number;
  body: string;
  clientFeatureId: string;
}

/**
 * Validates each line as the worker will, and sends it byte for byte, ten at a time.
 * @param options.onProgress called with the number of lines dealt with so far
 * @throws CommandFailed when the queue stops taking messages, naming the first line that was not sent
 */
export async function enqueue(options: {
  input: AsyncIterable<Uint8Array>;
  sqs: Pick<SQSClient, 'send'>;
  queueUrl: string;
  clock: Clock;
  onProgress?: (lines: number) => void;
}): Promise<EnqueueReport> {
  const { sqs, queueUrl, clock } = options;
  const fifo = queueUrl.endsWith('.fifo');
  // A FIFO queue keeps the order of the file only when one batch is sent after the other.
  const atOnce = fifo ? 1 : BATCHES_AT_ONCE;
  const report: EnqueueReport = { sent: 0, refused: [] };
  const underWay = new Set<Promise<void>>();
  let unsent: { line: number; error: unknown } | undefined;

  for await (const batch of batches(validMessages(options.input, report.refused))) {
    while (underWay.size >= atOnce) await Promise.race(underWay);
    if (unsent) break;
    const sending = send(batch)
      .catch((error: unknown) => {
        const line = batch[0]?.line ?? 0;
        if (!unsent || line < unsent.line) unsent = { line, error };
      })
      .finally(() => underWay.delete(sending));
    underWay.add(sending);
  }
  await Promise.all(underWay);

  if (unsent) {
    const why = unsent.error instanceof Error ? unsent.error.message : String(unsent.error);
    throw new CommandFailed(`sent ${report.sent} messages; not line ${unsent.line}, nor all that follow it: ${why}`);
  }
  report.refused.sort((a, b) => a.line - b.line);
  return report;

  async function send(batch: Message[]): Promise<void> {
    let left = batch;
    for (let attempt = 1; left.length > 0; attempt++) {
      const Entries = left.map((message, i) => entry(message, String(i), fifo));
      const { Failed = [] } = await sqs.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
      const failures = new Map(Failed.map(failure => [Number(failure.Id), failure]));
      report.sent += left.length - failures.size;
      const retry: Message[] = [];
      for (const [i, failure] of failures) {
        const message = left[i] as Message;
        if (failure.SenderFault)
          report.refused.push({ line: message.line, reason: `SQS: ${failure.Message ?? failure.Code}` });
        else retry.push(message);
      }
      left = retry;
      if (left.length > 0 && attempt === ATTEMPTS) throw new Error(`the queue failed to take it ${ATTEMPTS} times`);
      if (left.length > 0) await clock.sleep(Math.random() * 100 * 2 ** attempt);
    }
    options.onProgress?.(batch.at(-1)?.line ?? 0);
  }
}

async function* validMessages(
  input: AsyncIterable<Uint8Array>,
  refused: EnqueueReport['refused'],
): AsyncGenerator<Message> {
  for await (const { number: line, text: body, problem } of linesOf(input)) {
    if (problem) {
      refused.push({ line, reason: problem });
    } else if (body.trim() !== '') {
      const parsed = parse(body);
      const bytes = Buffer.byteLength(body);
      if (!parsed.ok) refused.push({ line, reason: parsed.detail });
      else if (bytes > MAX_BYTES) refused.push({ line, reason: `${bytes} bytes: an SQS message holds ${MAX_BYTES}` });
      else yield { line, body, clientFeatureId: parsed.feature.clientFeatureId };
    }
  }
}

async function* batches(messages: AsyncIterable<Message>): AsyncGenerator<Message[]> {
  let batch: Message[] = [];
  let bytes = 0;
  for await (const message of messages) {
    const size = Buffer.byteLength(message.body);
    if (batch.length === MAX_ENTRIES || (batch.length > 0 && bytes + size > MAX_BYTES)) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(message);
    bytes += size;
  }
  if (batch.length > 0) yield batch;
}

function entry({ body, clientFeatureId }: Message, Id: string, fifo: boolean): SendMessageBatchRequestEntry {
  if (!fifo) return { Id, MessageBody: body };
  return {
    Id,
    MessageBody: body,
    // A group an id keeps each feature's own order, and no feature waits for another. A group id holds 128 characters.
    MessageGroupId: createHash('sha256').update(clientFeatureId).digest('hex'),
    // Each line is meant to be sent: an equal one within five minutes must not be swallowed.
    MessageDeduplicationId: randomUUID(),
  };
}
