/**
 * One request, taken apart. A backend applies the parts one after the other, each of them atomically, but promises
 * nothing about what happens between them: the statements of a batch are no transaction.
 */
export interface Operation {
  parts: Part[];
  /** The answer once every part was applied or refused. Throws what the SDK would throw. */
  answer(): unknown;
}

export interface Part {
  /** For people. */
  name(): string;
  /** What it reads or writes, by names that say when two parts do not commute. */
  touches: string[];
  writes: boolean;
  /** What the judge of this part reads besides. */
  sees?: string[];
  apply(): void;
  /** Refuses this part alone, as throttling inside an HTTP 200 does. Without it only whole requests can be refused. */
  refuse?(): void;
  /** Whether `applyStale` would differ now: a read from an index that has not followed its table yet. */
  canBeStale?(): boolean;
  applyStale?(): void;
  /** For people, once it was applied. */
  told(): string;
}

/** A request that was refused as a whole, before anything was applied. */
export function refusal(name: string, error: Error): Operation {
  return {
    parts: [{ name: () => name, touches: [], writes: false, apply: () => {}, told: () => error.name }],
    answer: () => {
      throw error;
    },
  };
}

/** Everything at once, as a client on a calm network sees it. */
export function perform(operation: Operation): unknown {
  for (const part of operation.parts) part.apply();
  return operation.answer();
}
