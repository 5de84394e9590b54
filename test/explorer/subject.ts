import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Clock } from '../../src/clock.ts';
import type { Sqs } from '../../src/queue/client.ts';
import type { Delivery } from '../../src/queue/port.ts';
import type { TableShape } from './fakes/tables.ts';
import type { Scenario } from './scenario.ts';

/** What a worker's process finds when it starts. */
export interface Surroundings {
  dynamodb: Pick<DynamoDBClient, 'send'>;
  sqs: Sqs;
  clock: Clock;
  /** A new id. */
  mint(): string;
  scenario: Scenario;
}

/** A worker that has started. */
export interface Running {
  /** Resolves when each message is settled or let go. */
  take(deliveries: Delivery[]): Promise<void>;
  /** Whether it would receive now. */
  receives(): boolean;
  /** Takes nothing any more; resolves when the process may end. */
  stop(): Promise<unknown>;
  /** Rejects when it must not go on. */
  broken?: Promise<never>;
}

/** What is put to the test: Onefold, Onefold with a rule broken, or another design. */
export interface Subject {
  name: string;
  tables: Record<string, TableShape>;
  start(surroundings: Surroundings): Running;
}

/** Every subject keeps its features in the table of this name, with the client's id as an attribute of this name. */
export const FEATURES = 'features';
export const CLIENT_ID = 'clientFeatureId';
