import { availableParallelism, cpus } from 'node:os';
import packageJson from '../package.json' with { type: 'json' };
import { OperatorMistake } from '../src/errors.ts';
import { type BackendAddresses, backendsEnvironment } from '../src/local/backends.ts';
import { createSqsClient } from '../src/queue/client.ts';
import { createDynamoDBClient } from '../src/store/client.ts';
import { compile } from './compiled.ts';
import type { Bench } from './round.ts';
import { startService } from './service.ts';

export interface OpenBench extends Bench {
  dynamodbEndpoint: URL;
  /** What the figures depend on, for the head of the report. */
  machine: string[];
  close(): Promise<void>;
}

/** Compiles the workers; the backends that the environment names, else the embedded ones, in processes of their own. */
export async function openBench(options: { profile: string | undefined; signal: AbortSignal }): Promise<OpenBench> {
  const { AWS_ENDPOINT_URL_SQS: sqsUrl, AWS_ENDPOINT_URL_DYNAMODB: dynamodbUrl } = process.env;
  if (Boolean(sqsUrl) !== Boolean(dynamodbUrl)) {
    throw new OperatorMistake(
      'only one of AWS_ENDPOINT_URL_SQS and AWS_ENDPOINT_URL_DYNAMODB is set',
      'set both to measure on those backends, or neither for the embedded ones',
    );
  }
  await compile();
  const embedded = sqsUrl ? undefined : await startEmbedded();
  const sqs = createSqsClient();
  const dynamodb = createDynamoDBClient({ maxAttempts: 3 });
  const backends = embedded?.description ?? `${sqsUrl} and ${dynamodbUrl}`;
  return {
    ...options,
    sqs,
    dynamodb,
    dynamodbEndpoint: new URL(process.env.AWS_ENDPOINT_URL_DYNAMODB ?? ''),
    machine: [
      `${availableParallelism()} cores (${cpus()[0]?.model.trim()}), Node ${process.version}, ${process.platform} ${process.arch}`,
      backends,
    ],
    close: async () => {
      sqs.destroy();
      dynamodb.destroy();
      await embedded?.stop();
    },
  };
}

async function startEmbedded(): Promise<{ description: string; stop(): Promise<void> }> {
  const program = new URL('./backends.ts', import.meta.url);
  const { ready, stop } = await startService<BackendAddresses & { note?: string }>(program);
  Object.assign(process.env, backendsEnvironment(ready));
  const { fauxqs, dynalite } = packageJson.devDependencies;
  const dynoxide = packageJson.optionalDependencies['@dynoxide/linux-x64'];
  const store = ready.writes === 'single' ? `dynalite ${dynalite} (no PartiQL)` : `dynoxide ${dynoxide}`;
  return { description: `fauxqs ${fauxqs} and ${store} in memory, in processes of their own`, stop };
}
