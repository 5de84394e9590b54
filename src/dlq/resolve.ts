import type { Clock } from '../clock.ts';
import { parse } from '../pipeline/message.ts';
import type { Store } from '../store/port.ts';
import { type Filter, select } from './filter.ts';
import type { Judge } from './judge.ts';
import { eachLetter } from './lanes.ts';
import type { Letter } from './letter.ts';
import type { Pass } from './pass.ts';

export interface ResolveTotals {
  examined: number;
  /** The table holds another payload than theirs. */
  conflicts: number;
  otherQueue: number;
  deleted: number;
  /** Examined and still there, those of another queue left out. */
  left: number;
  failed: number;
}

/** One decision: the payload with the one hash stands, the one with the other goes. */
export interface Resolved {
  messageId: string;
  clientFeatureId: string;
  featureId: string;
  storedHash: string;
  refusedHash: string;
}

/**
 * The operator's decision that what is stored stands: deletes the letters that contradict it, and no other.
 * @param options.commit without it nothing is deleted
 * @param options.onResolved called before the letter is deleted, so that the decision is written down first
 */
export async function acceptStored(options: {
  pass: Pass;
  filter: Filter;
  judge: Judge;
  store: Store;
  commit: boolean;
  force: boolean;
  fifo: boolean;
  clock: Clock;
  signal: AbortSignal;
  onResolved: (resolved: Resolved) => void;
}): Promise<{ totals: ResolveTotals; stopped: Error | undefined }> {
  const { pass, filter, judge, store, commit, force, fifo, clock, signal, onResolved } = options;
  const totals: ResolveTotals = { examined: 0, conflicts: 0, otherQueue: 0, deleted: 0, left: 0, failed: 0 };
  let stopped: Error | undefined;

  async function resolveOne(letter: Letter): Promise<boolean> {
    totals.examined++;
    if (letter.origin === 'other') totals.otherQueue++;
    if (letter.origin === 'other' || (letter.origin === 'unknown' && !force)) return true;
    const verdict = await judge(letter);
    if (verdict.kind === 'failed') totals.failed++;
    if (verdict.kind !== 'stillConflict') return true;

    const message = parse(letter.body);
    const stored = await store.features.read(verdict.featureId);
    if (!message.ok || !stored) throw new Error(`feature ${verdict.featureId} was deleted while it was looked at`);
    totals.conflicts++;
    onResolved({
      messageId: letter.messageId,
      clientFeatureId: stored.clientFeatureId,
      featureId: stored.featureId,
      storedHash: stored.payloadHash,
      refusedHash: message.feature.payloadHash,
    });
    if (!commit) return true;
    await pass.delete(letter);
    totals.deleted++;
    return true;
  }

  try {
    await eachLetter(select(pass.letters(), filter, clock), { fifo, signal }, resolveOne);
    signal.throwIfAborted();
  } catch (error) {
    stopped = error instanceof Error ? error : new Error(String(error));
  }
  totals.left = totals.examined - totals.otherQueue - totals.deleted;
  return { totals, stopped };
}
