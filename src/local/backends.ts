import { join } from 'node:path';
import { OperatorMistake } from '../errors.ts';
import { startDynalite } from './dynalite.ts';
import { type DynamoDBEmulator, findDynoxide, startDynoxide } from './dynoxide.ts';
import { ACCOUNT, startFauxqs } from './fauxqs.ts';

export interface BackendAddresses {
  sqsEndpoint: string;
  dynamodbEndpoint: string;
  /** dynalite has no PartiQL: `single`. */
  writes: 'batch' | 'single';
}

export interface Backends extends BackendAddresses {
  /** One line for the user when the slower store had to be taken. */
  note: string | undefined;
  /** Settles with the reason when a backend ended although nobody stopped it. */
  lost: Promise<string>;
  stop(): Promise<void>;
}

export type DynamoDBKind = 'dynoxide' | 'dynalite';

/**
 * Starts an SQS and a DynamoDB emulator on free loopback ports. They end with this process, however it ends.
 * @param options.directory keeps queues and tables in this existing folder; in memory without it
 * @param options.dynamodb by default dynoxide where there is a binary of it, else dynalite
 * @param options.ports taken when they are free
 */
export async function startBackends(
  options: {
    directory?: string | undefined;
    dynamodb?: DynamoDBKind | undefined;
    ports?: { sqs: number; dynamodb: number } | undefined;
  } = {},
): Promise<Backends> {
  const { dynamodb, writes, note } = await startDynamoDB(options.directory, options.dynamodb, options.ports?.dynamodb);
  try {
    const sqs = await startFauxqs({ ...folder(options.directory, 'sqs'), ...port(options.ports?.sqs) });
    return {
      sqsEndpoint: sqs.endpoint,
      dynamodbEndpoint: dynamodb.endpoint,
      writes,
      note,
      lost: dynamodb.lost ?? new Promise(() => {}),
      stop: async () => {
        await Promise.all([sqs.stop(), dynamodb.stop()]);
      },
    };
  } catch (error) {
    await dynamodb.stop();
    throw error;
  }
}

async function startDynamoDB(
  directory: string | undefined,
  asked: DynamoDBKind | undefined,
  wanted: number | undefined,
): Promise<{ dynamodb: DynamoDBEmulator; writes: 'batch' | 'single'; note: string | undefined }> {
  const binary = asked === 'dynalite' ? undefined : findDynoxide();
  if (binary) {
    const file = directory === undefined ? {} : { file: join(directory, 'dynamodb.db') };
    return { dynamodb: await startDynoxide({ binary, ...file, ...port(wanted) }), writes: 'batch', note: undefined };
  }
  if (asked === 'dynoxide') throw new OperatorMistake(`there is no dynoxide binary for ${platform}`, howToGetDynoxide);
  const dynamodb = await startDynalite({ ...folder(directory, 'dynalite'), ...port(wanted) });
  return { dynamodb, writes: 'single', note: slower(asked) };
}

/** What a process needs in its environment to work on these backends, whatever AWS settings its shell has. */
export function backendsEnvironment(backends: BackendAddresses, queueName = 'onefold'): Record<string, string> {
  return {
    AWS_ENDPOINT_URL_SQS: backends.sqsEndpoint,
    AWS_ENDPOINT_URL_DYNAMODB: backends.dynamodbEndpoint,
    AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'false',
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_SESSION_TOKEN: '',
    // The SDK prefers a profile to the keys above.
    AWS_PROFILE: '',
    ONEFOLD_QUEUE_URL: `${backends.sqsEndpoint}/${ACCOUNT}/${queueName}`,
    ...(backends.writes === 'single' ? { ONEFOLD_WRITES: 'single' } : {}),
  };
}

const platform = `${process.platform}-${process.arch}`;

const howToGetDynoxide =
  process.platform === 'win32'
    ? 'docker compose has a faster store'
    : 'for speed put dynoxide on the PATH (cargo install dynoxide-rs, or its Homebrew tap), or use docker compose';

function slower(asked: DynamoDBKind | undefined): string {
  const why = asked ? 'ONEFOLD_LOCAL_DYNAMODB=dynalite' : `no dynoxide binary for ${platform}`;
  const remedy = asked ? '' : `; ${howToGetDynoxide}`;
  return `${why}: using dynalite with single writes (slower)${remedy}`;
}

const folder = (directory: string | undefined, name: string) =>
  directory === undefined ? {} : { folder: join(directory, name) };

const port = (wanted: number | undefined) => (wanted === undefined ? {} : { port: wanted });
