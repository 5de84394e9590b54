import { GetQueueAttributesCommand, type QueueAttributeName } from '@aws-sdk/client-sqs';
import type { Sqs } from '../queue/client.ts';
import { inspectQueue } from '../queue/facts.ts';
import type { QueueFacts } from '../queue/port.ts';
import { need, once } from './check.ts';

export type QueueAttributes = Partial<Record<QueueAttributeName, string>>;

/** Both queues as SQS describes them, each asked about once. */
export interface Queues {
  /** What the worker asks at its start; throws what it would throw. */
  facts(): Promise<QueueFacts>;
  attributes(): Promise<QueueAttributes>;
  deadLetterQueueUrl(): Promise<string>;
  deadLetterAttributes(): Promise<QueueAttributes>;
}

export function lookAtQueues(sqs: Sqs, url: string): Queues {
  const attributesOf = async (QueueUrl: string): Promise<QueueAttributes> => {
    const { Attributes = {} } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
    return Attributes;
  };
  const facts = once(() => inspectQueue(sqs, url));
  const deadLetterQueueUrl = async () =>
    (await need(facts, 'it is not known which queue takes the dead letters')).deadLetterQueueUrl;
  return {
    facts,
    attributes: once(() => attributesOf(url)),
    deadLetterQueueUrl,
    deadLetterAttributes: once(async () => attributesOf(await deadLetterQueueUrl())),
  };
}
