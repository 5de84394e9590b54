import type { JsonObject } from '../store/port.ts';
import { BROKEN_BODIES } from './broken.ts';
import type { SourceFeature } from './feed.ts';
import { seededRandom, shuffled } from './random.ts';

export type PlannedMessage = { body: string } & (
  | { kind: 'feature'; clientFeatureId: string; payload: JsonObject }
  | { kind: 'broken'; defect: string }
);

export type Producer = 0 | 1;
export type Plan = Record<Producer, PlannedMessage[]>;

/** How many features another payload is sent for. */
const CONFLICTS = 6;

/**
 * What each of the two producers sends, in its order; the same for the same seed, so that a producer's process and the
 * one that checks it agree.
 *
 * Between them they send every feature. A third of the features goes out again, from the other producer, and every
 * second one of these a third time; six more features go out again with another payload, and whichever is stored first
 * stays.
 */
export function planMessages(features: readonly SourceFeature[], seed: number): Plan {
  const random = seededRandom(seed);
  const plan: Plan = { 0: [], 1: [] };
  const anyProducer = (): Producer => (random() < 0.5 ? 0 : 1);
  const third = Math.floor(features.length / 3);

  shuffled(features, random).forEach((feature, i) => {
    const first = anyProducer();
    plan[first].push(messageOf(feature));
    if (i < third) plan[first === 0 ? 1 : 0].push(messageOf(feature));
    if (i < third && i % 2 === 0) plan[anyProducer()].push(messageOf(feature));
    if (i >= features.length - CONFLICTS) plan[anyProducer()].push(messageOf(renamed(feature)));
  });
  for (const broken of BROKEN_BODIES) plan[anyProducer()].push({ kind: 'broken', ...broken });
  return { 0: shuffled(plan[0], random), 1: shuffled(plan[1], random) };
}

function messageOf({ clientFeatureId, payload }: SourceFeature): PlannedMessage {
  return { kind: 'feature', clientFeatureId, payload, body: JSON.stringify({ clientFeatureId, payload }) };
}

function renamed({ clientFeatureId, payload }: SourceFeature): SourceFeature {
  return { clientFeatureId, payload: { ...payload, name: `${payload.name} County` } };
}
