import { BROKEN_BODIES } from '../../src/demo/broken.ts';
import type { PlannedMessage } from '../../src/demo/plan.ts';
import { seededRandom } from '../../src/demo/random.ts';
import type { JsonObject } from '../../src/store/port.ts';

const DUPLICATES = 0.3;
const CONFLICTS = 0.01;
const INVALID = 0.01;
/** One payload in fifty is of up to 20 KB, so that requests fill up by their size as well as by their number. */
const BIG = 0.02;

/**
 * What is sent, in its order; the same for the same seed. Of all messages 30 % repeat another one, one in three of them
 * in another spelling; 1 % bear another payload for an id that is sent anyway; 1 % break the contract. Half of the
 * repeats come at the heels of their original, when both are in flight at once, the others at any time.
 */
export function planMessages({ messages, seed }: { messages: number; seed: number }): PlannedMessage[] {
  const random = seededRandom(seed);
  const [duplicates, conflicts, invalid] = [DUPLICATES, CONFLICTS, INVALID].map(share => Math.round(share * messages));
  const fresh = messages - (duplicates ?? 0) - (conflicts ?? 0) - (invalid ?? 0);
  const planned: { at: number; message: PlannedMessage }[] = [];

  const originals = Array.from({ length: fresh }, (_, i) => {
    const feature = { clientFeatureId: `storm-${i}`, payload: payloadOf(i, random), at: random() };
    planned.push({ at: feature.at, message: messageOf(feature) });
    return feature;
  });
  const anyOriginal = () => {
    const original = originals[Math.floor(random() * fresh)];
    if (original === undefined) throw new Error('no message to repeat');
    return { ...original, at: random() < 0.5 ? original.at + random() * (10 / messages) : random() };
  };
  for (let i = 0; i < (duplicates ?? 0); i++) {
    const again = anyOriginal();
    planned.push({ at: again.at, message: messageOf(again, random() < 1 / 3) });
  }
  for (let i = 0; i < (conflicts ?? 0); i++) {
    const { clientFeatureId, payload, at } = anyOriginal();
    planned.push({ at, message: messageOf({ clientFeatureId, payload: { ...payload, revision: i } }) });
  }
  for (let i = 0; i < (invalid ?? 0); i++) {
    const broken = BROKEN_BODIES[i % BROKEN_BODIES.length];
    if (broken) planned.push({ at: random(), message: { kind: 'broken', ...broken } });
  }
  return planned.sort((a, b) => a.at - b.at).map(({ message }) => message);
}

function payloadOf(i: number, random: () => number): JsonObject {
  const text = 'lorem ipsum '.repeat(Math.floor(random() * (random() < BIG ? 1_700 : 20)));
  return { number: i, weight: random() * 1e6, tags: [null, true, { deep: [i, `№ ${i}`] }], text };
}

function messageOf(
  { clientFeatureId, payload }: { clientFeatureId: string; payload: JsonObject },
  otherSpelling = false,
): PlannedMessage {
  const body = otherSpelling
    ? JSON.stringify({ payload: Object.fromEntries(Object.entries(payload).reverse()), clientFeatureId }, null, 1)
    : JSON.stringify({ clientFeatureId, payload });
  return { kind: 'feature', clientFeatureId, payload, body };
}
