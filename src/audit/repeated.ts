import { hash } from 'node:crypto';

/** Ids, of which it can be told afterwards which came more than once. */
export interface RepeatedIds {
  add(id: string): void;
  /** How many came once. Call it, and `isRepeated`, when all have come. */
  once(): number;
  isRepeated(id: string): boolean;
}

/**
 * Eight bytes an id, so that a table whose every mapping was lost fits. Two ids of one fingerprint, once in 10^7 audits
 * of a million ids, count as one that came twice, which only leaves the decision to a person.
 */
export function collectRepeated(): RepeatedIds {
  let fingerprints = new BigUint64Array(1_024);
  let length = 0;
  let repeated: { ids: Set<bigint>; times: number } | undefined;

  function count() {
    const sorted = fingerprints.subarray(0, length).sort();
    const ids = new Set<bigint>();
    let times = 0;
    for (let i = 0; i < length; i++) {
      const fingerprint = sorted[i] as bigint;
      if (fingerprint !== sorted[i - 1] && fingerprint !== sorted[i + 1]) continue;
      ids.add(fingerprint);
      times++;
    }
    return { ids, times };
  }

  return {
    add: id => {
      if (length === fingerprints.length) {
        const larger = new BigUint64Array(2 * length);
        larger.set(fingerprints);
        fingerprints = larger;
      }
      fingerprints[length++] = fingerprintOf(id);
    },
    once: () => {
      repeated ??= count();
      return length - repeated.times;
    },
    isRepeated: id => {
      repeated ??= count();
      return repeated.ids.has(fingerprintOf(id));
    },
  };
}

const fingerprintOf = (id: string): bigint => hash('sha256', id, 'buffer').readBigUInt64LE();
