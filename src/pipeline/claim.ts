import type { CreateOnceTable, Mapping } from '../store/port.ts';

/** The id that step 1 fixed for a client id, and whether this delivery minted it. */
export interface Claim {
  featureId: string;
  ours: boolean;
}

/**
 * Step 1, `Idempotency.getOrCreate`: the client id's one feature id, minted once and for ever.
 *
 * A crash before it leaves nothing; after it, an id without a feature, which the next delivery reads here and finishes.
 * Whoever loses the race goes on with the winner's id: with its own it would store the feature a second time.
 *
 * First deliveries write first: nearly all are new. Redeliveries read first: a refused write costs as much as a write.
 */
export async function claim(
  mappings: CreateOnceTable<Mapping, Mapping>,
  clientFeatureId: string,
  { redelivered, mint, now }: { redelivered: boolean; mint: () => string; now: () => number },
): Promise<Claim> {
  if (redelivered) {
    const known = await mappings.read(clientFeatureId);
    if (known) return { featureId: known.featureId, ours: false };
  }
  const minted = mint();
  const mapping = { clientFeatureId, featureId: minted, createdAt: new Date(now()).toISOString() };
  const creation = await mappings.createIfAbsent(mapping);
  if (creation.created) return { featureId: minted, ours: true };
  // A retry after a lost answer meets its own mapping here, and the minted id tells it so.
  return { featureId: creation.existing.featureId, ours: creation.existing.featureId === minted };
}
