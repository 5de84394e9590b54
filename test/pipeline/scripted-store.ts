import type { CreateOnceTable, Feature, Mapping, Store, StoredFeature } from '../../src/store/port.ts';

/** The durable steps and the reads before them, by name. */
export type Call = 'read mapping' | 'create mapping' | 'read feature' | 'create feature';

/** What happens at a call: it is done and then answered by throwing, or not done at all. */
export interface Fault {
  at: Call;
  /** `before`: nothing is written. `after`: the write is durable, its answer lost. */
  when: 'before' | 'after';
  error: Error;
}

export interface ScriptedStore extends Store {
  mappingOf: Map<string, Mapping>;
  featureOf: Map<string, Feature>;
  calls: Call[];
  /** The faults to come; each strikes once. */
  faults: Fault[];
  /** Runs at each call, before anything is read or written: where another delivery may cut in. */
  onCall(call: Call): Promise<void> | void;
}

/** A store in memory that does to the pipeline what DynamoDB, networks and crashes do. */
export function createScriptedStore(): ScriptedStore {
  const mappingOf = new Map<string, Mapping>();
  const featureOf = new Map<string, Feature>();

  const store: ScriptedStore = {
    mappingOf,
    featureOf,
    calls: [],
    faults: [],
    onCall: () => {},
    mappings: table<Mapping, Mapping>('mapping', mappingOf, ({ clientFeatureId }) => clientFeatureId),
    features: table<Feature, StoredFeature>('feature', featureOf, ({ featureId }) => featureId),
    readFeature: async featureId => featureOf.get(featureId),
  };
  return store;

  async function step<T>(call: Call, work: () => T): Promise<T> {
    await store.onCall(call);
    store.calls.push(call);
    const fault = store.faults.find(({ at }) => at === call);
    if (fault) store.faults.splice(store.faults.indexOf(fault), 1);
    if (fault?.when === 'before') throw fault.error;
    const result = work();
    if (fault) throw fault.error;
    return result;
  }

  function table<Item extends Stored, Stored>(
    what: 'mapping' | 'feature',
    items: Map<string, Item>,
    keyOf: (item: Item) => string,
  ): CreateOnceTable<Item, Stored> {
    return {
      read: key => step(`read ${what}`, () => items.get(key)),
      createIfAbsent: item =>
        step(`create ${what}`, () => {
          const existing = items.get(keyOf(item));
          if (existing) return { created: false, existing, uncertain: false };
          items.set(keyOf(item), item);
          return { created: true };
        }),
    };
  }
}
