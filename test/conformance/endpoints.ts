import { OperatorMistake } from '../../src/errors.ts';
import { findRealBackends } from '../compose/real-backends.ts';
import type { Endpoint } from './backends.ts';

const ANSWER_MS = 5_000;

/**
 * What the environment or the running compose project offers, under the names of its makers.
 * @returns nothing when there is neither
 * @throws OperatorMistake when endpoints are named that do not answer
 */
export async function findEndpoints(given: NodeJS.ProcessEnv): Promise<{ stores: Endpoint[]; queues: Endpoint[] }> {
  const named = given.AWS_ENDPOINT_URL_SQS || given.AWS_ENDPOINT_URL_DYNAMODB;
  const env = await findRealBackends(given).catch((error: Error) => {
    if (named || !(error instanceof OperatorMistake)) throw error;
    return undefined;
  });
  if (!env) return { stores: [], queues: [] };
  Object.assign(given, env);
  const { AWS_ENDPOINT_URL_SQS: sqs = '', AWS_ENDPOINT_URL_DYNAMODB: dynamodb = '' } = env;
  return {
    stores: [{ name: await nameOf(dynamodb), url: dynamodb }],
    queues: [{ name: await nameOf(sqs), url: sqs }],
  };
}

/** Reads `name=url`. */
export function readEndpoint(text: string): Endpoint {
  const [, name, url] = /^([^=]+)=(.+)$/.exec(text) ?? [];
  if (name === undefined || url === undefined || !URL.canParse(url)) {
    throw new OperatorMistake(`${JSON.stringify(text)} is not name=url`, 'such as --store moto=http://127.0.0.1:5000');
  }
  return { name, url };
}

async function nameOf(url: string): Promise<string> {
  const signal = AbortSignal.timeout(ANSWER_MS);
  const health = await fetch(`${url}/_localstack/health`, { signal }).catch(() => undefined);
  if (health?.ok) return 'LocalStack';
  // DynamoDB Local is the only one of them that is served by Jetty.
  return health?.headers.get('server')?.startsWith('Jetty') ? 'DynamoDB Local' : new URL(url).host;
}
