import { once } from 'node:events';
import { ChangeMessageVisibilityCommand, type Message } from '@aws-sdk/client-sqs';
import { Consumer } from 'sqs-consumer';
import { readConfig } from '../src/config.ts';
import { createReceiveClient } from '../src/queue/client.ts';
import { createDynamoDBClient } from '../src/store/client.ts';
import { handlers } from './contenders/index.ts';

const COMES_AGAIN_SECONDS = 1;

/**
 * Runs one of the contenders that are not Onefold, on sqs-consumer with Onefold's own settings: as many consumers of ten
 * as Onefold has pollers, deletes in batches, the same SDK clients. A consumer receives, stores, deletes, one after the
 * other, so a socket each is enough.
 */
async function contend(name: string): Promise<void> {
  const createHandler = handlers[name];
  if (!createHandler) throw new Error(`there is no contender ${name}`);
  const { queueUrl, idempotencyTable, featuresTable, pollers } = readConfig(process.env);
  const sqs = createReceiveClient(pollers);
  // lib-dynamodb refuses a client that caches its middleware.
  const dynamodb = createDynamoDBClient({ maxAttempts: 3, cacheMiddleware: false });
  const store = createHandler({ dynamodb, idempotencyTable, featuresTable });

  let stopping = false;

  const comeAgainSoon = ({ ReceiptHandle }: Message) =>
    sqs.send(
      new ChangeMessageVisibilityCommand({ QueueUrl: queueUrl, ReceiptHandle, VisibilityTimeout: COMES_AGAIN_SECONDS }),
    );

  const consumers = Array.from({ length: pollers }, () => {
    const consumer = Consumer.create({
      queueUrl,
      sqs,
      batchSize: 10,
      waitTimeSeconds: 20,
      handleMessageBatch: async messages => {
        const stored = await store(messages);
        const failed = messages.filter(message => !stored.includes(message));
        await Promise.all(failed.map(comeAgainSoon));
        return stored;
      },
    });
    consumer.on('error', error => {
      if (!stopping) console.error(name, error);
    });
    return consumer;
  });

  for (const consumer of consumers) consumer.start();
  await once(process, 'SIGTERM');
  stopping = true;
  for (const consumer of consumers) consumer.stop({ abort: true });
  sqs.destroy();
  dynamodb.destroy();
  process.channel?.unref();
}

if (import.meta.main) await contend(process.argv[2] ?? '');
