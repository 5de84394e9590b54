import type { FakeDynamoDB } from './fakes/dynamodb.ts';
import type { FakeSqs, QueuedMessage } from './fakes/sqs.ts';
import type { Write } from './fakes/tables.ts';
import type { Scenario } from './scenario.ts';

/** What really happened, as only the backends know it. */
export interface Facts {
  scenario: Scenario;
  dynamodb: FakeDynamoDB;
  sqs: FakeSqs;
  /** Every write that was applied, in order. */
  writes: Write[];
  /** Every message that was deleted from the source queue by a worker, in order. */
  acknowledged: QueuedMessage[];
  /** Deliveries, and the items of requests whose answer was lost: all of them are sent again. */
  attempts: number;
  /** The client ids that had no feature at the end, and were then given one more message, with nothing going wrong. */
  probed: string[];
}

/** What must hold. Each returns what is wrong, in a sentence. */
export interface Rules {
  /** Just after a write. */
  written?(write: Write, facts: Facts): string | undefined;
  /** Just after a message was deleted. */
  acknowledged?(message: QueuedMessage, facts: Facts): string | undefined;
  /** When nothing is under way any more. */
  atRest?(facts: Facts): string | undefined;
  /** Whether an id without a feature is to be probed at the end. */
  probes: boolean;
}
