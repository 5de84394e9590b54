import type { Clock } from '../clock.ts';
import type { Archive } from './archive.ts';
import type { Checkpoint } from './checkpoint.ts';
import { type Correct, uncorrected } from './correction.ts';
import { type Filter, select } from './filter.ts';
import type { Judge, Verdict } from './judge.ts';
import { eachLetter } from './lanes.ts';
import type { Letter } from './letter.ts';
import type { Pace } from './pace.ts';
import type { Pass } from './pass.ts';
import { decide, type Staying } from './replay-rules.ts';
import { MessageRefused, messageOf, type Send } from './resend.ts';

/** How long a correction, or with `verify` any message, may take to be stored before its letter stays. */
const STORED_WITHIN_MS = 60_000;
const LOOK_EVERY_MS = 500;

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

/** What became of one letter, or in a dry run would. */
export interface Replayed {
  letter: Letter;
  verdict?: Verdict['kind'] | undefined;
  action: 'send' | 'delete' | 'leave' | 'fail';
  /** With `leave` and `fail`. */
  why?: Staying | undefined;
  detail?: string | undefined;
  /** Where it is another one. */
  correctedBody?: string | undefined;
}

export interface ReplayReport {
  totals: ReplayTotals;
  /** Letters that this replay had sent and that are back already: not sent again. */
  cameBack: number;
  /** Why it ended before its time. */
  stopped: Error | undefined;
}

export interface ReplayOptions {
  pass: Pass;
  filter: Filter;
  judge: Judge;
  /** Without it nothing is sent and nothing deleted. */
  commit: { send: Send; pace: Pace; checkpoint: Checkpoint; verify: boolean } | undefined;
  force: boolean;
  correct?: Correct | undefined;
  /** Only its letters are replayed, in its words; those that the queue has forgotten are sent from it. */
  archive?: Archive | undefined;
  fifo: boolean;
  clock: Clock;
  signal: AbortSignal;
  onLetter: (replayed: Replayed) => void;
}

/**
 * Sends letters back to where they came from. The order of the durable steps is what keeps every letter somewhere:
 *
 *   send          a crash before leaves the letter; after it, the letter and its message: sent once more, harmless
 *   checkpoint    a crash after it leaves both, and the next replay deletes without sending
 *   (stored)      where asked for: only what the table holds is deleted
 *   delete        a crash after it leaves nothing to do
 */
export async function replay(options: ReplayOptions): Promise<ReplayReport> {
  const { pass, filter, judge, commit, force, correct = uncorrected, archive, fifo, clock, signal, onLetter } = options;
  const totals: ReplayTotals = {
    ...{ examined: 0, wouldCreate: 0, wouldFinish: 0, alreadyStored: 0, stillConflict: 0, stillInvalid: 0 },
    ...{ otherQueue: 0, sent: 0, deleted: 0, left: 0, failed: 0 },
  };
  const report: ReplayReport = { totals, cameBack: 0, stopped: undefined };
  const sentIds = new Set<string>();
  const met = new Set<string>();
  let sentFromArchive = 0;

  async function replayOne(letter: Letter, inQueue: boolean): Promise<boolean> {
    met.add(letter.messageId);
    if (sentIds.has(letter.sourceMessageId)) {
      report.cameBack++;
      return true;
    }
    totals.examined++;
    if (letter.origin === 'other') {
      totals.otherQueue++;
      onLetter({ letter, action: 'leave', why: 'otherQueue' });
      return true;
    }
    const replayed = await examine(letter, inQueue);
    if (replayed.action === 'fail') totals.failed++;
    onLetter(replayed);
    return replayed.action !== 'fail';
  }

  async function examine(letter: Letter, inQueue: boolean): Promise<Replayed> {
    const correction = await correct(letter);
    if ('problem' in correction) {
      totals.stillInvalid++;
      return { letter, verdict: 'stillInvalid', action: 'leave', why: 'uncorrectable', detail: correction.problem };
    }
    const { body } = correction;
    const corrected = body !== letter.body;
    const candidate = { ...letter, body };
    const verdict = await judge(candidate);
    const replayed = {
      letter,
      verdict: verdict.kind,
      detail: 'detail' in verdict ? verdict.detail : undefined,
      correctedBody: corrected ? body : undefined,
    };
    if (verdict.kind === 'failed') return { ...replayed, action: 'fail', why: 'notJudged' };
    totals[verdict.kind]++;

    const wasSent = commit?.checkpoint.has(letter.messageId, body) ?? false;
    const decision = decide(letter, verdict, { force, wasSent });
    if (decision.action === 'leave' || !commit) return { ...replayed, ...decision };
    try {
      if (decision.action === 'send' && !wasSent) {
        await commit.pace.turn();
        sentIds.add(await commit.send(messageOf(letter, body, { fifo })));
        totals.sent++;
        commit.checkpoint.add(letter.messageId, body);
      }
      const mustBeStored = decision.action === 'send' && (commit.verify || corrected);
      if (mustBeStored && !(await becomesStored(candidate))) return { ...replayed, action: 'fail', why: 'notStored' };
      if (inQueue) await pass.delete(letter);
      if (inQueue) totals.deleted++;
      else sentFromArchive++;
      return { ...replayed, ...decision };
    } catch (error) {
      if (!(error instanceof MessageRefused)) throw error;
      return { ...replayed, action: 'fail', why: 'refused', detail: error.message };
    }
  }

  async function becomesStored(letter: Letter): Promise<boolean> {
    const until = clock.now() + STORED_WITHIN_MS;
    while (clock.now() < until && !signal.aborted) {
      const { kind } = await judge(letter);
      if (kind === 'alreadyStored') return true;
      if (kind === 'stillConflict' || kind === 'stillInvalid') return false; // no wait will change that
      await clock.sleep(LOOK_EVERY_MS, signal).catch(() => undefined);
    }
    return false;
  }

  /** Letters that the queue did not hand out. */
  async function* onlyInArchive(): AsyncGenerator<Letter[], void, undefined> {
    for await (const letter of archive?.letters() ?? []) {
      if (!met.has(letter.messageId)) yield [letter];
    }
  }

  const among: Filter = archive ? { ...filter, among: archive.has } : filter;
  try {
    await eachLetter(select(pass.letters(), among, clock), { fifo, signal }, letter => replayOne(letter, true));
    if (archive) {
      await eachLetter(select(onlyInArchive(), filter, clock), { fifo, signal }, letter => replayOne(letter, false));
    }
    signal.throwIfAborted();
  } catch (error) {
    report.stopped = error instanceof Error ? error : new Error(String(error));
  }
  totals.left = totals.examined - totals.otherQueue - totals.deleted - sentFromArchive;
  return report;
}
