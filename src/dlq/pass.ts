import { DeleteMessageBatchCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import type { Clock } from '../clock.ts';
import { batched } from '../queue/batched.ts';
import type { Sqs } from '../queue/client.ts';
import { persist } from '../queue/persist.ts';
import { createHold } from './hold.ts';
import { type Letter, letterOf } from './letter.ts';
import { countMessages, type DeadLetterQueue } from './queue.ts';

const RECEIVES_AT_ONCE = 4;
/** Long polls that may bring nothing, one after the other, while SQS still counts letters: its counts lag. */
const MOST_EMPTY = 6;
/** More than clocks differ. What arrives after that is another pass's: two replays could feed each other for ever. */
const LATE_AFTER_MS = 60_000;

export interface PassOptions {
  sqs: Sqs;
  queue: DeadLetterQueue;
  clock: Clock;
  /** From 0 up to 1. */
  random: () => number;
  /** Ends the pass early. */
  signal: AbortSignal;
  /** How long a letter stays hidden when this process is killed. */
  visibilitySeconds?: number;
  /** A receive that waits asks all of SQS's servers, one that does not may miss letters. */
  longPollSeconds?: number;
}

/** One look at every letter of a dead-letter queue, which knows no other way to be looked into than to receive. */
export interface Pass {
  /** What each receive brings, no letter twice, until all were met or the signal comes. Rejects when SQS fails. */
  letters(): AsyncGenerator<Letter[], void, undefined>;
  /** Rejects when SQS did not take the request after retries. */
  delete(letter: Letter): Promise<void>;
  /** Gives back every letter that was not deleted, at once; those of a killed pass come back by themselves. */
  end(): Promise<PassEnding>;
}

export interface PassEnding {
  /** One sentence for each reason why there may be letters that this pass has not met. */
  partial: string[];
  /** Whether the pass went to its end, and has met every letter as far as anybody can tell. */
  complete: boolean;
}

type Receipt = { of: object } & ({ letters: Letter[] } | { error: unknown });

export function openPass(options: PassOptions): Pass {
  const { sqs, queue, clock, random, signal, visibilitySeconds = 120, longPollSeconds = 1 } = options;
  const hold = createHold({ sqs, queueUrl: queue.url, visibilitySeconds, clock, random });
  const met = new Set<string>();
  const deleted = new Set<string>();
  const underWay = new Map<object, Promise<Receipt>>();
  const startedAt = clock.now();
  let empty = 0;
  let late = 0;
  let state: 'reading' | 'all met' | 'over limit' | 'ended' = 'reading';

  const deleteMessage = batched({
    entryOf: ({ receiptHandle }: { receiptHandle: string }, Id) => ({ Id, ReceiptHandle: receiptHandle }),
    request: Entries => sqs.send(new DeleteMessageBatchCommand({ QueueUrl: queue.url, Entries })),
    persistence: { clock, random },
  });

  /** Once a receive has brought nothing, the others show whether that was the end. */
  function mayBegin(): boolean {
    if (state !== 'reading' || signal.aborted) return false;
    return underWay.size < (empty === 0 ? RECEIVES_AT_ONCE : 1);
  }

  /** An error waits until somebody asks for it: a pass that ends early asks for nothing more. */
  function begin(): void {
    const of = {};
    const receipt = receive().then(
      letters => ({ of, letters }),
      (error: unknown) => ({ of, error }),
    );
    underWay.set(of, receipt);
  }

  async function receive(): Promise<Letter[]> {
    const command = new ReceiveMessageCommand({
      QueueUrl: queue.url,
      MaxNumberOfMessages: 10,
      WaitTimeSeconds: longPollSeconds,
      VisibilityTimeout: visibilitySeconds,
      MessageAttributeNames: ['All'],
      MessageSystemAttributeNames: ['All'],
    });
    const answer = await persist(() => sqs.send(command).catch(unlessOverLimit), { clock, random });
    if (answer === 'over limit') {
      state = 'over limit';
      return [];
    }
    const letters = (answer.Messages ?? []).map(message => letterOf(message, queue.source.arn));
    hold.add(letters);
    // Their receipt handles were old ones by then: SQS accepts such a delete and keeps the letter.
    const back = letters.filter(({ messageId }) => deleted.has(messageId));
    await Promise.all(back.map(letter => remove(letter).catch(() => undefined))); // else they stay for the next pass
    const fresh = letters.filter(isNew);
    empty = fresh.length > 0 ? 0 : empty + 1;
    if (empty > 1 && state === 'reading') {
      const { visible } = await countMessages(sqs, queue.url);
      if (visible === 0 || empty >= MOST_EMPTY) state = 'all met';
    }
    return fresh;
  }

  function isNew({ messageId, sentAt }: Letter): boolean {
    if (met.has(messageId)) return false;
    met.add(messageId);
    if (Date.parse(sentAt) <= startedAt + LATE_AFTER_MS) return true;
    late++;
    return false;
  }

  async function remove(letter: Letter): Promise<void> {
    const { messageId } = letter;
    await deleteMessage({ receiptHandle: hold.receiptHandleOf(messageId) ?? letter.receiptHandle });
    hold.remove(messageId);
    deleted.add(messageId);
  }

  async function whatIsMissing(): Promise<string[]> {
    const { visible, hidden } = await countMessages(sqs, queue.url);
    const elsewhere = hidden - hold.size;
    return [
      state === 'over limit' &&
        'SQS lets 120,000 letters be in flight at once, and that many are: the rest was not met',
      elsewhere > 0 &&
        `about ${elsewhere} letters are invisible: another pass or a consumer holds them, or one was killed and they come back within two minutes`,
      state === 'all met' &&
        visible > 0 &&
        (queue.fifo
          ? `about ${visible} letters wait behind others of their FIFO group, which SQS hands out only when those before them are deleted`
          : `SQS counts about ${visible} more letters and did not hand them out; its counts may be a minute old: look again`),
      late > 0 && `${late} letters arrived meanwhile and are left for the next pass`,
      hold.lost > 0 &&
        `${hold.lost} letters came loose: somebody else received or deleted them, or they were held for twelve hours`,
    ].filter(sentence => sentence !== false);
  }

  return {
    letters: async function* () {
      for (;;) {
        while (mayBegin()) begin();
        if (underWay.size === 0) return;
        const receipt = await Promise.race(underWay.values());
        underWay.delete(receipt.of);
        if ('error' in receipt) throw receipt.error;
        if (receipt.letters.length > 0) yield receipt.letters;
      }
    },
    delete: remove,
    end: async () => {
      const atEnd = state === 'all met';
      if (state === 'reading') state = 'ended';
      await Promise.all(underWay.values());
      const partial = await whatIsMissing().catch(() => ['SQS did not say how many letters there are']);
      const complete = atEnd && partial.length === 0;
      const notGivenBack = await hold.giveBack();
      if (notGivenBack > 0) {
        partial.push(`${notGivenBack} letters could not be given back: they come back within two minutes`);
      }
      return { partial, complete };
    },
  };
}

function unlessOverLimit(error: Error): 'over limit' {
  if (/(^|\.)OverLimit$/.test(error.name)) return 'over limit';
  throw error;
}
