import type { CreateOnceTable, Feature, StoredFeature } from '../store/port.ts';
import type { Claim } from './claim.ts';
import type { Incoming } from './message.ts';

/** What step 2 found in the features table, or put there. */
export type Stored =
  | { kind: 'written' }
  | { kind: 'same' }
  | { kind: 'different'; storedHash: string; messageHash: string; since: string };

/** The features table holds another client's feature under this id: the two tables do not belong together. */
export class MispairedTables extends Error {
  override name = 'MispairedTables';
}

/**
 * Step 2, `Features.getOrCreate`: runs whatever step 1 found, since a mapping says nothing about its feature.
 *
 * A crash before it leaves an id without a feature; after it, both, which the next delivery finds and acknowledges.
 * The first payload to be stored wins; nothing is ever overwritten.
 *
 * Where the id was there already its feature most likely is too: then a read costs less than a refused write.
 */
export async function create(
  features: CreateOnceTable<Feature, StoredFeature>,
  { featureId, ours }: Claim,
  { clientFeatureId, payload, payloadHash }: Incoming,
  { now }: { now: () => number },
): Promise<Stored> {
  if (!ours) {
    const existing = await features.read(featureId);
    if (existing) return compare(existing, clientFeatureId, payloadHash);
  }
  const createdAt = new Date(now()).toISOString();
  const creation = await features.createIfAbsent({ featureId, clientFeatureId, payload, payloadHash, createdAt });
  if (creation.created) return { kind: 'written' };
  const stored = compare(creation.existing, clientFeatureId, payloadHash);
  const isOurWrite = creation.uncertain && creation.existing.createdAt === createdAt;
  return stored.kind === 'same' && isOurWrite ? { kind: 'written' } : stored;
}

function compare(existing: StoredFeature, clientFeatureId: string, messageHash: string): Stored {
  if (existing.clientFeatureId !== clientFeatureId) {
    throw new MispairedTables(
      `feature ${existing.featureId} belongs to client id ${JSON.stringify(existing.clientFeatureId)}, but the mapping of ${JSON.stringify(clientFeatureId)} names it`,
    );
  }
  if (existing.payloadHash === messageHash) return { kind: 'same' };
  return { kind: 'different', storedHash: existing.payloadHash, messageHash, since: existing.createdAt };
}
