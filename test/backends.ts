import {
  DeleteTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  paginateListTables,
  UpdateTableCommand,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import { DeleteQueueCommand, paginateListQueues, SQSClient } from '@aws-sdk/client-sqs';
import { nanoid } from 'nanoid';
import { systemClock } from '../src/clock.ts';
import { backendsEnvironment } from '../src/local/backends.ts';
import { startDynalite } from '../src/local/dynalite.ts';
import { findDynoxide, startDynoxide } from '../src/local/dynoxide.ts';
import { startFauxqs } from '../src/local/fauxqs.ts';
import { setUpQueues } from '../src/setup/queues.ts';
import { setUpTables } from '../src/setup/tables.ts';
import { PATIENCE } from './patience.ts';

/**
 * The backends that the suites run over: those that AWS_ENDPOINT_URL_DYNAMODB and AWS_ENDPOINT_URL_SQS name, else the
 * embedded ones, in memory. An emulator starts when the first test asks for it, and ends with mocha.
 */
export interface StoreBackend {
  name: string;
  writes: 'batch' | 'single';
  endpoint(): Promise<string>;
}

export interface QueueBackend {
  name: string;
  endpoint(): Promise<string>;
}

export interface TestTables {
  dynamodb: DynamoDBClient;
  endpoint: string;
  writes: 'batch' | 'single';
  idempotencyTable: string;
  featuresTable: string;
}

export interface TestQueue {
  sqs: SQSClient;
  endpoint: string;
  queueUrl: string;
  deadLetterQueueUrl: string;
}

interface Emulator {
  endpoint: string;
  stop(): Promise<void>;
}

const given = {
  dynamodb: process.env.AWS_ENDPOINT_URL_DYNAMODB,
  sqs: process.env.AWS_ENDPOINT_URL_SQS,
  writes: process.env.ONEFOLD_WRITES,
};

/** Mocha's parallel mode ends the suite's run, and so these, after each file. */
const running = new Map<() => Promise<Emulator>, Promise<Emulator>>();
/** Of this run alone: what bears it is deleted from given backends at the end. */
const prefix = `onefold-test-${nanoid(6)}-`;
const dynamodbClients = new Map<string, DynamoDBClient>();
const sqsClients = new Map<string, SQSClient>();

const binary = findDynoxide();
const dynoxide = lazily(() => startDynoxide({ binary: binary ?? 'dynoxide' }));
const dynalite = lazily(() => startDynalite({}));
const fauxqs = lazily(() => startFauxqs({}));

/** Every way of writing to every store: the store's suite runs once over each. */
export function storeBackends(): StoreBackend[] {
  const { dynamodb } = given;
  if (dynamodb) {
    const ways: StoreBackend['writes'][] = given.writes === 'single' ? ['single'] : ['batch', 'single'];
    const endpoint = async () => dynamodb;
    return ways.map(writes => ({ name: `${dynamodb}, ${writes} writes`, writes, endpoint }));
  }
  const everywhere: StoreBackend = { name: 'dynalite, single writes', writes: 'single', endpoint: dynalite };
  if (!binary) return [everywhere];
  return [
    { name: 'dynoxide, batch writes', writes: 'batch', endpoint: dynoxide },
    { name: 'dynoxide, single writes', writes: 'single', endpoint: dynoxide },
    everywhere,
  ];
}

export function queueBackends(): QueueBackend[] {
  const { sqs } = given;
  return sqs ? [{ name: sqs, endpoint: async () => sqs }] : [{ name: 'fauxqs', endpoint: fauxqs }];
}

/** For tests that need one store, whichever: the first. */
export function anyStore(): StoreBackend {
  return first(storeBackends());
}

export function anyQueue(): QueueBackend {
  return first(queueBackends());
}

/** Both tables, under names of their own. */
export async function freshTables(backend: StoreBackend): Promise<TestTables> {
  const endpoint = await backend.endpoint();
  const dynamodb = dynamodbClient(endpoint);
  const names = { idempotencyTable: uniqueName('ids'), featuresTable: uniqueName('features') };
  await setUpTables({ dynamodb, clock: systemClock }, names, { created: [], existed: [], notes: [] });
  return { dynamodb, endpoint, writes: backend.writes, ...names };
}

/** A queue and its dead-letter queue; visibility 60 s and ten receives unless said otherwise. */
export async function freshQueue(
  backend: QueueBackend,
  options: { fifo?: boolean; visibilitySeconds?: number; maxReceiveCount?: number } = {},
): Promise<TestQueue> {
  const { fifo = false, visibilitySeconds = 60, maxReceiveCount = 10 } = options;
  const endpoint = await backend.endpoint();
  const sqs = sqsClient(endpoint);
  const queueName = uniqueName('queue') + (fifo ? '.fifo' : '');
  const urls = await setUpQueues(
    sqs,
    { queueName, visibilitySeconds, maxReceiveCount },
    { created: [], existed: [], notes: [] },
  );
  return { sqs, endpoint, ...urls };
}

/** For a worker, or another command, as a process of its own. */
export function workerEnv(tables: TestTables, queue: TestQueue): Record<string, string> {
  return {
    ...backendsEnvironment({
      sqsEndpoint: queue.endpoint,
      dynamodbEndpoint: tables.endpoint,
      writes: tables.writes,
    }),
    ...(given.dynamodb || given.sqs ? credentialsOf(process.env) : {}),
    ONEFOLD_QUEUE_URL: queue.queueUrl,
    ONEFOLD_IDEMPOTENCY_TABLE: tables.idempotencyTable,
    ONEFOLD_FEATURES_TABLE: tables.featuresTable,
    ONEFOLD_WRITES: tables.writes,
    ONEFOLD_ADMIN_PORT: '0',
  };
}

/** Shared by all tests of one endpoint; destroyed at the end. */
export function dynamodbClient(endpoint: string): DynamoDBClient {
  const client = dynamodbClients.get(endpoint) ?? new DynamoDBClient({ endpoint, ...accessTo(given.dynamodb) });
  dynamodbClients.set(endpoint, client);
  return client;
}

export function sqsClient(endpoint: string): SQSClient {
  const options = { endpoint, useQueueUrlAsEndpoint: false, ...accessTo(given.sqs) };
  const client = sqsClients.get(endpoint) ?? new SQSClient(options);
  sqsClients.set(endpoint, client);
  return client;
}

/** No two tests share a table or a queue. */
export function uniqueName(what: string): string {
  return `${prefix}${what}-${nanoid(6)}`;
}

export const mochaHooks = {
  beforeEach(this: Mocha.Context): void {
    const { currentTest } = this;
    currentTest?.timeout(currentTest.timeout() * PATIENCE);
  },
  async afterAll(): Promise<void> {
    if (given.dynamodb) await dropTables(dynamodbClient(given.dynamodb));
    if (given.sqs) await dropQueues(sqsClient(given.sqs));
    for (const clients of [dynamodbClients, sqsClients]) {
      for (const client of clients.values()) client.destroy();
      clients.clear();
    }
    await Promise.all([...running.values()].map(async emulator => (await emulator).stop()));
    running.clear();
  },
};

function lazily(start: () => Promise<Emulator>): () => Promise<string> {
  return async () => {
    const emulator = running.get(start) ?? start();
    running.set(start, emulator);
    return (await emulator).endpoint;
  };
}

/** The embedded backends take any key; a given one gets what the SDK finds in the environment. */
function accessTo(endpoint: string | undefined) {
  return endpoint ? {} : { region: 'us-east-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };
}

function credentialsOf(env: NodeJS.ProcessEnv): Record<string, string> {
  const names = ['AWS_REGION', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN', 'AWS_PROFILE'];
  return Object.fromEntries(names.flatMap(name => (env[name] === undefined ? [] : [[name, env[name]]])));
}

async function dropTables(dynamodb: DynamoDBClient): Promise<void> {
  for await (const { TableNames = [] } of paginateListTables({ client: dynamodb }, {})) {
    for (const TableName of TableNames.filter(name => name.startsWith(prefix))) {
      const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName }));
      const DeletionProtectionEnabled = false;
      if (Table?.DeletionProtectionEnabled) {
        await dynamodb.send(new UpdateTableCommand({ TableName, DeletionProtectionEnabled }));
        await waitUntilTableExists({ client: dynamodb, maxWaitTime: 60 }, { TableName });
      }
      await dynamodb.send(new DeleteTableCommand({ TableName }));
    }
  }
}

async function dropQueues(sqs: SQSClient): Promise<void> {
  for await (const { QueueUrls = [] } of paginateListQueues(
    { client: sqs },
    { QueueNamePrefix: prefix, MaxResults: 100 },
  )) {
    for (const QueueUrl of QueueUrls) await sqs.send(new DeleteQueueCommand({ QueueUrl }));
  }
}

function first<T>([backend]: T[]): T {
  if (backend === undefined) throw new Error('no backend to test against');
  return backend;
}
