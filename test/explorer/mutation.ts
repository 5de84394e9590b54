import {
  BatchExecuteStatementCommand,
  type BatchExecuteStatementCommandOutput,
  ConditionalCheckFailedException,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import { claim } from '../../src/pipeline/claim.ts';
import type { Pipeline } from '../../src/pipeline/handle.ts';
import { type Incoming, parse } from '../../src/pipeline/message.ts';
import { failed, invalid, type Outcome } from '../../src/pipeline/outcome.ts';
import type { Delivery, Queue } from '../../src/queue/port.ts';
import { type Mapping, type Store, StoreFailure } from '../../src/store/port.ts';
import { mappingItem } from '../../src/store/tables.ts';
import { onefold, type Seams } from './onefold.ts';
import type { Subject, Surroundings } from './subject.ts';

/** What mutants are made with: a seam of the real worker, and something broken in it. */
export function mutant(name: string, seams: Seams, more: { mappingsTimeToLive?: string } = {}): Subject {
  return onefold(seams, { name, ...more });
}

interface Context {
  pipeline: Pipeline;
  delivery: Delivery;
  queue: Queue;
  /** Step 1 as it should be. */
  claimed(): ReturnType<typeof claim>;
  /** The mapping as it stands. */
  known(): Promise<Mapping | undefined>;
}

/** The shape of `handle` with other steps in it. */
export function steps(take: (feature: Incoming, context: Context) => Promise<Outcome>): NonNullable<Seams['handle']> {
  return async (delivery, pipeline, { queue }) => {
    const message = parse(delivery.body);
    if (!message.ok) return invalid(message.detail);
    const { clientFeatureId } = message.feature;
    const { store, mint, now } = pipeline;
    try {
      return await take(message.feature, {
        pipeline,
        delivery,
        queue,
        claimed: () => claim(store.mappings, clientFeatureId, { redelivered: delivery.receiveCount > 1, mint, now }),
        known: () => store.mappings.read(clientFeatureId),
      });
    } catch (error) {
      if (error instanceof StoreFailure) return failed(error);
      throw error;
    }
  };
}

export function mappingTo(featureId: string, { clientFeatureId }: Incoming, now: () => number): Mapping {
  return { clientFeatureId, featureId, createdAt: new Date(now()).toISOString() };
}

const AN_HOUR_IN_SECONDS = 3_600;

export function expiringMappings(store: Store, { dynamodb, clock }: Surroundings): Store {
  return {
    ...store,
    mappings: {
      ...store.mappings,
      createIfAbsent: async mapping => {
        const expiresAt = { N: String(Math.floor(clock.now() / 1_000) + AN_HOUR_IN_SECONDS) };
        const put = new PutItemCommand({
          TableName: 'mappings',
          Item: { ...mappingItem(mapping), expiresAt },
          ConditionExpression: 'attribute_not_exists(clientFeatureId)',
        });
        try {
          await dynamodb.send(put);
          return { created: true };
        } catch (error) {
          const existing = await store.mappings.read(mapping.clientFeatureId);
          if (!(error instanceof ConditionalCheckFailedException) || existing === undefined) {
            throw new StoreFailure('not created', { cause: error });
          }
          return { created: false, existing, uncertain: false };
        }
      },
    },
  };
}

/** Between DynamoDB's answers to batches and the store. */
export function answering(
  change: (
    answer: () => Promise<BatchExecuteStatementCommandOutput>,
    statements: number,
  ) => Promise<BatchExecuteStatementCommandOutput>,
): NonNullable<Seams['dynamodb']> {
  return ({ send }) => ({
    send: (command: object) => {
      if (!(command instanceof BatchExecuteStatementCommand)) return send(command as never);
      return change(() => send(command), command.input.Statements?.length ?? 0);
    },
  });
}
