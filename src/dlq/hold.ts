import { ChangeMessageVisibilityBatchCommand } from '@aws-sdk/client-sqs';
import type { Clock } from '../clock.ts';
import { EntryFailed } from '../queue/batched.ts';
import type { Sqs } from '../queue/client.ts';
import { persist } from '../queue/persist.ts';

/** SQS hides a message for twelve hours in all, counted from its receive. */
const LONGEST_HOLD_MS = 12 * 60 * 60 * 1_000;
const BATCH = 10;
const REQUESTS_AT_ONCE = 4;

/** What one receive brought: renewed together, by ids alone. A hundred thousand bodies would not fit into memory. */
interface Receive {
  ids: string[];
  receivedAt: number;
  renewAt: number;
}

/** The letters that a pass keeps hidden, so that it meets none twice. */
export interface Hold {
  add(letters: { messageId: string; receiptHandle: string }[]): void;
  /** It was deleted: nothing is to be renewed or given back. */
  remove(messageId: string): void;
  receiptHandleOf(messageId: string): string | undefined;
  readonly size: number;
  /** Letters that came loose: hidden for twelve hours, the most that SQS allows, or received by somebody else since. */
  readonly lost: number;
  /** Ends the renewals and makes all letters visible, ten a request. Resolves with how many could not be. */
  giveBack(): Promise<number>;
}

/** @param options.visibilitySeconds the letters were received with it, and are renewed for it at half time */
export function createHold(options: {
  sqs: Sqs;
  queueUrl: string;
  visibilitySeconds: number;
  clock: Clock;
  random: () => number;
}): Hold {
  const { sqs, queueUrl, visibilitySeconds, clock, random } = options;
  const handles = new Map<string, string>();
  let receives: Receive[] = [];
  let lost = 0;
  const halfMs = (visibilitySeconds * 1_000) / 2;
  const over = new AbortController();
  let renewing: Promise<void> | undefined;

  async function renewUntilOver(): Promise<void> {
    while (!over.signal.aborted) {
      // Several looks before the visibility ends: a renewal that failed has more tries.
      await clock.sleep(halfMs / 8, over.signal).catch(() => undefined);
      if (!over.signal.aborted) await renewWhatIsDue();
    }
  }

  async function renewWhatIsDue(): Promise<void> {
    receives = receives.filter(({ ids }) => ids.some(id => handles.has(id)));
    const due = receives.filter(({ renewAt }) => renewAt <= clock.now());
    await atOnce(due, async receive => {
      const now = clock.now();
      if (now - receive.receivedAt > LONGEST_HOLD_MS - 2 * visibilitySeconds * 1_000) {
        letGo(receive.ids);
        receive.ids = []; // one of them may be held again, by a later receive
        return;
      }
      const gone = await changeVisibility(receive.ids, visibilitySeconds).catch(() => undefined);
      if (gone === undefined) return; // due again at the next look
      letGo(gone);
      receive.renewAt = now + halfMs;
    });
  }

  function letGo(ids: string[]): void {
    for (const id of ids) if (handles.delete(id)) lost++;
  }

  /** Resolves with the ids of those that are not ours any more; rejects when SQS did not take the rest. */
  async function changeVisibility(ids: string[], seconds: number): Promise<string[]> {
    let left = ids.filter(id => handles.has(id));
    const gone: string[] = [];
    await persist(
      async () => {
        if (left.length === 0) return;
        const Entries = left.map((id, i) => ({
          Id: String(i),
          ReceiptHandle: handles.get(id),
          VisibilityTimeout: seconds,
        }));
        const command = new ChangeMessageVisibilityBatchCommand({ QueueUrl: queueUrl, Entries });
        const { Failed = [] } = await sqs.send(command);
        const asked = left;
        const idsOf = (failures: typeof Failed) => failures.map(({ Id }) => asked[Number(Id)] ?? '');
        gone.push(...idsOf(Failed.filter(({ SenderFault }) => SenderFault)));
        const notTaken = Failed.filter(({ SenderFault }) => !SenderFault);
        left = idsOf(notTaken);
        if (notTaken[0]) throw new EntryFailed(notTaken[0]);
      },
      { clock, random },
    );
    return gone;
  }

  return {
    add: letters => {
      if (letters.length === 0) return;
      for (const { messageId, receiptHandle } of letters) handles.set(messageId, receiptHandle);
      const now = clock.now();
      receives.push({ ids: letters.map(({ messageId }) => messageId), receivedAt: now, renewAt: now + halfMs });
      renewing ??= renewUntilOver();
    },
    remove: messageId => void handles.delete(messageId),
    receiptHandleOf: messageId => handles.get(messageId),
    get size() {
      return handles.size;
    },
    get lost() {
      return lost;
    },
    giveBack: async () => {
      over.abort();
      await renewing;
      const ids = [...handles.keys()];
      const batches = Array.from({ length: Math.ceil(ids.length / BATCH) }, (_, i) =>
        ids.slice(i * BATCH, (i + 1) * BATCH),
      );
      let failed = 0;
      let down = false;
      await atOnce(batches, async batch => {
        try {
          // With nobody there to take them, ten thousand batches must not each wait for that.
          if (down) throw new Error('SQS does not answer');
          await changeVisibility(batch, 0);
        } catch {
          down = true;
          failed += batch.length;
        }
      });
      handles.clear();
      return failed;
    },
  };
}

async function atOnce<T>(items: T[], work: (item: T) => Promise<void>): Promise<void> {
  const waiting = items.values();
  await Promise.all(
    Array.from({ length: REQUESTS_AT_ONCE }, async () => {
      for (const item of waiting) await work(item);
    }),
  );
}
