import { GetQueueAttributesCommand, paginateListDeadLetterSourceQueues, type SQSClient } from '@aws-sdk/client-sqs';
import { BackendUnreachable, OperatorMistake } from '../errors.ts';
import type { Sqs } from '../queue/client.ts';
import { inspectQueue } from '../queue/facts.ts';
import { isTransient } from '../queue/transient.ts';

export interface DeadLetterQueue {
  url: string;
  arn: string;
  fifo: boolean;
  retentionSeconds: number;
  /** The queue whose letters are ours: where a replay sends them. */
  source: { url: string; arn: string };
  /** Names of all queues whose letters end here; undefined where the backend does not say. */
  servedQueues: string[] | undefined;
  /** Set when the dead-letter queue has one of its own: letters move on after so many receives, ours included. */
  movesOnAfter: number | undefined;
}

export interface Counts {
  visible: number;
  /** Received by somebody and not given back, or delayed. */
  hidden: number;
}

/**
 * Finds the dead-letter queue of a source queue by its redrive policy.
 * @throws OperatorMistake when there is none, or it may not be read
 * @throws BackendUnreachable when SQS does not answer
 */
export async function findDeadLetterQueue(sqs: SQSClient, queueUrl: string): Promise<DeadLetterQueue> {
  const { arn, fifo, deadLetterQueueUrl: url } = await inspectQueue(sqs, queueUrl);
  const describe = new GetQueueAttributesCommand({
    QueueUrl: url,
    AttributeNames: ['QueueArn', 'MessageRetentionPeriod', 'RedrivePolicy'],
  });
  const { Attributes: attributes = {} } = await sqs.send(describe).catch((error: Error) => {
    if (isTransient(error)) throw new BackendUnreachable('SQS', { cause: error });
    throw new OperatorMistake(
      `the dead-letter queue ${url} cannot be read: ${error.name}: ${error.message}`,
      'that needs sqs:GetQueueAttributes, ReceiveMessage, ChangeMessageVisibility and DeleteMessage on it, and sqs:SendMessage on the source queue',
    );
  });
  const { maxReceiveCount } = JSON.parse(attributes.RedrivePolicy || '{}');
  return {
    url,
    arn: attributes.QueueArn ?? '',
    fifo,
    retentionSeconds: Number(attributes.MessageRetentionPeriod),
    source: { url: queueUrl, arn },
    servedQueues: await findServedQueues(sqs, url),
    movesOnAfter: maxReceiveCount === undefined ? undefined : Number(maxReceiveCount),
  };
}

/** SQS's own counts: exact on the emulators, on AWS up to a minute behind. */
export async function countMessages(sqs: Sqs, queueUrl: string): Promise<Counts> {
  const command = new GetQueueAttributesCommand({
    QueueUrl: queueUrl,
    AttributeNames: [
      'ApproximateNumberOfMessages',
      'ApproximateNumberOfMessagesNotVisible',
      'ApproximateNumberOfMessagesDelayed',
    ],
  });
  const { Attributes: counts = {} } = await sqs.send(command);
  return {
    visible: Number(counts.ApproximateNumberOfMessages ?? 0),
    hidden:
      Number(counts.ApproximateNumberOfMessagesNotVisible ?? 0) +
      Number(counts.ApproximateNumberOfMessagesDelayed ?? 0),
  };
}

/** The name in a queue's URL or ARN. */
export const nameOf = (urlOrArn: string): string => urlOrArn.split(/[/:]/).at(-1) ?? '';

async function findServedQueues(sqs: SQSClient, url: string): Promise<string[] | undefined> {
  const names: string[] = [];
  try {
    for await (const { queueUrls = [] } of paginateListDeadLetterSourceQueues({ client: sqs }, { QueueUrl: url })) {
      names.push(...queueUrls.map(nameOf));
    }
    return names;
  } catch {
    return undefined; // fauxqs does not know the call, and an operator may lack the permission
  }
}
