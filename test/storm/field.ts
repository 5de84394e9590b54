import type { SQSClient } from '@aws-sdk/client-sqs';
import type { Stack } from '../../src/demo/stack.ts';
import { createSqsClient } from '../../src/queue/client.ts';
import { type FaultProxy, startFaultProxy } from '../fault-proxy.ts';
import { createFleet, type Fleet } from './fleet.ts';
import type { Weather } from './weather.ts';

/** Shorter than the visibility time, so that what a stopping worker cannot finish is given back in time. */
const DRAIN_SECONDS = 4;

/** Workers and producers, with the weather between them and the backends. */
export interface Field {
  fleet: Fleet;
  /** For the producers: one attempt a request, so that each retry is theirs. */
  sqs: SQSClient;
  /** The highest receive count that a worker was told. */
  mostReceives(): number;
  /** Ends every worker and closes every connection. */
  close(): Promise<void>;
}

export async function openField({
  stack,
  weather,
  workers,
}: {
  stack: Stack;
  weather: Pick<Weather, 'fateOf'>;
  workers: number;
}): Promise<Field> {
  let mostReceives = 0;
  const look = (answer: string): string => {
    for (const [, count] of answer.matchAll(/"ApproximateReceiveCount":\s*"(\d+)"/g)) {
      mostReceives = Math.max(mostReceives, Number(count));
    }
    return answer;
  };

  const proxies: FaultProxy[] = [];
  const stand = async (before: string | undefined, decide: FaultProxy['decide']): Promise<string> => {
    const proxy = await startFaultProxy(before ?? '');
    proxy.decide = decide;
    proxies.push(proxy);
    return proxy.endpoint;
  };
  // Where the stack is, this process's environment says.
  const { AWS_ENDPOINT_URL_DYNAMODB: dynamodb, AWS_ENDPOINT_URL_SQS: sqs } = process.env;
  const storeEndpoint = await stand(dynamodb, (operation, body) => weather.fateOf('store', operation, body));
  const queueEndpoint = await stand(sqs, (operation, body) => {
    const fate = weather.fateOf('queue', operation, body);
    if (operation !== 'ReceiveMessage') return fate;
    if (fate === 'pass') return { answer: look };
    return typeof fate === 'object' && 'delayMs' in fate ? { ...fate, answer: look } : fate;
  });

  // The user's settings are for the user's own workers.
  const others = Object.entries(process.env).filter(([name]) => !name.startsWith('ONEFOLD_'));
  const fleet = createFleet({
    size: workers,
    env: {
      ...Object.fromEntries(others),
      ...stack.env,
      AWS_ENDPOINT_URL_DYNAMODB: storeEndpoint,
      AWS_ENDPOINT_URL_SQS: queueEndpoint,
      ONEFOLD_DRAIN_SECONDS: String(DRAIN_SECONDS),
    },
  });
  const producing = createSqsClient({ endpoint: queueEndpoint, maxAttempts: 1 });
  return {
    fleet,
    sqs: producing,
    mostReceives: () => mostReceives,
    close: async () => {
      await fleet.end();
      producing.destroy();
      await Promise.all(proxies.map(proxy => proxy.close()));
    },
  };
}
