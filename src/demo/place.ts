import { nanoid } from 'nanoid';
import { OperatorMistake } from '../errors.ts';
import { type Backends, backendsEnvironment, startBackends } from '../local/backends.ts';
import { kindFrom } from '../local/join.ts';
import type { TableNames } from '../store/tables.ts';

/** Where the demo runs. */
export interface Place {
  env: Record<string, string>;
  names: TableNames & { queueName: string };
  /** Those that were started. */
  backends?: Backends;
  /** Lines for the user. */
  description: string[];
}

/**
 * Those that AWS_ENDPOINT_URL_SQS and AWS_ENDPOINT_URL_DYNAMODB name, with names that no one else has; else embedded
 * backends, in memory, which are started here.
 * @param what is to run there, as in "demo"
 * @throws OperatorMistake when only one of the two is set, or one is AWS itself
 */
export async function choosePlace(env: NodeJS.ProcessEnv, what: string): Promise<Place> {
  return givenPlace(env, what) ?? (await embeddedPlace(env));
}

async function embeddedPlace(env: NodeJS.ProcessEnv): Promise<Place> {
  const backends = await startBackends({ dynamodb: kindFrom(env.ONEFOLD_LOCAL_DYNAMODB) });
  const store = backends.writes === 'batch' ? 'dynoxide' : 'dynalite';
  return {
    backends,
    env: { ...writesOf(env), ...backendsEnvironment(backends) },
    names: { queueName: 'onefold', idempotencyTable: 'onefold-idempotency', featuresTable: 'onefold-features' },
    description: [`backends: fauxqs for SQS, ${store} for DynamoDB, both in memory`],
  };
}

function givenPlace(env: NodeJS.ProcessEnv, what: string): Place | undefined {
  const { AWS_ENDPOINT_URL_SQS: sqs, AWS_ENDPOINT_URL_DYNAMODB: dynamodb } = env;
  if (!sqs && !dynamodb) return undefined;
  if (!sqs || !dynamodb) {
    throw new OperatorMistake(
      `AWS_ENDPOINT_URL_${sqs ? 'SQS' : 'DYNAMODB'} is set and AWS_ENDPOINT_URL_${sqs ? 'DYNAMODB' : 'SQS'} is not`,
      `set both to run the ${what} on them, or neither for the embedded backends`,
    );
  }
  for (const endpoint of [sqs, dynamodb]) {
    if (!URL.canParse(endpoint)) {
      throw new OperatorMistake(`${endpoint} is not a URL`, 'an emulator is at one such as http://127.0.0.1:4566');
    }
    if (/\.(amazonaws\.com(\.cn)?|api\.aws)$/.test(new URL(endpoint).hostname)) {
      throw new OperatorMistake(
        `the ${what} does not run on AWS itself, and ${endpoint} is`,
        'unset AWS_ENDPOINT_URL_SQS and AWS_ENDPOINT_URL_DYNAMODB: the embedded backends need no account',
      );
    }
  }
  const name = `onefold-${what}-${nanoid(8)}`;
  const names = { queueName: name, idempotencyTable: `${name}-idempotency`, featuresTable: `${name}-features` };
  return {
    names,
    env: {
      // Set to true it would send the SDK past the endpoints, to AWS itself.
      AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'false',
      ONEFOLD_IDEMPOTENCY_TABLE: names.idempotencyTable,
      ONEFOLD_FEATURES_TABLE: names.featuresTable,
      ...writesOf(env),
    },
    description: [`backends: ${sqs} and ${dynamodb}`, `queue and tables for this run alone: ${name}`],
  };
}

/** The one setting of the user's that the demo takes over: a store may need it. */
function writesOf({ ONEFOLD_WRITES }: NodeJS.ProcessEnv): Record<string, string> {
  return ONEFOLD_WRITES ? { ONEFOLD_WRITES } : {};
}
