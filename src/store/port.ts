/**
 * What the pipeline needs of a store: two tables in which an item is created once and never changes.
 * Every implementation passes test/suites/store.ts.
 */

export type JsonValue = null | boolean | number | string | JsonValue[] | JsonObject;
export type JsonObject = { [member: string]: JsonValue };

/** The third party's id -> ours, once and for ever. `createdAt` is ISO 8601 UTC. */
export interface Mapping {
  clientFeatureId: string;
  featureId: string;
  createdAt: string;
}

/** What is known of a stored feature without fetching its payload, which may be 400 KB. */
export interface StoredFeature {
  featureId: string;
  clientFeatureId: string;
  /** `v1:` + SHA-256 in hex of the RFC 8785 form of the payload. */
  payloadHash: string;
  createdAt: string;
}

export interface Feature extends StoredFeature {
  payload: JsonObject;
}

/**
 * `uncertain`: an earlier attempt of this very call got no answer and may have been applied, so that `existing` may be
 * our own item.
 */
export type Creation<Stored> = { created: true } | { created: false; existing: Stored; uncertain: boolean };

export interface CreateOnceTable<Item, Stored> {
  /**
   * Creates the item unless its key exists, atomically and durably; never overwrites. What is transient is asked again.
   * @throws StoreFailure when this one item cannot be stored now
   * @throws StoreUnavailable when nothing can be stored now
   */
  createIfAbsent(item: Item): Promise<Creation<Stored>>;
  /** Strongly consistent. Throws as `createIfAbsent` does. */
  read(key: string): Promise<Stored | undefined>;
}

export interface Store {
  mappings: CreateOnceTable<Mapping, Mapping>;
  features: CreateOnceTable<Feature, StoredFeature>;
  /** The whole feature, payload included. */
  readFeature(featureId: string): Promise<Feature | undefined>;
}

/** This item was not stored: throttled for too long, or refused although our own checks had passed it. */
export class StoreFailure extends Error {
  override name = 'StoreFailure';
}

/** The store is down or misconfigured: no message is to blame, and none may be charged for it. */
export class StoreUnavailable extends Error {
  override name = 'StoreUnavailable';
}
