import { LRUCache } from 'lru-cache';
import type { Incoming } from './message.ts';
import type { Outcome } from './outcome.ts';

/** Ten seconds of a worker at full speed, more at less; about 8 MB when full. */
const MOST = 20_000;
/** Not longer, so that a restore of the tables or an erasure by hand is not remembered away for long. */
const LIFETIME_MS = 600_000;

/** The client ids that this process knows to be finished, with the payload hash that is stored. */
export interface Finished {
  /** The duplicate that it would be to ask the store about again; undefined when the store must be asked. */
  recall(feature: Incoming): Outcome | undefined;
  /** Call it only when step 2 has answered: what is stored never changes. */
  remember(feature: Incoming, outcome: Outcome): void;
}

/**
 * A bounded memory that answers redelivered duplicates without a request. Forgetting is always right.
 * @param now milliseconds since any moment
 */
export function rememberFinished({ now, most = MOST }: { now: () => number; most?: number }): Finished {
  const finished = new LRUCache<string, { featureId: string; payloadHash: string }>({
    max: most,
    ttl: LIFETIME_MS,
    // Otherwise a timer of its own tells it when to look at the clock again.
    ttlResolution: 0,
    perf: { now },
  });
  return {
    recall: ({ clientFeatureId, payloadHash }) => {
      const known = finished.get(clientFeatureId);
      // Another payload is the store's to judge: what is remembered tells only what would be a duplicate.
      return known?.payloadHash === payloadHash ? { kind: 'duplicate', featureId: known.featureId } : undefined;
    },
    remember: ({ clientFeatureId, payloadHash }, outcome) => {
      if (outcome.kind === 'created' || outcome.kind === 'recovered' || outcome.kind === 'duplicate') {
        finished.set(clientFeatureId, { featureId: outcome.featureId, payloadHash });
      }
    },
  };
}
