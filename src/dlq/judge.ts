import { handle } from '../pipeline/handle.ts';
import type { Outcome } from '../pipeline/outcome.ts';
import type { Delivery } from '../queue/port.ts';
import type { CreateOnceTable, Store } from '../store/port.ts';

/** What the worker would do with a message now. */
export type Verdict =
  | { kind: 'wouldCreate' }
  /** Its id is fixed, its feature missing. */
  | { kind: 'wouldFinish'; featureId: string }
  | { kind: 'alreadyStored'; featureId: string }
  | { kind: 'stillConflict'; featureId: string; detail: string }
  | { kind: 'stillInvalid'; detail: string }
  /** The tables could not be asked about this one. */
  | { kind: 'failed'; detail: string };

export type Judge = (delivery: Delivery) => Promise<Verdict>;

/** The judge is the worker's own pipeline over a store that only reads: there is no second copy of the rules. */
export function createJudge({ store, now }: { store: Store; now: () => number }): Judge {
  let minted = 0;
  // Ids that nobody stores, each its own: reads of one key never share a request.
  const pipeline = { store: peekingStore(store), mint: () => `never stored ${minted++}`, now };
  // As at its first delivery: the pipeline then tries to create the mapping, which here is a read, without one before it.
  return async delivery => verdictOf(await handle({ ...delivery, receiveCount: 1 }, pipeline));
}

/** A store that answers as the real one would, and writes nothing. */
export function peekingStore(store: Store): Store {
  return {
    mappings: peeking(store.mappings, mapping => mapping.clientFeatureId),
    features: peeking(store.features, feature => feature.featureId),
    readFeature: store.readFeature,
  };
}

function peeking<Item, Stored>(
  table: CreateOnceTable<Item, Stored>,
  keyOf: (item: Item) => string,
): CreateOnceTable<Item, Stored> {
  return {
    read: table.read,
    createIfAbsent: async item => {
      const existing = await table.read(keyOf(item));
      return existing === undefined ? { created: true } : { created: false, existing, uncertain: false };
    },
  };
}

function verdictOf(outcome: Outcome): Verdict {
  switch (outcome.kind) {
    case 'created':
      return { kind: 'wouldCreate' };
    case 'recovered':
      return { kind: 'wouldFinish', featureId: outcome.featureId };
    case 'duplicate':
      return { kind: 'alreadyStored', featureId: outcome.featureId };
    case 'conflict':
      return { kind: 'stillConflict', featureId: outcome.featureId, detail: outcome.detail };
    case 'invalid':
      return { kind: 'stillInvalid', detail: outcome.detail };
    case 'failed':
      return { kind: 'failed', detail: outcome.detail };
  }
}
