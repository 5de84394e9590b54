import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  type QueueAttributeName,
  QueueDeletedRecently,
  QueueDoesNotExist,
  QueueNameExists,
  SetQueueAttributesCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { CommandFailed, OperatorMistake } from '../errors.ts';
import type { SetupSteps } from './setup.ts';

/** 14 days, the most SQS offers: a message that waits for its operator must not be gone before. */
const RETENTION_SECONDS = 14 * 24 * 3_600;

export interface QueueSettings {
  queueName: string;
  visibilitySeconds: number;
  maxReceiveCount: number;
}

interface ExistingQueue {
  url: string;
  attributes: Partial<Record<QueueAttributeName, string>>;
}

interface RedrivePolicy {
  deadLetterTargetArn: string;
  maxReceiveCount: number | string;
}

/** The queue and its dead-letter queue: what is missing is created, what is there keeps its settings. */
export async function setUpQueues(
  sqs: SQSClient,
  settings: QueueSettings,
  steps: SetupSteps,
): Promise<{ queueUrl: string; deadLetterQueueUrl: string }> {
  const { queueName, visibilitySeconds, maxReceiveCount } = settings;
  const fifo = queueName.endsWith('.fifo');
  const common = { MessageRetentionPeriod: String(RETENTION_SECONDS), ...(fifo ? { FifoQueue: 'true' } : {}) };

  const existing = await findQueue(sqs, queueName);
  const policy = redrivePolicyOf(existing);
  // A dead-letter queue has the account and the Region of its source: its name says all.
  const deadLetterName = policy?.deadLetterTargetArn.split(':').at(-1) ?? deadLetterQueueName(queueName);
  const deadLetters = await ensureQueue(sqs, deadLetterName, common, steps);
  const redrivePolicy = JSON.stringify({ deadLetterTargetArn: deadLetters.attributes.QueueArn, maxReceiveCount });
  const wanted = { ...common, VisibilityTimeout: String(visibilitySeconds), RedrivePolicy: redrivePolicy };
  const queue = await ensureQueue(sqs, queueName, wanted, steps);

  const inForce = redrivePolicyOf(queue);
  if (!inForce) {
    await sqs.send(
      new SetQueueAttributesCommand({ QueueUrl: queue.url, Attributes: { RedrivePolicy: redrivePolicy } }),
    );
    steps.notes.push(`queue ${queueName} had no redrive policy: it now ends in ${deadLetterName}`);
  } else if (Number(inForce.maxReceiveCount) !== maxReceiveCount) {
    steps.notes.push(
      `queue ${queueName} keeps its maxReceiveCount of ${inForce.maxReceiveCount}, not ${maxReceiveCount}`,
    );
  }
  return { queueUrl: queue.url, deadLetterQueueUrl: deadLetters.url };
}

/** `onefold-dlq`; the dead-letter queue of a FIFO queue must be one too: `onefold-dlq.fifo`. */
function deadLetterQueueName(queueName: string): string {
  return queueName.endsWith('.fifo') ? queueName.replace(/\.fifo$/, '-dlq.fifo') : `${queueName}-dlq`;
}

async function ensureQueue(
  sqs: SQSClient,
  name: string,
  wanted: Partial<Record<QueueAttributeName, string>>,
  steps: SetupSteps,
): Promise<ExistingQueue> {
  const existing = await findQueue(sqs, name);
  if (existing) {
    steps.existed.push(`queue ${name}`);
    steps.notes.push(...differences(name, existing, wanted));
    return existing;
  }
  try {
    await sqs.send(new CreateQueueCommand({ QueueName: name, Attributes: wanted }));
    steps.created.push(`queue ${name}`);
  } catch (error) {
    if (error instanceof QueueDeletedRecently) {
      throw new OperatorMistake(
        `SQS does not create queue ${name} so soon after its deletion`,
        'a name is free again after 60 seconds: run setup then',
      );
    }
    // Somebody else created it in between, with other settings.
    if (!(error instanceof QueueNameExists)) throw error;
    steps.existed.push(`queue ${name}`);
  }
  const created = await findQueue(sqs, name);
  if (!created) throw new CommandFailed(`queue ${name} was created, and SQS does not know it yet: run setup again`);
  return created;
}

async function findQueue(sqs: SQSClient, name: string): Promise<ExistingQueue | undefined> {
  try {
    const { QueueUrl: url = '' } = await sqs.send(new GetQueueUrlCommand({ QueueName: name }));
    const { Attributes: attributes = {} } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['All'] }),
    );
    return { url, attributes };
  } catch (error) {
    if (error instanceof QueueDoesNotExist) return undefined;
    throw error;
  }
}

function redrivePolicyOf(queue: ExistingQueue | undefined): RedrivePolicy | undefined {
  const policy = queue?.attributes.RedrivePolicy;
  return policy ? JSON.parse(policy) : undefined;
}

const kept: Partial<Record<QueueAttributeName, string>> = {
  VisibilityTimeout: 'visibility timeout',
  MessageRetentionPeriod: 'retention',
};

function differences(
  name: string,
  queue: ExistingQueue,
  wanted: Partial<Record<QueueAttributeName, string>>,
): string[] {
  return (Object.keys(kept) as QueueAttributeName[])
    .filter(attribute => wanted[attribute] !== undefined && wanted[attribute] !== queue.attributes[attribute])
    .map(
      attribute =>
        `queue ${name} keeps its ${kept[attribute]} of ${queue.attributes[attribute]} s, not ${wanted[attribute]} s`,
    );
}
