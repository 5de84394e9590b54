import type { Claim } from './claim.ts';
import type { Stored } from './create.ts';

/** Everything that can become of a message. What is done about each stands in settle.ts. */
export type Outcome =
  /** This delivery wrote mapping and feature. */
  | { kind: 'created'; featureId: string }
  /** The mapping existed, the feature did not; this delivery finished it. */
  | { kind: 'recovered'; featureId: string }
  /** The feature existed with the same payload. */
  | { kind: 'duplicate'; featureId: string }
  /** The feature exists with another payload: the first one stored wins. */
  | { kind: 'conflict'; featureId: string; detail: string }
  /** The message breaks the contract, or can never be stored. */
  | { kind: 'invalid'; detail: string }
  /** Anything else that went wrong with this one message. */
  | { kind: 'failed'; detail: string };

export const OUTCOMES = ['created', 'recovered', 'duplicate', 'conflict', 'invalid', 'failed'] as const;

export const invalid = (detail: string): Outcome => ({ kind: 'invalid', detail });
export const failed = (error: Error): Outcome => ({ kind: 'failed', detail: error.message });

/** Decided from what is stored, never from who created it: `claim.ours` only tells `created` from `recovered`. */
export function outcomeOf(claim: Claim, stored: Stored): Outcome {
  const { featureId } = claim;
  switch (stored.kind) {
    case 'written':
      return { kind: claim.ours ? 'created' : 'recovered', featureId };
    case 'same':
      return { kind: 'duplicate', featureId };
    case 'different':
      return {
        kind: 'conflict',
        featureId,
        detail: `another payload is stored since ${stored.since}: its hash is ${stored.storedHash}, this message's ${stored.messageHash}`,
      };
  }
}
