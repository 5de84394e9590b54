import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Message } from '@aws-sdk/client-sqs';
import type { JsonObject } from '../../src/store/port.ts';

/** What a contender works on. */
export interface Target {
  /** With the options that Onefold's own has, and the SDK's retries. */
  dynamodb: DynamoDBClient;
  idempotencyTable: string;
  featuresTable: string;
}

/** Stores what one receive brought, and returns the messages that may be deleted: sqs-consumer's `handleMessageBatch`. */
export type BatchHandler = (messages: Message[]) => Promise<Message[]>;

/** Works on all ten at once. A message that failed is kept back from deletion without its neighbours. */
export function eachAtOnce(store: (feature: Incoming) => Promise<unknown>): BatchHandler {
  return async messages => {
    const results = await Promise.allSettled(messages.map(async message => store(parse(message))));
    return messages.filter((_, i) => results[i]?.status === 'fulfilled');
  };
}

export interface Incoming {
  clientFeatureId: string;
  payload: JsonObject;
}

export function parse({ Body = '' }: Message): Incoming {
  return JSON.parse(Body);
}
