import type { Clock } from '../clock.ts';
import type { Checkpoint } from './checkpoint.ts';
import type { Correct } from './correction.ts';
import type { Judge, Verdict } from './judge.ts';
import type { Letter } from './letter.ts';
import type { Pace } from './pace.ts';
import { decide, type Staying } from './replay-rules.ts';
import { MessageRefused, messageOf, type Send } from './resend.ts';

/** How long a correction, or with `verify` any message, may take to be stored before its letter stays. */
const STORED_WITHIN_MS = 60_000;
const LOOK_EVERY_MS = 500;

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
  /** By a replay that was interrupted before it deleted the letter, and so not again. */
  sentBefore?: boolean | undefined;
}

/** What a replay needs that is more than a dry run. */
export interface Commit {
  send: Send;
  pace: Pace;
  checkpoint: Checkpoint;
  /** Every letter is deleted only when its feature is in the table; a corrected one always is. */
  verify: boolean;
}

/**
 * Replays one letter. The order of the durable steps is what keeps it somewhere:
 *
 *   send          a crash before leaves the letter; after it, the letter and its message: sent once more, harmless
 *   checkpoint    a crash after it leaves both, and the next replay deletes without sending
 *   (stored)      where asked for: only what the table holds is deleted
 *   remove        a crash after it leaves nothing to do
 */
export function createLetterReplay(options: {
  judge: Judge;
  correct: Correct;
  force: boolean;
  /** Without it nothing is sent and nothing removed. */
  commit: Commit | undefined;
  fifo: boolean;
  clock: Clock;
  signal: AbortSignal;
  onSent: (letter: Letter, messageId: string) => void;
  remove: (letter: Letter) => Promise<void>;
}): (letter: Letter) => Promise<Replayed> {
  const { judge, correct, force, commit, fifo, clock, signal, onSent, remove } = options;

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

  return async letter => {
    const correction = await correct(letter);
    if ('problem' in correction) {
      return { letter, verdict: 'stillInvalid', action: 'leave', why: 'uncorrectable', detail: correction.problem };
    }
    const { body } = correction;
    const corrected = body !== letter.body;
    const candidate = { ...letter, body };
    const verdict = await judge(candidate);
    const detail = 'detail' in verdict ? verdict.detail : undefined;
    const replayed = { letter, detail, correctedBody: corrected ? body : undefined };
    if (verdict.kind === 'failed') return { ...replayed, action: 'fail', why: 'notJudged' };

    const wasSent = commit?.checkpoint.has(letter.messageId, body) ?? false;
    const judged = { ...replayed, verdict: verdict.kind, sentBefore: wasSent || undefined };
    const decision = decide(letter, verdict, { force, wasSent });
    if (decision.action === 'leave' || !commit) return { ...judged, ...decision };
    try {
      if (decision.action === 'send' && !wasSent) {
        await commit.pace.turn();
        onSent(letter, await commit.send(messageOf(letter, body, { fifo })));
        commit.checkpoint.add(letter.messageId, body);
      }
      const mustBeStored = decision.action === 'send' && (commit.verify || corrected);
      if (mustBeStored && !(await becomesStored(candidate))) return { ...judged, action: 'fail', why: 'notStored' };
      await remove(letter);
      return { ...judged, ...decision };
    } catch (error) {
      if (!(error instanceof MessageRefused)) throw error;
      return { ...judged, action: 'fail', why: 'refused', detail: error.message };
    }
  };
}
