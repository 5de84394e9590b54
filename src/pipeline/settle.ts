import type { Delivery, Queue } from '../queue/port.ts';
import { postponeSeconds } from './backoff.ts';
import type { Outcome } from './outcome.ts';

export interface Settling {
  queue: Queue;
  onConflict: 'park' | 'keep-first';
  /** From 0 up to 1. */
  random: () => number;
}

/** The one place that settles messages, after the outcome is known and never before. */
export async function settle(
  delivery: Delivery,
  outcome: Outcome,
  { queue, onConflict, random }: Settling,
): Promise<void> {
  switch (outcome.kind) {
    case 'created':
    case 'recovered':
    case 'duplicate':
      // Mapping and feature are in their tables: another delivery has nothing left to do.
      return queue.delete(delivery);
    case 'conflict':
      // The stored payload stays. Somebody must see the other one, unless the operator has said that the first is kept.
      if (onConflict === 'keep-first') return queue.delete(delivery);
      return queue.park(delivery, { reason: 'conflict', detail: outcome.detail, featureId: outcome.featureId });
    case 'invalid':
      // No delivery can ever store it.
      return queue.park(delivery, { reason: 'invalid', detail: outcome.detail });
    case 'failed':
      // Another try may help. Visibility keeps the receive count, so that SQS's redrive ends it; sending it anew would not.
      return queue.changeVisibility(delivery, postponeSeconds(delivery.receiveCount, random));
  }
}
