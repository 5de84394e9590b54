import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { create } from '../../src/pipeline/create.ts';
import { failed, outcomeOf } from '../../src/pipeline/outcome.ts';
import { featureItem, mappingItem } from '../../src/store/tables.ts';
import { answering, expiringMappings, mappingTo, mutant, steps } from './mutation.ts';
import type { Subject } from './subject.ts';

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
  mutant('remembers an id as finished before step 2', {
    handle: steps(async (feature, { claimed, pipeline }) => {
      const known = pipeline.finished?.recall(feature);
      if (known) return known;
      const claim = await claimed();
      pipeline.finished?.remember(feature, { kind: 'created', featureId: claim.featureId });
      return outcomeOf(claim, await create(pipeline.store.features, claim, feature, pipeline));
    }),
  }),
];
