import { stripVTControlCharacters } from 'node:util';
import { type AttributeValue, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { expect } from 'chai';
import { nanoid } from 'nanoid';
import { systemClock as clock } from '../../src/clock.ts';
import { isCanaryId } from '../../src/doctor/canary.ts';
import { type Examined, failure } from '../../src/doctor/check.ts';
import { examineAll } from '../../src/doctor/doctor.ts';
import { renderExamination } from '../../src/doctor/show.ts';
import { parse } from '../../src/pipeline/message.ts';
import {
  anyQueue,
  anyStore,
  freshQueue,
  freshTables,
  queueBackends,
  storeBackends,
  type TestQueue,
  type TestTables,
  workerEnv,
} from '../backends.ts';
import { onefold } from '../command.ts';
import { noAnswer, sdkError } from '../queue/scripted-sqs.ts';
import { counts, message, send, storedIn, takeAll } from '../stored.ts';
import { answering, type Instead } from './answering.ts';

interface Changes {
  queue?: TestQueue;
  tables?: TestTables;
  drainSeconds?: number;
}

describe('doctor', () => {
  let tables: TestTables;
  let queue: TestQueue;

  before(async () => {
    tables = await freshTables(anyStore());
    queue = await freshQueue(anyQueue());
  });

  /** Every result, with some answers of SQS and DynamoDB replaced. */
  async function examine(instead: Instead = {}, changes: Changes = {}): Promise<Examined[]> {
    const { drainSeconds = 25 } = changes;
    const [on, into] = [changes.queue ?? queue, changes.tables ?? tables];
    return examineAll({
      sqs: answering(on.sqs, instead),
      dynamodb: answering(into.dynamodb, instead),
      config: { ...into, queueUrl: on.queueUrl, drainSeconds },
      clock,
      mint: nanoid,
    });
  }

  for (const store of storeBackends()) {
    it(`finds nothing wrong with what setup makes, on ${store.name}`, async () => {
      const own = await freshTables(store);
      expect(notOk(await examine({}, { tables: own }))).to.deep.equal([]);
      expect((await storedIn(own)).mappings.size).to.equal(0);
    });
  }

  for (const backend of queueBackends()) {
    for (const fifo of [false, true]) {
      it(`receives nothing and sends nothing, on ${backend.name}${fifo ? ', FIFO' : ''}`, async () => {
        const own = await freshQueue(backend, { fifo });
        await send(own, [message('waiting')], fifo ? 'group' : undefined);
        expect(notOk(await examine({}, { queue: own }))).to.deep.equal([]);
        expect(await counts(own, own.deadLetterQueueUrl)).to.deep.equal({ visible: 0, hidden: 0 });
        const [waiting] = await takeAll(own, own.queueUrl);
        expect(waiting?.Attributes).to.include({ ApproximateReceiveCount: '1' });
      });
    }
  }

  /** The attributes of the queue or, if `which` says so, of its dead-letter queue. */
  const attributes = (which: 'queue' | 'letters', changed: Record<string, unknown>): Instead => ({
    GetQueueAttributesCommand: async ({ QueueUrl }, ask) => {
      const { Attributes } = await ask();
      const meant = QueueUrl === (which === 'queue' ? queue.queueUrl : queue.deadLetterQueueUrl);
      return { Attributes: meant ? { ...Attributes, ...changed } : Attributes };
    },
  });
  const receives = (maxReceiveCount: number): Instead => ({
    GetQueueAttributesCommand: async (_, ask) => {
      const { Attributes } = await ask();
      const { RedrivePolicy } = Attributes;
      if (!RedrivePolicy) return { Attributes };
      return { Attributes: { ...Attributes, RedrivePolicy: RedrivePolicy.replace('10', String(maxReceiveCount)) } };
    },
  });
  const featuresTable = (changed: object): Instead => ({
    DescribeTableCommand: async ({ TableName }, ask) => {
      const { Table } = await ask();
      return { Table: TableName === tables.featuresTable ? { ...Table, ...changed } : Table };
    },
  });
  const refusing = (command: string, name: string, status = 400): Instead => ({
    [command]: () => {
      throw sdkError(name, status);
    },
  });

  const expiry = (TimeToLiveStatus: string): Instead => ({
    DescribeTimeToLiveCommand: ({ TableName }) => ({
      TimeToLiveDescription: { TimeToLiveStatus: TableName === tables.featuresTable ? 'DISABLED' : TimeToLiveStatus },
    }),
  });
  const recovery = (PointInTimeRecoveryStatus: string): Instead => ({
    DescribeContinuousBackupsCommand: () => ({
      ContinuousBackupsDescription: { PointInTimeRecoveryDescription: { PointInTimeRecoveryStatus } },
    }),
  });

  type Case = [what: string, check: string, status: Examined['status'], told: RegExp, instead: Instead, drain?: number];
  const cases: Case[] = [
    ['a single receive', 'tries', 'failure', /maxReceiveCount is 1/, receives(1)],
    ['too few receives', 'tries', 'warning', /only 3 tries over about 3 seconds/, receives(3)],
    [
      'a dead-letter queue of another account',
      'dead-letter queue',
      'failure',
      /999999999999/,
      attributes('letters', { QueueArn: 'arn:aws:sqs:us-east-1:999999999999:elsewhere' }),
    ],
    [
      'a FIFO dead-letter queue of a standard queue',
      'dead-letter queue',
      'failure',
      /the queue is standard and its/,
      attributes('letters', { FifoQueue: 'true' }),
    ],
    [
      'dead letters that move on',
      'dead-letter queue',
      'warning',
      /redrive policy of its own/,
      attributes('letters', { RedrivePolicy: '{}' }),
    ],
    [
      'dead letters that go before the messages do',
      'retention',
      'failure',
      /14 days in the queue, 4 days as a dead letter/,
      attributes('letters', { MessageRetentionPeriod: '345600' }),
    ],
    [
      'messages that do not outlast a night',
      'retention',
      'warning',
      /^1 hour in the queue/,
      attributes('queue', { MessageRetentionPeriod: '3600' }),
    ],
    [
      'a dead-letter queue that takes less than its queue',
      'message size',
      'failure',
      /1048576 bytes and the dead-letter queue 262144/,
      attributes('letters', { MaximumMessageSize: '262144' }),
    ],
    [
      'a short visibility',
      'visibility',
      'warning',
      /^10 s: one slow/,
      attributes('queue', { VisibilityTimeout: '10' }),
    ],
    ['a drain that outlasts the visibility', 'visibility', 'warning', /^60 s, .* hold messages for 90 s/, {}, 90],
    ['a visibility of hours', 'visibility', 'warning', /^2 hours/, attributes('queue', { VisibilityTimeout: '7200' })],
    [
      'no sqs:DeleteMessage',
      'may delete',
      'failure',
      /Denied/,
      refusing('DeleteMessageBatchCommand', 'AccessDenied', 403),
    ],
    [
      'no sqs:ChangeMessageVisibility',
      'may postpone',
      'failure',
      /Denied/,
      refusing('ChangeMessageVisibilityBatchCommand', 'AccessDenied', 403),
    ],
    ['no sqs:SendMessage', 'may park', 'failure', /Denied/, refusing('SendMessageBatchCommand', 'AccessDenied', 403)],
    [
      'an SQS that takes what it should refuse',
      'may park',
      'warning',
      /m-1 is a dead letter now/,
      { SendMessageBatchCommand: () => ({ Successful: [{ MessageId: 'm-1' }] }) },
    ],
    ['mappings that expire', 'expiry', 'failure', /items of \S*ids-\S* expire/, expiry('ENABLED')],
    ['mappings that will expire', 'expiry', 'failure', /expire/, expiry('ENABLING')],
    ['no point-in-time recovery', 'recovery', 'warning', /^no point-in-time recovery for/, recovery('DISABLED')],
    [
      'what only this check may not do',
      'recovery',
      'warning',
      /not checked: AccessDenied/,
      refusing('DescribeContinuousBackupsCommand', 'AccessDeniedException'),
    ],
    [
      'tables that are open to deletion',
      'deletion',
      'warning',
      /would delete/,
      featuresTable({ DeletionProtectionEnabled: false }),
    ],
    [
      'replicas',
      'replicas',
      'warning',
      /two Regions can both create/,
      featuresTable({ Replicas: [{ RegionName: 'eu-west-1' }] }),
    ],
    [
      'a table that cannot be used now',
      'features table',
      'failure',
      /ARCHIVED/,
      featuresTable({ TableStatus: 'ARCHIVED' }),
    ],
    ['no BatchGetItem', 'may read', 'failure', /Denied/, refusing('BatchGetItemCommand', 'AccessDeniedException')],
    ['no GetItem', 'may read', 'failure', /Denied/, refusing('GetItemCommand', 'AccessDeniedException')],
    ['no PutItem', 'may write', 'failure', /Denied/, refusing('PutItemCommand', 'AccessDeniedException')],
  ];

  for (const [what, check, status, told, instead, drainSeconds = 25] of cases) {
    it(`calls ${what} a ${status}, and nothing else`, async () => {
      const examined = await examine(instead, { drainSeconds });
      const result = examined.find(({ name }) => name === check);
      expect(result?.status).to.equal(status);
      expect(result?.detail).to.match(told);
      expect(result).to.have.property('hint').that.is.a('string');
      // What may not read or write cannot try it out either.
      expect(notOk(examined).filter(({ name }) => name !== check && name !== 'create once')).to.deep.equal([]);
    });
  }

  it('takes replicas of global tables that are strongly consistent for one store', async () => {
    const replicated = featuresTable({ Replicas: [{ RegionName: 'eu-west-1' }], MultiRegionConsistency: 'STRONG' });
    expect(notOk(await examine(replicated))).to.deep.equal([]);
  });

  describe('where something cannot be looked at', () => {
    const statuses = (examined: Examined[]) => Object.fromEntries(examined.map(({ name, status }) => [name, status]));

    it('checks everything else when a table is missing, and what needs both is skipped', async () => {
      const examined = await examine({}, { tables: { ...tables, featuresTable: 'no-such-table' } });
      expect(statuses(notOk(examined))).to.deep.equal({
        'features table': 'failure',
        'may read': 'skipped',
        'may write': 'skipped',
      });
    });

    it('looks at the settings of a queue without a redrive policy', async () => {
      const examined = await examine(attributes('queue', { RedrivePolicy: undefined, VisibilityTimeout: '5' }));
      expect(statuses(notOk(examined))).to.deep.equal({
        queue: 'failure',
        'dead-letter queue': 'skipped',
        tries: 'failure',
        retention: 'skipped',
        'message size': 'skipped',
        visibility: 'warning',
        'may park': 'skipped',
      });
    });

    it('reports once that SQS does not answer, and checks the tables', async () => {
      const silent = () => {
        throw noAnswer();
      };
      const examined = await examine({
        GetQueueAttributesCommand: silent,
        DeleteMessageBatchCommand: silent,
        ChangeMessageVisibilityBatchCommand: silent,
      });
      const failures = examined.filter(({ status }) => status === 'failure');
      expect(failures.map(({ detail }) => detail)).to.deep.equal([
        'SQS does not answer (Error: connect ECONNREFUSED 127.0.0.1:1)',
      ]);
      expect(statuses(examined)).to.include({ 'may delete': 'skipped', 'create once': 'ok' });
    });
  });

  describe('the store’s INSERT', () => {
    const resultOf = (examined: Examined[]) => examined.find(({ name }) => name === 'create once');

    type Canary = Record<string, AttributeValue>;
    /** Answers the second of the writes that must not both succeed, however it is written. */
    function atSecondWrite(answer: (canary: Canary, ask: () => Promise<unknown>) => unknown): Instead {
      let writes = 0;
      const write = (item: Canary, ask: () => Promise<unknown>) =>
        isCanaryId(item.clientFeatureId?.S ?? '') && ++writes === 2 ? answer(item, ask) : ask();
      return {
        BatchExecuteStatementCommand: ({ Statements }, ask) => {
          const [clientFeatureId, featureId, createdAt] = Statements[0].Parameters;
          return write({ clientFeatureId, featureId, createdAt }, ask);
        },
        PutItemCommand: ({ Item }, ask) => write(Item, ask),
      };
    }
    const yes = { Responses: [{}] };

    for (const store of storeBackends()) {
      it(`is caught overwriting, with a yes or a no, or saying yes to what it refuses, on ${store.name}`, async () => {
        const own = await freshTables(store);
        const overwrite = (Item: Canary) =>
          own.dynamodb.send(new PutItemCommand({ TableName: own.idempotencyTable, Item }));
        const told = async (instead: Instead) => resultOf(await examine(instead, { tables: own }));

        // As moto does.
        const silently = await told(atSecondWrite(canary => overwrite(canary).then(() => yes)));
        expect(silently).to.include({ status: 'failure' });
        expect(silently?.detail).to.match(/overwrote a key that exists/);
        const refusing = await told(atSecondWrite((canary, ask) => ask().finally(() => overwrite(canary))));
        expect(refusing?.detail).to.match(/overwrote a key that exists/);
        const lying = await told(atSecondWrite(() => yes));
        expect(lying?.detail).to.match(/did not refuse a key that exists/);
        expect((await storedIn(own)).mappings.size).to.equal(0);
      });
    }

    it('is tried without DeleteItem too, and what stays is no client id of a message', async () => {
      const own = await freshTables(anyStore());
      const result = resultOf(await examine(refusing('DeleteItemCommand', 'AccessDeniedException'), { tables: own }));
      expect(result).to.include({ status: 'ok' });
      expect(result?.detail).to.match(/stays: no DeleteItem/);
      const [clientFeatureId = ''] = (await storedIn(own)).mappings.keys();
      expect(parse(message(clientFeatureId))).to.include({ ok: false });
    });
  });

  it('fits a terminal of 80 columns, breaks no lines elsewhere, and lets no control character through', async () => {
    const examined = [...(await examine(receives(1))), { name: 'x', ...failure('\u001b[2J'.repeat(40), 'y') }];
    const lines = stripVTControlCharacters(renderExamination(examined, 80)).split('\n');
    expect(Math.max(...lines.map(({ length }) => length))).to.be.at.most(80);
    expect(lines.filter(line => line.endsWith(' '))).to.deep.equal([]);
    expect(lines.join(' ').replaceAll(/ +/g, ' ')).to.include('hint: set maxReceiveCount to 10');
    expect(renderExamination(examined, undefined)).to.include('\\u001b[2J'.repeat(40)).and.not.include('\u001b[2J');
  });

  describe('as a command', () => {
    it('exits 0 when all is well, and prints one object with --json', async () => {
      const { code, out } = await onefold(['doctor', '--json'], workerEnv(tables, queue));
      const { healthy, checks } = JSON.parse(out);
      expect(notOk(checks)).to.deep.equal([]);
      expect(healthy).to.equal(true);
      expect(code).to.equal(0);
    });

    it('exits 1 when a check fails, and 2 when the configuration cannot be read', async () => {
      const [failing, unreadable] = await Promise.all([
        onefold(['doctor'], { ...workerEnv(tables, queue), ONEFOLD_FEATURES_TABLE: 'no-such-table' }),
        onefold(['doctor'], { ONEFOLD_POLLERS: '0' }),
      ]);
      expect(failing.code).to.equal(1);
      expect(failing.out).to.match(/failure {2}features table {5}there is no table no-such-table\n/);
      expect(failing.out).to.match(/✘ 1 failure: /);
      expect(unreadable.code).to.equal(2);
    });
  });
});

const notOk = (examined: Examined[]) => examined.filter(({ status }) => status !== 'ok');
