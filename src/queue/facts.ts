import {
  GetQueueAttributesCommand,
  type GetQueueAttributesCommandOutput,
  GetQueueUrlCommand,
  type GetQueueUrlCommandOutput,
} from '@aws-sdk/client-sqs';
import { BackendUnreachable, OperatorMistake } from '../errors.ts';
import type { Sqs } from './client.ts';
import type { QueueFacts } from './port.ts';
import { isTransient } from './transient.ts';

/**
 * What the worker must know of its queue before the first receive.
 * @throws OperatorMistake when the queue cannot be worked with
 * @throws BackendUnreachable when SQS does not answer (yet)
 */
export async function inspectQueue(sqs: Sqs, queueUrl: string): Promise<QueueFacts> {
  assertQueueUrl(queueUrl);
  const { Attributes: attributes = {} } = await describeQueue(sqs, queueUrl);
  const { QueueArn: arn = '', RedrivePolicy: redrivePolicy, VisibilityTimeout: visibility } = attributes;
  if (redrivePolicy === undefined) {
    throw new OperatorMistake(
      `queue ${queueUrl} has no redrive policy, so a message that cannot be stored would come back for ever`,
      'give it a dead-letter queue, or let `onefold setup` make both queues',
    );
  }
  const { deadLetterTargetArn, maxReceiveCount } = JSON.parse(redrivePolicy);
  if (deadLetterTargetArn === arn) {
    throw new OperatorMistake(
      `queue ${queueUrl} is its own dead-letter queue, so a parked message would come back for ever`,
      'give it another dead-letter queue, or let `onefold setup` make both queues',
    );
  }
  const visibilitySeconds = Number(visibility);
  if (!(visibilitySeconds > 0)) {
    throw new OperatorMistake(
      `queue ${queueUrl} has a visibility timeout of 0 seconds, so every worker would receive every message`,
      'set its VisibilityTimeout to 60',
    );
  }
  const { QueueUrl: deadLetterQueueUrl = '' } = await findDeadLetterQueue(sqs, queueUrl, deadLetterTargetArn);
  return {
    arn,
    fifo: attributes.FifoQueue === 'true',
    deadLetterQueueUrl,
    maxReceiveCount: Number(maxReceiveCount),
    visibilitySeconds,
  };
}

/** A queue URL ends in the account and the queue's name, whatever stands before them: emulators differ there. */
function assertQueueUrl(queueUrl: string): void {
  const path = URL.canParse(queueUrl) ? new URL(queueUrl).pathname : '';
  if (!/\/[\w-]+\/[\w-]{1,80}(\.fifo)?$/.test(path)) {
    throw new OperatorMistake(
      `${queueUrl} is not a queue URL`,
      'set ONEFOLD_QUEUE_URL to one such as https://sqs.eu-west-1.amazonaws.com/123456789012/onefold',
    );
  }
}

async function describeQueue(sqs: Sqs, queueUrl: string): Promise<GetQueueAttributesCommandOutput> {
  const command = new GetQueueAttributesCommand({
    QueueUrl: queueUrl,
    AttributeNames: ['QueueArn', 'FifoQueue', 'RedrivePolicy', 'VisibilityTimeout'],
  });
  return sqs.send(command).catch((error: Error) => {
    throw mistake(error, {
      missing: `there is no queue ${queueUrl}`,
      missingHint: `run \`onefold setup\`, or correct ONEFOLD_QUEUE_URL; ${whereFrom(queueUrl)}`,
      refused: `queue ${queueUrl} cannot be used`,
      refusedHint: `the worker needs sqs:GetQueueAttributes, ReceiveMessage, DeleteMessage and ChangeMessageVisibility on it; ${whereFrom(queueUrl)}`,
    });
  });
}

async function findDeadLetterQueue(sqs: Sqs, queueUrl: string, arn: string): Promise<GetQueueUrlCommandOutput> {
  const [account, name] = arn.split(':').slice(4);
  const command = new GetQueueUrlCommand({ QueueName: name, QueueOwnerAWSAccountId: account });
  return sqs.send(command).catch((error: Error) => {
    throw mistake(error, {
      missing: `the dead-letter queue ${arn} does not exist, so no message could be parked`,
      missingHint: `create it, or correct the redrive policy of ${queueUrl}`,
      refused: `the dead-letter queue ${arn} cannot be used`,
      refusedHint: 'the worker needs sqs:GetQueueUrl and SendMessage on it',
    });
  });
}

/** The likeliest reason why a queue that exists is not found: the request went to another place. */
function whereFrom(queueUrl: string): string {
  const { host, origin } = new URL(queueUrl);
  const region = /^sqs\.([a-z\d-]+)\.amazonaws\.com/.exec(host)?.[1];
  return region
    ? `AWS_REGION must be ${region}, as in the URL`
    : `an emulator's address must stand in AWS_ENDPOINT_URL_SQS too, such as ${origin}`;
}

interface Wording {
  missing: string;
  missingHint: string;
  refused: string;
  refusedHint: string;
}

function mistake(error: Error, { missing, missingHint, refused, refusedHint }: Wording): Error {
  if (isTransient(error)) return new BackendUnreachable('SQS', { cause: error });
  if (error.message === 'Region is missing') return new OperatorMistake('no AWS region is set', 'set AWS_REGION');
  if (error.name === 'CredentialsProviderError') {
    return new OperatorMistake(
      'no AWS credentials were found',
      'give the container a role, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; an emulator takes any',
    );
  }
  if (error.name === 'QueueDoesNotExist') return new OperatorMistake(missing, missingHint);
  return new OperatorMistake(`${refused}: ${error.name}: ${error.message}`, refusedHint);
}
