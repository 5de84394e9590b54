import type { Message, SQSClient } from '@aws-sdk/client-sqs';
import { Consumer as SqsConsumer } from 'sqs-consumer';
import type { Clock } from '../clock.ts';
import type { Logger } from '../log.ts';
import { LONG_POLL_SECONDS, type Sqs } from './client.ts';
import { SYSTEM_ATTRIBUTES, toDelivery } from './delivery.ts';
import type { Consumer, Delivery } from './port.ts';
import { createReceives } from './receives.ts';

/**
 * Receives with several pollers at once. A poller hands over what one receive brought, and receives again when `handle`
 * has returned. Nothing is settled here.
 */
export function createConsumer({
  sqs,
  queueUrl,
  fifo,
  pollers,
  longPollSeconds = LONG_POLL_SECONDS,
  handle,
  giveBack,
  clock,
  random,
  log,
}: {
  /** A client of its own, with a socket for each poller. */
  sqs: Sqs;
  queueUrl: string;
  fifo: boolean;
  /** Concurrent receives. */
  pollers: number;
  /** 1 to 20. */
  longPollSeconds?: number;
  handle(deliveries: Delivery[]): Promise<void>;
  /** For messages that arrive while paused or stopping: makes them visible again. */
  giveBack(deliveries: Delivery[]): Promise<void>;
  clock: Clock;
  /** From 0 up to 1. */
  random: () => number;
  log: Logger;
}): Consumer {
  const receives = createReceives({ sqs, giveBack, clock, random, log });
  const consumers = Array.from({ length: pollers }, () => {
    const { receive } = receives.poller();
    const consumer = SqsConsumer.create({
      queueUrl,
      // sqs-consumer asks nothing else of its client, with deletes and its heartbeat off.
      sqs: { send: receive } as unknown as SQSClient,
      // One at a time from a FIFO queue: of several messages of one group, those behind a postponed one would overtake
      // it, or be given back with it until they die untried.
      batchSize: fifo ? 1 : 10,
      waitTimeSeconds: longPollSeconds,
      messageSystemAttributeNames: [...SYSTEM_ATTRIBUTES],
      messageAttributeNames: ['All'],
      handleMessageBatch: async (messages: Message[]) => {
        await handle(messages.map(toDelivery));
        return undefined;
      },
      shouldDeleteMessages: false,
      suppressFifoWarning: true,
    });
    consumer.on('error', error => log.error({ err: error }, 'messages not handled: they come again later'));
    return consumer;
  });

  return {
    start: () => {
      for (const consumer of consumers) consumer.start();
    },
    pause: receives.pause,
    resume: receives.resume,
    stop: async graceMs => {
      for (const consumer of consumers) consumer.stop();
      await receives.end(graceMs);
    },
  };
}
