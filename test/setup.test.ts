import {
  ContinuousBackupsUnavailableException,
  CreateTableCommand,
  DescribeTableCommand,
  type DynamoDBClient,
  DynamoDBServiceException,
  ResourceNotFoundException,
  UpdateContinuousBackupsCommand,
} from '@aws-sdk/client-dynamodb';
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  QueueDoesNotExist,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { expect } from 'chai';
import { systemClock } from '../src/clock.ts';
import { OperatorMistake } from '../src/errors.ts';
import { type SetupReport, type SetupSteps, setUp } from '../src/setup/setup.ts';
import { setUpTables } from '../src/setup/tables.ts';
import { anyQueue, anyStore, dynamodbClient, queueBackends, sqsClient, storeBackends, uniqueName } from './backends.ts';

const DAYS_14 = '1209600';

describe('setup', () => {
  for (const backend of queueBackends()) {
    describe(`on ${backend.name}`, () => {
      it('creates a queue that ends in a dead-letter queue, both keeping messages for 14 days', async () => {
        const { sqs, dynamodb, names } = await targets({ queue: backend });
        const report = await setUp({ sqs, dynamodb, ...names });

        const queue = await attributesOf(sqs, report.queueUrl);
        const deadLetters = await attributesOf(sqs, report.deadLetterQueueUrl);
        expect(queue).to.include({ VisibilityTimeout: '60', MessageRetentionPeriod: DAYS_14 });
        expect(deadLetters).to.include({ MessageRetentionPeriod: DAYS_14 });
        expect(deadLetters.QueueArn).to.match(new RegExp(`:${names.queueName}-dlq$`));
        expect(redrivePolicy(queue)).to.deep.equal({ deadLetterTargetArn: deadLetters.QueueArn, maxReceiveCount: 10 });
        expect(report.created).to.have.members(everythingOf(names));
        expect(report.existed).to.deep.equal([]);
      });

      it('makes both queues FIFO when the name ends in .fifo', async () => {
        const { sqs, dynamodb, names } = await targets({ queue: backend });
        const report = await setUp({ sqs, dynamodb, ...names, queueName: `${names.queueName}.fifo` });

        expect(await attributesOf(sqs, report.queueUrl)).to.include({ FifoQueue: 'true' });
        const deadLetters = await attributesOf(sqs, report.deadLetterQueueUrl);
        expect(deadLetters).to.include({ FifoQueue: 'true' });
        expect(deadLetters.QueueArn).to.match(/-dlq\.fifo$/);
      });

      it('gives an existing queue the redrive policy it lacks, keeps its other settings and says so', async () => {
        const { sqs, dynamodb, names } = await targets({ queue: backend });
        const Attributes = { VisibilityTimeout: '7' };
        await sqs.send(new CreateQueueCommand({ QueueName: names.queueName, Attributes }));
        const report = await setUp({ sqs, dynamodb, ...names });

        const queue = await attributesOf(sqs, report.queueUrl);
        expect(queue).to.include({ VisibilityTimeout: '7', MessageRetentionPeriod: '345600' });
        expect(redrivePolicy(queue).deadLetterTargetArn).to.match(new RegExp(`:${names.queueName}-dlq$`));
        expect(report.existed).to.deep.equal([`queue ${names.queueName}`]);
        expect(report.notes).to.include.members([
          `queue ${names.queueName} keeps its visibility timeout of 7 s, not 60 s`,
          `queue ${names.queueName} keeps its retention of 345600 s, not 1209600 s`,
          `queue ${names.queueName} had no redrive policy: it now ends in ${names.queueName}-dlq`,
        ]);
      });

      it('keeps a redrive policy that leads elsewhere, and creates no second dead-letter queue', async () => {
        const { sqs, dynamodb, names } = await targets({ queue: backend });
        const { QueueUrl: url = '' } = await sqs.send(new CreateQueueCommand({ QueueName: uniqueName('elsewhere') }));
        const deadLetterTargetArn = (await attributesOf(sqs, url)).QueueArn;
        const RedrivePolicy = JSON.stringify({ deadLetterTargetArn, maxReceiveCount: 3 });
        await sqs.send(new CreateQueueCommand({ QueueName: names.queueName, Attributes: { RedrivePolicy } }));
        const report = await setUp({ sqs, dynamodb, ...names });

        expect(redrivePolicy(await attributesOf(sqs, report.queueUrl))).to.include({ deadLetterTargetArn });
        expect((await attributesOf(sqs, report.deadLetterQueueUrl)).QueueArn).to.equal(deadLetterTargetArn);
        expect(report.notes).to.include(`queue ${names.queueName} keeps its maxReceiveCount of 3, not 10`);
        expect(await exists(sqs, `${names.queueName}-dlq`)).to.equal(false);
      });

      it('takes the queue by its URL, and refuses the URL of another account', async () => {
        const { sqs, dynamodb, names } = await targets({ queue: backend });
        const { queueUrl } = await setUp({ sqs, dynamodb, ...names });
        const { queueName, ...tables } = names;

        const again = await setUp({ sqs, dynamodb, queueUrl, ...tables });
        expect(again).to.include({ queueUrl });
        expect(again.created).to.deep.equal([]);
        const elsewhere = `https://sqs.us-east-1.amazonaws.com/123456789012/${queueName}`;
        const refusal = await failureOf(setUp({ sqs, dynamodb, queueUrl: elsewhere, ...tables }));
        expect(refusal).to.be.instanceOf(OperatorMistake).with.property('message').which.includes(elsewhere);
      });
    });
  }

  for (const backend of storeBackends().filter(differentStores)) {
    describe(`on ${backend.name}`, () => {
      it('creates both tables with their keys, billed on demand, and says what this backend cannot protect', async () => {
        const { sqs, dynamodb, names } = await targets({ store: backend });
        const report = await setUp({ sqs, dynamodb, ...names });

        const mappings = await tableOf(dynamodb, names.idempotencyTable);
        const features = await tableOf(dynamodb, names.featuresTable);
        expect(mappings?.KeySchema).to.deep.equal([{ AttributeName: 'clientFeatureId', KeyType: 'HASH' }]);
        expect(features?.KeySchema).to.deep.equal([{ AttributeName: 'featureId', KeyType: 'HASH' }]);
        for (const table of [mappings, features]) {
          expect(table?.TableStatus).to.equal('ACTIVE');
          expect(table?.BillingModeSummary?.BillingMode).to.equal('PAY_PER_REQUEST');
          const unprotected = report.notes.includes('this DynamoDB knows no deletion protection');
          expect(table?.DeletionProtectionEnabled).to.equal(unprotected ? undefined : true);
        }
      });

      it('changes nothing when it runs again', async () => {
        const { sqs, dynamodb, names } = await targets({ store: backend });
        const first = await setUp({ sqs, dynamodb, ...names });
        const before = await stateOf(sqs, dynamodb, first, names);
        const second = await setUp({ sqs, dynamodb, ...names });

        expect(second.created).to.deep.equal([]);
        expect(second.existed).to.have.members(everythingOf(names));
        expect(second.notes).to.deep.equal(first.notes);
        expect(await stateOf(sqs, dynamodb, second, names)).to.deep.equal(before);
      });

      it('creates each thing once when four setups run at once', async () => {
        const { sqs, dynamodb, names } = await targets({ store: backend });
        const reports = await Promise.all([1, 2, 3, 4].map(() => setUp({ sqs, dynamodb, ...names })));

        const tables = reports.flatMap(({ created }) => created.filter(thing => thing.startsWith('table')));
        expect(tables).to.have.members(everythingOf(names).filter(thing => thing.startsWith('table')));
        expect(new Set(reports.map(({ queueUrl }) => queueUrl)).size).to.equal(1);
        for (const { created, existed } of reports)
          expect([...created, ...existed]).to.have.members(everythingOf(names));
      });

      it('refuses a table of another shape and touches nothing', async () => {
        const { sqs, dynamodb, names } = await targets({ store: backend });
        const { featuresTable, idempotencyTable } = names;
        await dynamodb.send(
          new CreateTableCommand({
            TableName: featuresTable,
            KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
            AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'N' }],
            BillingMode: 'PAY_PER_REQUEST',
          }),
        );
        const refusal = await failureOf(setUp({ sqs, dynamodb, ...names }));

        expect(refusal).to.be.instanceOf(OperatorMistake);
        expect(refusal).to.have.property('message', wrongTable(featuresTable));
        expect(await tableOf(dynamodb, idempotencyTable)).to.equal(undefined);
        expect((await tableOf(dynamodb, featuresTable))?.DeletionProtectionEnabled).not.to.equal(true);
        expect(await exists(sqs, names.queueName)).to.equal(false);
      });
    });
  }

  describe('where DynamoDB knows point-in-time recovery', () => {
    it('asks again while the backups of a new table are being prepared', async () => {
      const { dynamodb, recovering } = dynamodbWithBackups([unavailable, unavailable]);
      const steps: SetupSteps = { created: [], existed: [], notes: [] };
      await setUpTables({ dynamodb, clock: withoutWaiting }, tableNames, steps);

      expect(recovering).to.deep.equal(['ids', 'features']);
      expect(steps.notes).to.deep.equal([]);
    });

    it('goes on, and says so, where it may not turn it on', async () => {
      const { dynamodb, recovering } = dynamodbWithBackups([forbidden]);
      const steps: SetupSteps = { created: [], existed: [], notes: [] };
      await setUpTables({ dynamodb, clock: withoutWaiting }, tableNames, steps);

      expect(recovering).to.deep.equal(['features']);
      expect(steps.notes).to.deep.equal([
        'point-in-time recovery is not on for table ids: no permission to turn it on',
      ]);
    });
  });
});

const tableNames = { idempotencyTable: 'ids', featuresTable: 'features' };
const withoutWaiting = { ...systemClock, sleep: async () => {} };
const unavailable = new ContinuousBackupsUnavailableException({ message: 'being enabled', $metadata: {} });
const forbidden = new DynamoDBServiceException({ name: 'AccessDeniedException', $fault: 'client', $metadata: {} });

/** No emulator has backups: active, protected tables whose recovery is turned on after the given failures. */
function dynamodbWithBackups(failures: Error[]) {
  const recovering: string[] = [];
  const keys: Record<string, string> = { ids: 'clientFeatureId', features: 'featureId' };
  const send = async (command: { input: { TableName: string } }) => {
    const { TableName } = command.input;
    const AttributeName = keys[TableName];
    if (command instanceof DescribeTableCommand) {
      const KeySchema = [{ AttributeName, KeyType: 'HASH' }];
      const AttributeDefinitions = [{ AttributeName, AttributeType: 'S' }];
      return { Table: { TableStatus: 'ACTIVE', DeletionProtectionEnabled: true, KeySchema, AttributeDefinitions } };
    }
    if (!(command instanceof UpdateContinuousBackupsCommand)) return {};
    const failure = failures.shift();
    if (failure) throw failure;
    recovering.push(TableName);
    return {};
  };
  return { dynamodb: { send } as unknown as DynamoDBClient, recovering };
}

interface Names {
  queueName: string;
  idempotencyTable: string;
  featuresTable: string;
}

async function targets({ store = anyStore(), queue = anyQueue() }) {
  const names: Names = {
    queueName: uniqueName('queue'),
    idempotencyTable: uniqueName('ids'),
    featuresTable: uniqueName('features'),
  };
  return { sqs: sqsClient(await queue.endpoint()), dynamodb: dynamodbClient(await store.endpoint()), names };
}

/** Setup does not ask how the worker will write. */
function differentStores(backend: { endpoint: unknown }, index: number, all: { endpoint: unknown }[]): boolean {
  return all.findIndex(({ endpoint }) => endpoint === backend.endpoint) === index;
}

const wrongTable = (table: string) =>
  `table ${table} has the key id (HASH, N), not featureId (HASH, S): it is some other table`;

const everythingOf = ({ queueName, idempotencyTable, featuresTable }: Names): string[] => [
  `queue ${queueName}-dlq`,
  `queue ${queueName}`,
  `table ${idempotencyTable}`,
  `table ${featuresTable}`,
];

async function stateOf(
  sqs: SQSClient,
  dynamodb: DynamoDBClient,
  report: SetupReport,
  names: Names,
): Promise<unknown[]> {
  return [
    await attributesOf(sqs, report.queueUrl),
    await attributesOf(sqs, report.deadLetterQueueUrl),
    await tableOf(dynamodb, names.idempotencyTable),
    await tableOf(dynamodb, names.featuresTable),
  ];
}

async function attributesOf(sqs: SQSClient, QueueUrl: string) {
  const { Attributes = {} } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
  return Attributes;
}

const redrivePolicy = ({ RedrivePolicy = '{}' }) => JSON.parse(RedrivePolicy);

async function exists(sqs: SQSClient, QueueName: string): Promise<boolean> {
  const failure = await failureOf(sqs.send(new GetQueueUrlCommand({ QueueName })));
  if (failure && !(failure instanceof QueueDoesNotExist)) throw failure;
  return failure === undefined;
}

async function tableOf(dynamodb: DynamoDBClient, TableName: string) {
  try {
    return (await dynamodb.send(new DescribeTableCommand({ TableName }))).Table;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}

const failureOf = (promise: Promise<unknown>): Promise<unknown> => promise.then(() => undefined).catch(error => error);
