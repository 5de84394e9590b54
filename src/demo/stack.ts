import {
  DeleteTableCommand,
  type DynamoDBClient,
  ResourceNotFoundException,
  UpdateTableCommand,
} from '@aws-sdk/client-dynamodb';
import { DeleteQueueCommand, ListQueuesCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { CommandFailed, OperatorMistake } from '../errors.ts';
import { createSqsClient } from '../queue/client.ts';
import { setUp } from '../setup/setup.ts';
import { createDynamoDBClient } from '../store/client.ts';
import type { TableNames } from '../store/tables.ts';
import { choosePlace, type Place } from './place.ts';

/**
 * How long a receive hides a message. The worker that is killed takes some with it, and they come back when this is
 * over: `setup` says 60 seconds, which would be most of the demo.
 */
export const VISIBILITY_SECONDS = 5;

/** Backends with a queue and tables for one run of the demo. */
export interface Stack {
  /** What a process needs in its environment to work on it. */
  env: Record<string, string>;
  sqs: SQSClient;
  dynamodb: DynamoDBClient;
  names: TableNames;
  queueUrl: string;
  deadLetterQueueUrl: string;
  /** Settles with the reason when a backend ended although nobody stopped it. */
  lost: Promise<string>;
  /** Stops what was started, and removes queues and tables where the backends live on. */
  tearDown(): Promise<void>;
}

/**
 * Makes a queue and tables on embedded backends, or on given ones. The SDK finds them through this process's environment.
 * @param what is to run there; it stands in the names on given backends
 * @throws OperatorMistake when the given ones will not do
 * @throws CommandFailed when a queue or a table cannot be made
 */
export async function raiseStack(say: (line: string) => void, what = 'demo'): Promise<Stack> {
  const { env, names, backends, description } = await choosePlace(process.env, what);
  for (const line of [...description, ...(backends?.note ? [backends.note] : [])]) say(line);
  Object.assign(process.env, env);
  const sqs = createSqsClient();
  const dynamodb = createDynamoDBClient();
  const tearDown = async () => {
    if (!backends) await remove({ sqs, dynamodb, names }, say);
    for (const client of [sqs, dynamodb]) client.destroy();
    await backends?.stop();
  };
  try {
    const { queueUrl, deadLetterQueueUrl } = await setUp({
      sqs,
      dynamodb,
      ...names,
      visibilitySeconds: VISIBILITY_SECONDS,
    });
    return {
      env: { ...env, ONEFOLD_QUEUE_URL: queueUrl },
      sqs,
      dynamodb,
      names,
      queueUrl,
      deadLetterQueueUrl,
      lost: backends?.lost ?? new Promise(() => {}),
      tearDown,
    };
  } catch (error) {
    await tearDown();
    if (error instanceof OperatorMistake) throw error;
    throw new CommandFailed(`queue and tables cannot be made: ${explain(error)}`);
  }
}

/** What is not there need not be removed: a set-up may have stopped half-way. */
async function remove(
  { sqs, dynamodb, names }: Pick<Stack, 'sqs' | 'dynamodb'> & Pick<Place, 'names'>,
  say: (line: string) => void,
): Promise<void> {
  try {
    // The name is this run's alone, and its dead-letter queue's begins with it.
    const { QueueUrls = [] } = await sqs.send(new ListQueuesCommand({ QueueNamePrefix: names.queueName }));
    for (const QueueUrl of QueueUrls) await sqs.send(new DeleteQueueCommand({ QueueUrl }));
    for (const TableName of [names.idempotencyTable, names.featuresTable]) {
      // A store without deletion protection may refuse to turn it off.
      await dynamodb.send(new UpdateTableCommand({ TableName, DeletionProtectionEnabled: false })).catch(() => {});
      await dynamodb.send(new DeleteTableCommand({ TableName })).catch((error: Error) => {
        if (!(error instanceof ResourceNotFoundException)) throw error;
      });
    }
  } catch (error) {
    say(`not everything called ${names.queueName} could be removed: ${explain(error)}`);
  }
}

function explain(error: unknown): string {
  const { name, message, code } = error as NodeJS.ErrnoException;
  return message || code || name;
}
