import { OperatorMistake } from '../../src/errors.ts';
import { createProject } from './project.ts';

const WAYS =
  'docker compose up -d --wait localstack dynamodb, or set AWS_ENDPOINT_URL_SQS and AWS_ENDPOINT_URL_DYNAMODB';
/** A backend that has just started, on a machine with much to do; where nobody listens the answer is there at once. */
const ANSWER_MS = 30_000;
/** Emulators take any. */
const KEYS = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' };

/**
 * The environment for a suite over real backends: those that `given` names already, else the running compose project's.
 * @throws OperatorMistake when there are none, or they do not answer
 */
export async function findRealBackends(given: NodeJS.ProcessEnv): Promise<NodeJS.ProcessEnv> {
  const { AWS_ENDPOINT_URL_SQS: sqs, AWS_ENDPOINT_URL_DYNAMODB: dynamodb } = given;
  if (Boolean(sqs) !== Boolean(dynamodb)) {
    throw new OperatorMistake(`only AWS_ENDPOINT_URL_${sqs ? 'SQS' : 'DYNAMODB'} is set`, WAYS);
  }
  const env: NodeJS.ProcessEnv = {
    AWS_REGION: 'us-east-1',
    ...(given.AWS_ACCESS_KEY_ID || given.AWS_PROFILE ? {} : KEYS),
    ...given,
    ...(sqs ? {} : await publishedEndpoints(given)),
  };
  await Promise.all([env.AWS_ENDPOINT_URL_SQS, env.AWS_ENDPOINT_URL_DYNAMODB].map(requireAnswer));
  return env;
}

async function publishedEndpoints(env: NodeJS.ProcessEnv): Promise<NodeJS.ProcessEnv> {
  const project = createProject({ env });
  const sqs = await project.published('localstack', 4566);
  const dynamodb = await project.published('dynamodb', 8000);
  if (!sqs || !dynamodb) throw new OperatorMistake('LocalStack and DynamoDB Local are not running', WAYS);
  return { AWS_ENDPOINT_URL_SQS: `http://${sqs}`, AWS_ENDPOINT_URL_DYNAMODB: `http://${dynamodb}` };
}

/** Whatever it answers, it answers. */
async function requireAnswer(endpoint = ''): Promise<void> {
  try {
    await fetch(endpoint, { signal: AbortSignal.timeout(ANSWER_MS) });
  } catch {
    throw new OperatorMistake(`nothing answers at ${endpoint}`, WAYS);
  }
}
