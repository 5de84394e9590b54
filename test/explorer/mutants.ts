import {
  BatchExecuteStatementCommand,
  type BatchExecuteStatementCommandOutput,
  ConditionalCheckFailedException,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import { claim } from '../../src/pipeline/claim.ts';
import { create } from '../../src/pipeline/create.ts';
import type { Pipeline } from '../../src/pipeline/handle.ts';
import { type Incoming, parse } from '../../src/pipeline/message.ts';
import { failed, invalid, type Outcome, outcomeOf } from '../../src/pipeline/outcome.ts';
import type { Delivery, Queue } from '../../src/queue/port.ts';
import { type Mapping, type Store, StoreFailure } from '../../src/store/port.ts';
import { featureItem, mappingItem } from '../../src/store/tables.ts';
import { onefold, type Seams } from './onefold.ts';
import type { Subject, Surroundings } from './subject.ts';

/**
 * Onefold with one rule broken each. An explorer that does not catch every one of them would not see the same mistake
 * in the real code either.
 */
export const mutants: Subject[] = [
  mutant('skips step 2 where step 1 found an id', {
    handle: steps(async (feature, { claimed, pipeline }) => {
      const claim = await claimed();
      if (!claim.ours) return { kind: 'duplicate', featureId: claim.featureId };
      return outcomeOf(claim, await create(pipeline.store.features, claim, feature, pipeline));
    }),
  }),
  mutant('goes on with its own id after losing step 1', {
    store: store => ({
      ...store,
      mappings: {
        ...store.mappings,
        createIfAbsent: async mapping => {
          await store.mappings.createIfAbsent(mapping);
          return { created: true };
        },
      },
    }),
  }),
  mutant('writes a feature before its id', {
    handle: steps(async (feature, { claimed, known, pipeline: { store, now, mint } }) => {
      if (await known())
        return outcomeOf(await claimed(), await create(store.features, await claimed(), feature, { now }));
      const own = { featureId: mint(), ours: true };
      const stored = await create(store.features, own, feature, { now });
      await store.mappings.createIfAbsent(mappingTo(own.featureId, feature, now));
      return outcomeOf(own, stored);
    }),
  }),
  mutant('writes both items of a client id in one request', {
    handle: steps(async (feature, { claimed, known, pipeline: { store, now, mint } }) => {
      if (await known())
        return outcomeOf(await claimed(), await create(store.features, await claimed(), feature, { now }));
      const own = { featureId: mint(), ours: true };
      const [stored] = await Promise.all([
        create(store.features, own, feature, { now }),
        store.mappings.createIfAbsent(mappingTo(own.featureId, feature, now)),
      ]);
      return outcomeOf(own, stored);
    }),
  }),
  mutant('overwrites an id', {
    store: (store, { dynamodb }) => ({
      ...store,
      mappings: {
        ...store.mappings,
        createIfAbsent: async mapping => {
          await dynamodb.send(new PutItemCommand({ TableName: 'mappings', Item: mappingItem(mapping) }));
          return { created: true };
        },
      },
    }),
  }),
  mutant('overwrites a feature', {
    store: (store, { dynamodb }) => ({
      ...store,
      features: {
        ...store.features,
        createIfAbsent: async feature => {
          await dynamodb.send(new PutItemCommand({ TableName: 'features', Item: featureItem(feature) }));
          return { created: true };
        },
      },
    }),
  }),
  mutant('lets an id expire', { store: expiringMappings }, { mappingsTimeToLive: 'expiresAt' }),
  mutant('leaves the feature to whoever created its id', {
    handle: steps(async (feature, { claimed, pipeline }) => {
      const claim = await claimed();
      if (!claim.ours) return failed(new Error('whoever created the id will create the feature'));
      return outcomeOf(claim, await create(pipeline.store.features, claim, feature, pipeline));
    }),
  }),
  mutant('acknowledges before step 2', {
    handle: steps(async (feature, { claimed, pipeline, queue, delivery }) => {
      const claim = await claimed();
      await queue.delete(delivery);
      return outcomeOf(claim, await create(pipeline.store.features, claim, feature, pipeline));
    }),
  }),
  mutant('deletes a message before it parks it', {
    queue: queue => ({
      ...queue,
      park: async (delivery, why) => {
        await queue.delete(delivery);
        await queue.park(delivery, why);
      },
    }),
  }),
  mutant('acknowledges another payload as a duplicate', {
    handle: steps(async (feature, { claimed, pipeline }) => {
      const claim = await claimed();
      const outcome = outcomeOf(claim, await create(pipeline.store.features, claim, feature, pipeline));
      return outcome.kind === 'conflict' ? { kind: 'duplicate', featureId: outcome.featureId } : outcome;
    }),
  }),
  mutant('takes HTTP 200 for success', {
    dynamodb: answering(async answer => {
      const { Responses = [], ...rest } = await answer();
      const tolerated = Responses.map(one => (one.Error?.Code === 'DuplicateItem' ? one : {}));
      return { ...rest, Responses: tolerated };
    }),
  }),
  mutant('takes a broken connection for a write that was applied', {
    dynamodb: answering((answer, statements) =>
      answer().catch(() => ({ $metadata: {}, Responses: Array.from({ length: statements }, () => ({})) })),
    ),
  }),
];

function mutant(name: string, seams: Seams, more: { mappingsTimeToLive?: string } = {}): Subject {
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
function steps(take: (feature: Incoming, context: Context) => Promise<Outcome>): NonNullable<Seams['handle']> {
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

function mappingTo(featureId: string, { clientFeatureId }: Incoming, now: () => number): Mapping {
  return { clientFeatureId, featureId, createdAt: new Date(now()).toISOString() };
}

const AN_HOUR_IN_SECONDS = 3_600;

function expiringMappings(store: Store, { dynamodb, clock }: Surroundings): Store {
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
function answering(
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
