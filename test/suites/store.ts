import { type DynamoDBClient, PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { expect } from 'chai';
import { nanoid } from 'nanoid';
import { systemClock } from '../../src/clock.ts';
import { createDynamoDBStore, type DynamoDBStore } from '../../src/store/dynamodb.ts';
import { type Feature, type JsonObject, type Mapping, StoreFailure, StoreUnavailable } from '../../src/store/port.ts';
import { createProbe } from '../../src/store/probe.ts';
import { describeTables } from '../../src/store/tables.ts';

export interface StoreUnderTest {
  client: DynamoDBClient;
  writes: 'batch' | 'single';
  idempotencyTable: string;
  featuresTable: string;
}

const CREATED_AT = '2026-01-01T00:00:00.000Z';

export const mapping = (clientFeatureId: string, featureId = nanoid()): Mapping => ({
  clientFeatureId,
  featureId,
  createdAt: CREATED_AT,
});

export const feature = (payload: JsonObject, more: Partial<Feature> = {}): Feature => ({
  featureId: nanoid(),
  clientFeatureId: nanoid(),
  payloadHash: `v1:${'0'.repeat(64)}`,
  createdAt: CREATED_AT,
  payload,
  ...more,
});

/** What every store must do, whatever stands behind it. `begin` makes fresh tables. */
export function describeStore(name: string, begin: () => Promise<StoreUnderTest>): void {
  describe(`the store on ${name}`, () => {
    let tables: StoreUnderTest;
    let store: DynamoDBStore;

    before(async () => {
      tables = await begin();
    });
    beforeEach(() => {
      const { client, writes, idempotencyTable, featuresTable } = tables;
      const names = { idempotencyTable, featuresTable };
      store = createDynamoDBStore({ client, names, writes, clock: systemClock, random: Math.random });
    });
    afterEach(() => store.health.stop());

    it('creates an item where there is none, and reads it back', async () => {
      const one = mapping('new');
      expect(await store.mappings.createIfAbsent(one)).to.deep.equal({ created: true });
      expect(await store.mappings.read('new')).to.deep.equal(one);
    });

    it('never overwrites: the second creation gets the first item, and that one stays', async () => {
      const first = mapping('twice');
      await store.mappings.createIfAbsent(first);
      const second = await store.mappings.createIfAbsent(mapping('twice'));
      expect(second).to.deep.equal({ created: false, existing: first, uncertain: false });
      expect(await store.mappings.read('twice')).to.deep.equal(first);
    });

    it('knows nothing of an item that was never created', async () => {
      expect(await store.mappings.read('absent')).to.equal(undefined);
      expect(await store.features.read('absent')).to.equal(undefined);
      expect(await store.readFeature('absent')).to.equal(undefined);
    });

    it('has one winner among fifty who create one key at once, and tells all the others who it is', async () => {
      const contenders = Array.from({ length: 50 }, () => mapping('raced'));
      const creations = await Promise.all(contenders.map(store.mappings.createIfAbsent));
      const winners = contenders.filter((_, i) => creations[i]?.created);
      expect(winners).to.have.length(1);
      for (const creation of creations) {
        if (!creation.created) expect(creation.existing).to.deep.equal(winners[0]);
      }
      expect(await store.mappings.read('raced')).to.deep.equal(winners[0]);
    });

    it('has one winner between two processes, which share no batch', async () => {
      const { client, writes, idempotencyTable, featuresTable } = tables;
      const names = { idempotencyTable, featuresTable };
      const other = createDynamoDBStore({ client, names, writes, clock: systemClock, random: Math.random });
      const ids = Array.from({ length: 60 }, (_, i) => `shared-${i}`);
      const [ours, theirs] = await Promise.all(
        [store, other].map(one => Promise.all(ids.map(id => one.mappings.createIfAbsent(mapping(id))))),
      );
      other.health.stop();
      const wins = ids.map((_, i) => Number(ours?.[i]?.created) + Number(theirs?.[i]?.created));
      expect(wins).to.deep.equal(ids.map(() => 1));
    });

    it('stores a payload exactly, and gives it back so', async () => {
      const payload: JsonObject = {
        text: 'Ünïcödé \u0000 \u001b[31m \uffff 😀',
        empty: '',
        numbers: [0, -1, 1.5, 1e21, 1e-7, 123456789012345680000, -1.7e-120],
        nothing: null,
        flags: [true, false],
        nested: { list: [[], [{}]], constructor: { name: 'Set' }, toJSON: 'text', 'a.b#c': 1 },
      };
      const one = feature(payload);
      expect(await store.features.createIfAbsent(one)).to.deep.equal({ created: true });
      expect(await store.readFeature(one.featureId)).to.deep.equal(one);
      const { payload: _, ...summary } = one;
      expect(await store.features.read(one.featureId)).to.deep.equal(summary);
    });

    it('keeps two ids apart that only Unicode normalisation would make equal', async () => {
      const composed = mapping('caf\u00e9');
      const decomposed = mapping('cafe\u0301');
      await store.mappings.createIfAbsent(composed);
      expect(await store.mappings.createIfAbsent(decomposed)).to.deep.equal({ created: true });
    });

    it('takes ids of 1,024 bytes, quotes and statement text for what they are', async () => {
      for (const id of ['ü'.repeat(512), `'; DROP TABLE "x`, '"', '?', ' ']) {
        expect(await store.mappings.createIfAbsent(mapping(id)), id).to.deep.equal({ created: true });
        expect((await store.mappings.read(id))?.clientFeatureId).to.equal(id);
      }
    });

    it('creates 300 items at once, each with its own answer, half of them there already', async () => {
      const ids = Array.from({ length: 300 }, (_, i) => `many-${i}`);
      const there = new Map(ids.slice(0, 150).map(id => [id, mapping(id)]));
      await Promise.all([...there.values()].map(store.mappings.createIfAbsent));
      const creations = await Promise.all(ids.map(id => store.mappings.createIfAbsent(mapping(id))));
      for (const [i, creation] of creations.entries()) {
        const existing = there.get(ids[i] as string);
        expect(creation).to.deep.equal(existing ? { created: false, existing, uncertain: false } : { created: true });
      }
    });

    it('reads 250 keys at once from both tables, absent ones among them', async () => {
      const created = Array.from({ length: 80 }, (_, i) => mapping(`read-${i}`));
      await Promise.all(created.map(store.mappings.createIfAbsent));
      const keys = Array.from({ length: 250 }, (_, i) => `read-${i}`);
      const [mappings, features] = await Promise.all([
        Promise.all(keys.map(store.mappings.read)),
        Promise.all(keys.map(store.features.read)),
      ]);
      expect(mappings).to.deep.equal(keys.map((_, i) => created[i]));
      expect(features).to.deep.equal(keys.map(() => undefined));
    });

    it('stores items of nearly 400 KB beside small ones', async () => {
      const large = Array.from({ length: 4 }, () => feature({ text: 'x'.repeat(390_000) }));
      const small = Array.from({ length: 20 }, () => feature({ text: 'x' }));
      const creations = await Promise.all([...large, ...small].map(store.features.createIfAbsent));
      expect(creations.every(({ created }) => created)).to.equal(true);
      for (const one of large) expect(await store.readFeature(one.featureId)).to.deep.equal(one);
    });

    it('fails the one item that is refused, and stores its neighbours', async () => {
      // Our own checks let no such item through to a store; the next kind of poison they may not know.
      const poison = feature({ text: 'x'.repeat(420_000) });
      const neighbours = Array.from({ length: 10 }, (_, i) => feature({ i }));
      const all = [...neighbours.slice(0, 5), poison, ...neighbours.slice(5)];
      const results = await Promise.allSettled(all.map(store.features.createIfAbsent));
      const failed = results.filter(({ status }) => status === 'rejected') as PromiseRejectedResult[];
      expect(failed.map(({ reason }) => reason)).to.have.length(1);
      expect(failed[0]?.reason).to.be.instanceOf(StoreFailure);
      for (const one of neighbours) expect(await store.readFeature(one.featureId)).to.deep.equal(one);
      expect(await store.readFeature(poison.featureId)).to.equal(undefined);
      expect(store.health.available).to.equal(true);
    });

    it('takes a missing table for the operator’s mistake, not for any item’s fault', async () => {
      const { client, writes, idempotencyTable } = tables;
      const names = { idempotencyTable, featuresTable: `missing-${nanoid()}` };
      const mistaken = createDynamoDBStore({ client, names, writes, clock: systemClock, random: Math.random });
      const attempt = mistaken.features.createIfAbsent(feature({}));
      await attempt.then(
        () => expect.fail('it was stored'),
        error => expect(error).to.be.instanceOf(StoreUnavailable),
      );
      expect(mistaken.health.available).to.equal(false);
      mistaken.health.stop();
    });

    it('takes tables with the wrong key for the operator’s mistake too', async () => {
      const { client, writes, idempotencyTable, featuresTable } = tables;
      const swapped = { idempotencyTable: featuresTable, featuresTable: idempotencyTable };
      const mistaken = createDynamoDBStore({ client, names: swapped, writes, clock: systemClock, random: Math.random });
      await mistaken.mappings.createIfAbsent({ clientFeatureId: 'x', featureId: '', createdAt: CREATED_AT }).then(
        () => expect.fail('it was stored'),
        error => expect(error).to.be.instanceOf(StoreUnavailable),
      );
      mistaken.health.stop();
    });

    it('refuses to go on from an item that something else wrote', async () => {
      const { client, idempotencyTable } = tables;
      const Item = { clientFeatureId: { S: 'foreign' }, status: { S: 'INPROGRESS' } };
      await client.send(new PutItemCommand({ TableName: idempotencyTable, Item }));
      await store.mappings.createIfAbsent(mapping('foreign')).then(
        () => expect.fail('it was taken for ours'),
        error => expect(error.message).to.include('Onefold did not write this item'),
      );
    });

    it('probes without writing', async () => {
      const { client, writes, ...names } = tables;
      const count = async () => {
        const scans = Object.values(names).map(TableName =>
          client.send(new ScanCommand({ TableName, Select: 'COUNT' })),
        );
        return (await Promise.all(scans)).map(({ Count }) => Count);
      };
      const before = await count();
      await createProbe({ client, tables: describeTables(names), writes })();
      expect(await count()).to.deep.equal(before);
    });
  });
}
