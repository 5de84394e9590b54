import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { type Clock, systemClock } from '../clock.ts';
import { BackendUnreachable, OperatorMistake } from '../errors.ts';
import { isTransient } from '../queue/transient.ts';
import { setUpQueues } from './queues.ts';
import { setUpTables } from './tables.ts';

export type SetupOptions = SetupSettings & ({ queueName: string } | { /** As the workers use it. */ queueUrl: string });

interface SetupSettings {
  sqs: SQSClient;
  dynamodb: DynamoDBClient;
  idempotencyTable: string;
  featuresTable: string;
  /** How long a receive hides a message; 60 by default. */
  visibilitySeconds?: number;
  /** Receives before SQS moves a message to the dead-letter queue; 10 by default. */
  maxReceiveCount?: number;
  clock?: Clock;
}

export interface SetupReport extends SetupSteps {
  queueUrl: string;
  deadLetterQueueUrl: string;
}

export interface SetupSteps {
  /** What was made, such as `queue onefold-dlq` or `table onefold-features`. */
  created: string[];
  existed: string[];
  /** One line each: settings that were kept or added, and what this backend cannot do. */
  notes: string[];
}

/**
 * Creates the queue, its dead-letter queue and both tables where they are missing, and waits until the tables can be
 * used. Safe to run again, and safe to run twice at once. What exists keeps its settings and is never emptied; the
 * only things added to it are a missing redrive policy, deletion protection and point-in-time recovery.
 * @throws BackendUnreachable when one of them does not answer
 * @throws OperatorMistake for a table of the wrong key schema, and for a queue URL of another account or Region
 */
export async function setUp(options: SetupOptions): Promise<SetupReport> {
  const { sqs, dynamodb, idempotencyTable, featuresTable } = options;
  const { visibilitySeconds = 60, maxReceiveCount = 10, clock = systemClock } = options;
  const given = 'queueUrl' in options ? options.queueUrl : undefined;
  const queueName = 'queueName' in options ? options.queueName : nameOf(options.queueUrl);
  const steps: SetupSteps = { created: [], existed: [], notes: [] };

  const names = { idempotencyTable, featuresTable };
  await setUpTables({ dynamodb, clock }, names, steps).catch(worthWaitingFor('DynamoDB'));
  const settings = { queueName, visibilitySeconds, maxReceiveCount };
  const found = await setUpQueues(sqs, settings, steps).catch(worthWaitingFor('SQS'));
  if (given) assertSameQueue(given, found.queueUrl);
  return { ...steps, ...found, queueUrl: given ?? found.queueUrl };
}

function worthWaitingFor(what: string) {
  return (error: unknown): never => {
    throw isTransient(error) ? new BackendUnreachable(what, { cause: error }) : error;
  };
}

const nameOf = (queueUrl: string): string => queueUrl.split('/').at(-1) ?? '';

/** Emulators answer with a host of their own, so hosts are compared only when the URL names one of AWS's. */
function assertSameQueue(given: string, found: string): void {
  const [wanted, got] = [new URL(given), new URL(found)];
  const owner = ({ pathname }: URL): string => pathname.split('/').slice(-2).join('/');
  const differs =
    owner(wanted) !== owner(got) || (/^sqs\..+\.amazonaws\./.test(wanted.host) && wanted.host !== got.host);
  if (!differs) return;
  throw new OperatorMistake(
    `the queue URL is ${given}, but with these credentials and this Region the queue is ${found}`,
    'correct ONEFOLD_QUEUE_URL, or AWS_REGION and the credentials',
  );
}
