import { type Found, judge, type SentMessage, type TrueFigures } from '../../src/demo/verdict.ts';

export interface Audit {
  /** Messages that the queue has taken. */
  sent: number;
  /** Distinct client ids among them. */
  ids: number;
  /** Client ids with exactly one feature. */
  stored: number;
  storedTwice: number;
  lost: number;
  /** Mappings whose feature is not there. */
  orphanedMappings: number;
  /** Distinct messages; `exhausted` is SQS's own redrive. */
  parked: TrueFigures['parked'];
  left: number;
  /** One sentence each; none means that all is well. */
  complaints: string[];
}

/** What has become of every message, from the tables and the queues alone. Each is stored, parked or left. */
export function audit(sent: readonly SentMessage[], found: Found): Audit {
  const { figures, faults } = judge(sent, found, { mayExhaust: true });
  const featureIds = new Set(found.features.map(({ featureId }) => featureId));
  return {
    sent: figures.sent,
    ids: figures.features,
    stored: figures.featuresStored - figures.storedTwice,
    storedTwice: figures.storedTwice,
    lost: figures.lost,
    orphanedMappings: found.mappings.filter(({ featureId }) => !featureIds.has(featureId)).length,
    parked: figures.parked,
    left: figures.leftInQueue,
    complaints: faults,
  };
}
