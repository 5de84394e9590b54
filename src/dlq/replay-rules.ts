import type { Verdict } from './judge.ts';
import type { Letter } from './letter.ts';

/** A letter that came back so often will come back again, until somebody has looked at it. */
export const REPLAYED_OFTEN = 3;

/** Why a letter stays. */
export type Staying =
  | 'otherQueue'
  | 'unknownOrigin'
  | 'replayedOften'
  | 'stillConflict'
  | 'stillInvalid'
  | 'uncorrectable'
  | 'notJudged'
  | 'notStored'
  | 'refused';

export type Decision = { action: 'send' } | { action: 'delete' } | { action: 'leave'; why: Staying };

/** @param how `wasSent`: by a replay that was interrupted before it deleted the letter */
export function decide(
  letter: Letter,
  verdict: Exclude<Verdict, { kind: 'failed' }>,
  { force, wasSent }: { force: boolean; wasSent: boolean },
): Decision {
  if (wasSent) return { action: 'send' };
  if (!force && letter.origin === 'unknown') return { action: 'leave', why: 'unknownOrigin' };
  if (!force && letter.replays >= REPLAYED_OFTEN) return { action: 'leave', why: 'replayedOften' };
  switch (verdict.kind) {
    case 'wouldCreate':
    case 'wouldFinish':
      return { action: 'send' };
    case 'alreadyStored':
      // Nothing is left to be done for it.
      return { action: 'delete' };
    case 'stillConflict':
    case 'stillInvalid':
      // The worker would park it again at once.
      return force ? { action: 'send' } : { action: 'leave', why: verdict.kind };
  }
}
