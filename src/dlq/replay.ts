import type { Clock } from '../clock.ts';
import type { Archive } from './archive.ts';
import { type Correct, uncorrected } from './correction.ts';
import { type Filter, select } from './filter.ts';
import type { Judge } from './judge.ts';
import { eachLetter } from './lanes.ts';
import type { Letter } from './letter.ts';
import type { Pass } from './pass.ts';
import { type Commit, createLetterReplay, type Replayed } from './replay-letter.ts';

/** Every letter examined is in one of the first six after `examined`, or could not be judged: then it is in `failed`. */
export interface ReplayTotals {
  examined: number;
  wouldCreate: number;
  wouldFinish: number;
  alreadyStored: number;
  stillConflict: number;
  stillInvalid: number;
  /** Of another queue: not touched, and in none of the counts below. */
  otherQueue: number;
  sent: number;
  /** From the dead-letter queue. */
  deleted: number;
  /** Examined and still there. */
  left: number;
  /** Of those that are left: what was tried and did not succeed. */
  failed: number;
}

export interface ReplayReport {
  totals: ReplayTotals;
  /** Letters that this replay had sent and that are back already: not sent again. */
  cameBack: number;
  /** Letters that it met in the queue, and that this replay or an interrupted one has sent and not deleted. */
  unfinished: number;
  /** Why it ended before its time. */
  stopped: Error | undefined;
}

export interface ReplayOptions {
  pass: Pass;
  filter: Filter;
  judge: Judge;
  /** Without it nothing is sent and nothing deleted. */
  commit: Commit | undefined;
  force: boolean;
  correct?: Correct | undefined;
  /** Only its letters are replayed, in its words; those that the queue has forgotten are sent from it. */
  archive?: Archive | undefined;
  fifo: boolean;
  clock: Clock;
  signal: AbortSignal;
  onLetter: (replayed: Replayed) => void;
  /** How many letters the filter has left out, batch by batch. */
  onLeftOut?: ((letters: number) => void) | undefined;
}

/** Sends letters back to where they came from, and counts. Does not throw: what ended it early stands in the report. */
export async function replay(options: ReplayOptions): Promise<ReplayReport> {
  const { pass, filter, commit, correct = uncorrected, archive, clock, onLetter, onLeftOut } = options;
  const totals: ReplayTotals = {
    ...{ examined: 0, wouldCreate: 0, wouldFinish: 0, alreadyStored: 0, stillConflict: 0, stillInvalid: 0 },
    ...{ otherQueue: 0, sent: 0, deleted: 0, left: 0, failed: 0 },
  };
  let cameBack = 0;
  let doneFromArchive = 0;
  let stopped: Error | undefined;
  const sentIds = new Set<string>();
  const inQueue = new Set<string>();
  const unfinished = new Set<string>();

  const replayLetter = createLetterReplay({
    ...options,
    correct,
    onSent: ({ messageId }, sentId) => {
      totals.sent++;
      sentIds.add(sentId);
      if (inQueue.has(messageId)) unfinished.add(messageId);
    },
    remove: async letter => {
      if (!inQueue.has(letter.messageId)) {
        doneFromArchive++;
        return;
      }
      await pass.delete(letter);
      unfinished.delete(letter.messageId);
      totals.deleted++;
    },
  });

  async function replayOne(letter: Letter): Promise<boolean> {
    if (sentIds.has(letter.sourceMessageId)) {
      cameBack++;
      return true;
    }
    totals.examined++;
    const replayed: Replayed =
      letter.origin === 'other' ? { letter, action: 'leave', why: 'otherQueue' } : await replayLetter(letter);
    if (replayed.why === 'otherQueue') totals.otherQueue++;
    if (replayed.verdict && replayed.verdict !== 'failed') totals[replayed.verdict]++;
    if (replayed.action === 'fail') totals.failed++;
    onLetter(replayed);
    return replayed.action !== 'fail';
  }

  /** Also those that the filter will leave out. */
  async function* allInQueue(): AsyncGenerator<Letter[], void, undefined> {
    for await (const batch of pass.letters()) {
      for (const { messageId } of batch) {
        inQueue.add(messageId);
        if (commit?.checkpoint.knows(messageId)) unfinished.add(messageId);
      }
      yield batch;
    }
  }

  /** Letters that the queue did not hand out. */
  async function* onlyInArchive(): AsyncGenerator<Letter[], void, undefined> {
    for await (const letter of archive?.letters() ?? []) {
      if (!inQueue.has(letter.messageId)) yield [letter];
    }
  }

  const among: Filter = archive ? { ...filter, among: archive.has } : filter;
  try {
    await eachLetter(select(allInQueue(), among, { now: clock.now, onLeftOut }), options, replayOne);
    if (archive) await eachLetter(select(onlyInArchive(), filter, clock), options, replayOne);
    options.signal.throwIfAborted();
  } catch (error) {
    stopped = error instanceof Error ? error : new Error(String(error));
  }
  totals.left = totals.examined - totals.otherQueue - totals.deleted - doneFromArchive;
  return { totals, cameBack, unfinished: unfinished.size, stopped };
}
