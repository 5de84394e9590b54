import type { Delivery } from '../queue/port.ts';
import { type Store, StoreFailure } from '../store/port.ts';
import { claim } from './claim.ts';
import { create } from './create.ts';
import type { Finished } from './finished.ts';
import { parse } from './message.ts';
import { failed, invalid, type Outcome, outcomeOf } from './outcome.ts';

export interface Pipeline {
  store: Store;
  /** A new feature id. */
  mint: () => string;
  /** Milliseconds since the epoch. */
  now: () => number;
  /** Spares the store what this process has just seen finished; without it every duplicate is asked about. */
  finished?: Finished;
}

/**
 * The whole story of a message, from its body to its outcome. Both steps create an item only where there is none, so
 * any number of deliveries, at once or one after the other, converge on one mapping and one feature:
 *
 *   a crash before step 1       leaves nothing;                 the next delivery starts over
 *   a crash after step 1        leaves an id with no feature;   the next delivery reads that id and finishes: recovered
 *   a crash after step 2        leaves id and feature;          the next delivery finds both: duplicate
 *   a lost answer at any step   as if it had succeeded;         the retry finds its own write
 *
 * The message may be acknowledged only once this has answered.
 * @throws StoreUnavailable when no message can be stored now: this one is given back, charged with nothing
 * @throws MispairedTables when the two tables do not belong together: the worker must stop
 */
export async function handle(delivery: Delivery, { store, mint, now, finished }: Pipeline): Promise<Outcome> {
  const message = parse(delivery.body);
  if (!message.ok) return invalid(message.detail);
  const { feature } = message;
  const known = finished?.recall(feature);
  if (known) return known;

  try {
    const redelivered = delivery.receiveCount > 1;
    const claimed = await claim(store.mappings, feature.clientFeatureId, { redelivered, mint, now });
    const stored = await create(store.features, claimed, feature, { now });
    const outcome = outcomeOf(claimed, stored);
    finished?.remember(feature, outcome);
    return outcome;
  } catch (error) {
    if (error instanceof StoreFailure) return failed(error);
    throw error;
  }
}
