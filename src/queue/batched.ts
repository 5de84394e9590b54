import type { BatchResultErrorEntry } from '@aws-sdk/client-sqs';
import { groupCommit } from '../group-commit.ts';
import { type Persistence, persist } from './persist.ts';

interface BatchEntry {
  Id: string;
  ReceiptHandle: string;
}

/** The message was deleted, or received again since: what was asked for has no object any more. */
const GONE = /ReceiptHandle|MessageNotInflight/;

/**
 * DeleteMessageBatch and ChangeMessageVisibilityBatch, ten messages a request, shared by all pollers.
 *
 * Both answer HTTP 200 with a list of what failed, which neither the SDK nor sqs-consumer asks for again.
 * The function made here resolves when the queue took the item or the message is gone, and rejects otherwise.
 */
export function batched<Item extends { receiptHandle: string }, Entry extends BatchEntry>({
  entryOf,
  request,
  apartMs = 0,
  persistence,
}: {
  entryOf(item: Item, id: string): Entry;
  request(entries: Entry[]): Promise<{ Failed?: BatchResultErrorEntry[] | undefined }>;
  /** A request with room left leaves at the earliest so long after the last. */
  apartMs?: number;
  persistence: Persistence;
}): (item: Item) => Promise<void> {
  const send = groupCommit<Item, BatchResultErrorEntry | undefined>({
    maxItems: 10,
    maxBytes: Number.POSITIVE_INFINITY, // receipt handles are short: ten are far from SQS's 1 MiB
    sizeOf: () => 0,
    keyOf: item => item.receiptHandle,
    partialsAtOnce: 2,
    apart: { ms: apartMs, clock: persistence.clock },
    soon: persistence.clock.soon,
    commit: async items => {
      const { Failed = [] } = await request(items.map((item, i) => entryOf(item, String(i))));
      const failures = new Map(Failed.map(failure => [failure.Id, failure]));
      return items.map((_, i) => failures.get(String(i)));
    },
  });
  return item =>
    persist(async () => {
      const failure = await send(item);
      if (failure && !GONE.test(`${failure.Code} ${failure.Message}`)) throw new EntryFailed(failure);
    }, persistence);
}

/** Bears the status that the entry would have had as a request of its own, so that it is judged like one. */
export class EntryFailed extends Error {
  override name = 'EntryFailed';
  readonly $metadata: { httpStatusCode: number };

  constructor({ Code, Message, SenderFault }: BatchResultErrorEntry) {
    super(`${Code}: ${Message}`);
    this.$metadata = { httpStatusCode: SenderFault ? 400 : 500 };
  }
}
