import { stripVTControlCharacters } from 'node:util';
import { type AttributeValue, PutItemCommand, paginateScan } from '@aws-sdk/client-dynamodb';
import { expect } from 'chai';
import { type AuditOptions, audit } from '../../src/audit/audit.ts';
import { collectRepeated } from '../../src/audit/repeated.ts';
import { type AuditReport, isConsistent } from '../../src/audit/report.ts';
import { renderAudit } from '../../src/audit/show.ts';
import { systemClock as clock } from '../../src/clock.ts';
import { canaryId } from '../../src/doctor/canary.ts';
import { payloadHash } from '../../src/pipeline/payload-hash.ts';
import { createDynamoDBStore } from '../../src/store/dynamodb.ts';
import type { JsonObject } from '../../src/store/port.ts';
import { featureItem, mappingItem } from '../../src/store/tables.ts';
import { anyQueue, anyStore, freshQueue, freshTables, storeBackends, type TestTables, workerEnv } from '../backends.ts';
import { onefold } from '../command.ts';
import { answering, type Instead } from '../doctor/answering.ts';
import { noAnswer, sdkError } from '../queue/scripted-sqs.ts';

type Item = Record<string, AttributeValue>;

const HOUR_AGO = new Date(Date.now() - 3_600_000).toISOString();
const NOTHING = {
  ...{ mappings: 0, features: 0, consistent: 0, halfDone: 0, overdue: 0, withoutMapping: 0, repairable: 0 },
  ...{ storedTwice: 0, wrongHash: 0, mispaired: 0, foreign: 0, repaired: 0 },
};

const mapping = (clientFeatureId: string, featureId: string, createdAt = HOUR_AGO): Item =>
  mappingItem({ clientFeatureId, featureId, createdAt });

const feature = (clientFeatureId: string, featureId: string, payload: JsonObject = { name: clientFeatureId }): Item =>
  featureItem({ featureId, clientFeatureId, payload, payloadHash: payloadHash(payload), createdAt: HOUR_AGO });

/** What a test finds in the tables beside a consistent pair. */
interface Stored {
  mappings?: Item[];
  features?: Item[];
}

async function put(tables: TestTables, { mappings = [], features = [] }: Stored): Promise<void> {
  const { dynamodb, idempotencyTable, featuresTable } = tables;
  for (const [TableName, items] of [
    [idempotencyTable, mappings],
    [featuresTable, features],
  ] as const) {
    await Promise.all(items.map(Item => dynamodb.send(new PutItemCommand({ TableName, Item }))));
  }
}

async function tablesWith(stored: Stored, backend = anyStore()): Promise<TestTables> {
  const tables = await freshTables(backend);
  await put(tables, stored);
  return tables;
}

/** Every item as it stands. */
async function itemsOf({ dynamodb: client, idempotencyTable, featuresTable }: TestTables): Promise<string[]> {
  const items: string[] = [];
  for (const TableName of [idempotencyTable, featuresTable]) {
    for await (const { Items = [] } of paginateScan({ client }, { TableName, ConsistentRead: true }))
      items.push(...Items.map(item => JSON.stringify(Object.entries(item).sort())));
  }
  return items.sort();
}

function run(tables: TestTables, changes: Partial<AuditOptions> = {}): Promise<AuditReport> {
  return audit({
    client: tables.dynamodb,
    names: tables,
    writes: tables.writes,
    repair: false,
    overdueMs: 900_000,
    listed: 10,
    clock,
    random: () => 0,
    onProgress: () => {},
    ...changes,
  });
}

const counts = ({ findings: _, ...rest }: AuditReport) => rest;

describe('audit', () => {
  for (const backend of storeBackends()) {
    describe(`on ${backend.name}`, () => {
      it('proves what the store itself has written, page by page, whatever its payloads hold', async () => {
        const tables = await freshTables(backend);
        const { dynamodb: client, writes } = tables;
        const store = createDynamoDBStore({ client, names: tables, writes, clock, random: Math.random });
        const payloads: JsonObject[] = [
          {},
          { n: [0, -0, 1.5e-130, 9.9e125, 2 ** 53, 0.1], 'é\u2028': ['😀', '', null, true, { constructor: [[]] }] },
          ...Array.from({ length: 150 }, (_, i) => ({ i })),
        ];
        await Promise.all(
          payloads.map(async (payload, i) => {
            const [clientFeatureId, featureId, createdAt] = [`client ${i}`, `f${i}`, HOUR_AGO];
            await store.mappings.createIfAbsent({ clientFeatureId, featureId, createdAt });
            const hash = payloadHash(payload);
            await store.features.createIfAbsent({ clientFeatureId, featureId, createdAt, payload, payloadHash: hash });
          }),
        );
        const paged = answering(client, {
          ScanCommand: (input, ask) => {
            input.Limit = 7;
            return ask();
          },
        });
        let reached = 0;
        const report = await run(tables, {
          client: paged,
          onProgress: items => {
            reached = items;
          },
        });
        expect(counts(report)).to.deep.equal({ ...NOTHING, mappings: 152, features: 152, consistent: 152 });
        expect(isConsistent(report)).to.equal(true);
        expect(reached).to.equal(304);
      });

      it('gives a feature the mapping it lost, and changes nothing else', async () => {
        const tables = await tablesWith(
          {
            mappings: [mapping('whole', 'f-whole'), mapping('other', 'f-other')],
            features: [feature('whole', 'f-whole'), feature('lost', 'f-lost'), feature('other', 'f-another')],
          },
          backend,
        );
        const before = await itemsOf(tables);
        const dry = await run(tables);
        expect(dry).to.include({ withoutMapping: 1, repairable: 1, repaired: 0 });
        expect(await itemsOf(tables)).to.deep.equal(before);

        expect(await run(tables, { repair: true })).to.include({ withoutMapping: 1, repaired: 1 });
        const added = (await itemsOf(tables)).filter(item => !before.includes(item));
        expect(added).to.have.length(1);
        expect(added[0]).to.match(/"lost".*"f-lost"/);
        expect(await itemsOf(tables)).to.include.members(before);
        expect(await run(tables)).to.include({ withoutMapping: 0, consistent: 2, storedTwice: 1 });
      });
    });
  }

  const { payload: _payload, ...withoutPayload } = feature('a', 'f-a');
  const { featureId: _featureId, ...withoutFeatureId } = mapping('a', 'f-a');
  const cases: [what: string, stored: Stored, found: Partial<typeof NOTHING>, detail: RegExp, consistent?: boolean][] =
    [
      [
        'a feature without a mapping',
        { features: [feature('a', 'f-a')] },
        { features: 1, withoutMapping: 1, repairable: 1 },
        /^stored 20/,
      ],
      [
        'a feature whose mapping names another, which is there',
        { mappings: [mapping('a', 'f-a')], features: [feature('a', 'f-a'), feature('a', 'f-b')] },
        { mappings: 1, features: 2, consistent: 1, storedTwice: 1 },
        /^mapped to f-a$/,
      ],
      [
        'a payload that is not the one that was stored',
        {
          mappings: [mapping('a', 'f-a')],
          features: [{ ...feature('a', 'f-a'), payload: { M: { name: { S: 'b' } } } }],
        },
        { mappings: 1, features: 1, wrongHash: 1 },
        /another hash/,
      ],
      [
        'an id whose feature is still to come',
        { mappings: [mapping('a', 'f-a')] },
        { mappings: 1, halfDone: 1, overdue: 1 },
        /^id fixed (60 minutes|1 hour) ago$/,
        true,
      ],
      [
        'a mapping that names another client id’s feature',
        { mappings: [mapping('a', 'f-b'), mapping('b', 'f-b')], features: [feature('b', 'f-b')] },
        { mappings: 2, features: 1, consistent: 1, mispaired: 1 },
        /^that feature is of b$/,
      ],
      [
        'a mapping that names nothing',
        { mappings: [withoutFeatureId] },
        { mappings: 1, foreign: 1 },
        /^no featureId, in /,
      ],
      [
        'a mapping for an id that no message can have',
        { mappings: [mapping('\u0007', 'f-a')] },
        { mappings: 1, foreign: 1 },
        /control characters/,
      ],
      [
        'a mapping of no known age',
        { mappings: [mapping('a', 'f-a', 'yesterday')] },
        { mappings: 1, foreign: 1 },
        /createdAt is no time/,
      ],
      ['a feature without a payload', { features: [withoutPayload] }, { features: 1, foreign: 1 }, /^no payload, in /],
      [
        'a payload that JSON cannot write',
        { features: [{ ...feature('a', 'f-a'), payload: { M: { s: { SS: ['b'] } } } }] },
        { features: 1, foreign: 1 },
        /type SS/,
      ],
    ];

  for (const [what, stored, found, detail, consistent = false] of cases) {
    it(`finds ${what}`, async () => {
      const report = await run(await tablesWith(stored));
      expect(counts(report)).to.deep.equal({ ...NOTHING, ...found });
      expect(report.findings).to.have.length(1);
      expect(report.findings[0]?.detail).to.match(detail);
      expect(isConsistent(report)).to.equal(consistent);
    });
  }

  it('counts, and does not list, what is half done for a short time', async () => {
    const tables = await tablesWith({ mappings: [mapping('a', 'f-a', new Date().toISOString())] });
    const report = await run(tables);
    expect(report).to.deep.include({ halfDone: 1, overdue: 0, findings: [] });
  });

  it('passes over what doctor may have left', async () => {
    const tables = await tablesWith({ mappings: [mapping(canaryId('x'), 'first')] });
    expect(counts(await run(tables))).to.deep.equal(NOTHING);
  });

  it('counts every finding and lists the first of each kind', async () => {
    const features = Array.from({ length: 30 }, (_, i) => feature(`client ${i}`, `f-${i}`));
    const report = await run(await tablesWith({ features, mappings: [mapping('x', 'f-x')] }), { listed: 3 });
    expect(report).to.include({ withoutMapping: 30, repairable: 30, halfDone: 1 });
    expect(report.findings).to.have.length(4);
  });

  it('asks again for what was throttled, and takes nothing for absent that was not read', async () => {
    const features = Array.from({ length: 20 }, (_, i) => feature(`client ${i}`, `f-${i}`));
    const mappings = features.map((_, i) => mapping(`client ${i}`, `f-${i}`));
    const tables = await tablesWith({ features, mappings });
    let asked = 0;
    const throttled: Instead = {
      ScanCommand: (_, ask) => {
        if (asked++ % 2 === 0) throw sdkError('ProvisionedThroughputExceededException', 400);
        return ask();
      },
      BatchGetItemCommand: async ({ RequestItems }, ask) => {
        const { Responses } = await ask();
        const [name = ''] = Object.keys(RequestItems);
        if (asked++ % 2 === 0) return { Responses: {}, UnprocessedKeys: RequestItems };
        return { Responses: { [name]: Responses[name].reverse() }, UnprocessedKeys: {} };
      },
    };
    const report = await run(tables, { client: answering(tables.dynamodb, throttled) });
    expect(counts(report)).to.deep.equal({ ...NOTHING, mappings: 20, features: 20, consistent: 20 });
  });

  it('gives up with the reason when it may not read', async () => {
    const tables = await tablesWith({});
    const forbidden: Instead = {
      ScanCommand: () => {
        throw sdkError('AccessDeniedException', 400, 'not authorized to perform: dynamodb:Scan');
      },
    };
    const failure = await run(tables, { client: answering(tables.dynamodb, forbidden) }).catch(error => error);
    expect(failure)
      .to.have.property('message')
      .that.matches(/AccessDeniedException: not authorized.*Scan/);
  });

  describe('when it repairs', () => {
    it('leaves it to a person which of two features a client id shall have', async () => {
      const tables = await tablesWith({ features: [feature('a', 'f-1'), feature('a', 'f-2'), feature('b', 'f-3')] });
      const report = await run(tables, { repair: true });
      expect(report).to.include({ withoutMapping: 3, repairable: 1, repaired: 1 });
      expect(isConsistent(report)).to.equal(false);
      expect((await itemsOf(tables)).filter(item => item.includes('"f-1"') || item.includes('"f-2"'))).to.have.length(
        2,
      );
    });

    /** Answers the write of the mapping, however it is written. */
    const atWrite = (answer: (ask: () => Promise<unknown>) => Promise<unknown>): Instead => ({
      BatchExecuteStatementCommand: (_, ask) => answer(ask),
      PutItemCommand: (_, ask) => answer(ask),
    });

    for (const backend of storeBackends()) {
      it(`lets a worker win that has just minted another id, on ${backend.name}`, async () => {
        const tables = await tablesWith({ features: [feature('a', 'f-a')] }, backend);
        const race = atWrite(async ask => {
          await put(tables, { mappings: [mapping('a', 'f-worker')] });
          return ask();
        });
        const report = await run(tables, { repair: true, client: answering(tables.dynamodb, race) });
        expect(report).to.include({ repairable: 1, repaired: 0 });
        expect(isConsistent(report)).to.equal(false);
        expect(await run(tables)).to.include({ withoutMapping: 0, storedTwice: 1 });
      });

      it(`counts a mapping whose answer got lost, on ${backend.name}`, async () => {
        const tables = await tablesWith({ features: [feature('a', 'f-a')] }, backend);
        let writes = 0;
        const lossy = atWrite(async ask => {
          const answer = await ask();
          if (writes++ === 0) throw noAnswer('ECONNRESET');
          return answer;
        });
        const report = await run(tables, { repair: true, client: answering(tables.dynamodb, lossy) });
        expect(report).to.include({ repaired: 1 });
        expect(isConsistent(report)).to.equal(true);
        expect(await run(tables)).to.include({ consistent: 1, withoutMapping: 0 });
      });
    }

    it('tells ids that came twice from those that came once, however many', () => {
      const ids = collectRepeated();
      for (let i = 0; i < 5_000; i++) ids.add(`id ${i}`);
      for (let i = 0; i < 5_000; i += 1_000) for (let n = 0; n <= i / 1_000; n++) ids.add(`id ${i + 1}`);
      expect(ids.once()).to.equal(4_995);
      const repeated = Array.from({ length: 5_000 }, (_, i) => i).filter(i => ids.isRepeated(`id ${i}`));
      expect(repeated).to.deep.equal([1, 1_001, 2_001, 3_001, 4_001]);
    });
  });

  it('fits 80 columns with its table, says what to do, and lets no control character through', async () => {
    const stored = {
      mappings: [mapping('late', 'f-late'), mapping('x', 'f-b'), mapping('\u001b[2J', 'f')],
      features: [feature('b', 'f-b'), feature('c', 'f-c'), feature('c', 'f-d'), feature('e', 'f-e')],
    };
    const text = renderAudit(await run(await tablesWith(stored)), { olderThan: '15 minutes' });
    expect(text).not.to.include('\u001b[2J');
    const lines = stripVTControlCharacters(text).split('\n');
    expect(lines.filter(line => / {2}\d+$/.test(line) && line.length > 80)).to.deep.equal([]);
    expect(text)
      .to.match(/half done for more than 15 minutes/)
      .and.match(/`onefold audit --repair` gives 2 of them/);
    expect(text)
      .to.match(/2 share a client id/)
      .and.match(/not consistent/);
  });

  describe('as a command', () => {
    it('exits 1 and lists what is not consistent, 0 when the repair has mended it all', async () => {
      const tables = await tablesWith({ features: [feature('a', 'f-a')] });
      const env = workerEnv(tables, await freshQueue(anyQueue()));
      const found = await onefold(['audit', '--json'], env);
      expect(found.code).to.equal(1);
      expect(JSON.parse(found.out)).to.include({ features: 1, withoutMapping: 1, repaired: 0 });
      const repaired = await onefold(['audit', '--repair'], env);
      expect(repaired.out).to.match(/repaired.* 1\n/);
      expect(repaired.code).to.equal(0);
    });

    it('exits 2 when there is no such table', async () => {
      const tables = await tablesWith({});
      const env = workerEnv(tables, await freshQueue(anyQueue()));
      const { code, err } = await onefold(['audit'], { ...env, ONEFOLD_FEATURES_TABLE: 'no-such-table' });
      expect(code).to.equal(2);
      expect(err).to.match(/^error: there is no table no-such-table\nhint: /);
    });
  });
});
