import { DynamoDBDocumentClient, paginateScan } from '@aws-sdk/lib-dynamodb';
import type { PlannedMessage } from '../../src/demo/plan.ts';
import type { Stack } from '../../src/demo/stack.ts';
import { readTruth } from '../../src/demo/truth.ts';
import type { Found, Letter } from '../../src/demo/verdict.ts';
import { createDynamoDBClient } from '../../src/store/client.ts';
import { type Audit, audit } from './audit.ts';
import { untilDrained } from './drain.ts';
import { openField } from './field.ts';
import { hostileBodies } from './hostile-bodies.ts';
import { parseWithSources, type Wanted, wantedBy } from './oracle.ts';
import { produce } from './producer.ts';
import type { Scene } from './storm.ts';
import { together } from './together.ts';

export interface HostileReport extends Audit {
  seconds: number;
  /** It was the same process from the first body to the last. */
  survived: boolean;
  sorts: { sort: string; bodies: number; stored: number; parked: number }[];
}

const PRODUCERS = 4;
/** Beside such a body there is no room in SQS's 1 MiB for the reason, nor for the message's id. */
const NO_ROOM_BYTES = 1_048_000;

export type HostileMessage = PlannedMessage & { sort: string };

type SentHostile = HostileMessage & { messageId: string };

/** What is sent, and what must become of it: of bodies in the corpus it says itself, of the others the oracle does. */
export function planHostile({ messages, seed }: { messages: number; seed: number }): HostileMessage[] {
  return hostileBodies({ count: messages, seed }).map(({ sort, body, expected }) => {
    const wanted = expected === 'valid' ? (parseWithSources(body) as Wanted) : expected ? undefined : wantedBy(body);
    return wanted === undefined
      ? { sort, kind: 'broken', body, defect: JSON.stringify(body.slice(0, 100)) }
      : { sort, kind: 'feature', body, ...wanted };
  });
}

/**
 * One worker, fed with bodies made to break it. Each must be stored exactly as sent, or parked byte for byte with its
 * reason, as an oracle of our own says; and the worker must be the same process in the end.
 */
export async function runHostile(plan: readonly HostileMessage[], on: Scene): Promise<HostileReport> {
  const { stack, screen, clock } = on;
  const began = clock.now();
  const sent: SentHostile[] = [];
  const field = await openField({ stack, weather: { fateOf: () => 'pass' }, workers: 1 });
  try {
    await field.fleet.start();
    const pids = field.fleet.pids();
    screen.say(`worker ${pids.join()} receives: ${plan.length} bodies`);
    await together(on.signal, signal => [
      produce(PRODUCERS, {
        ...{ clock, signal, sqs: field.sqs, queueUrl: stack.queueUrl },
        messages: plan,
        dueAt: () => 0,
        onSent: (message, messageId) => sent.push({ ...message, messageId }),
      }),
      untilDrained({
        ...{ ...on, signal, field, sent: () => sent.length },
        complete: () => sent.length === plan.length,
      }),
    ]);
    screen.say('the queue is empty: stopping the worker');
    const survived = field.fleet.pids().join() === pids.join();
    await field.fleet.stop();

    screen.say('reading both tables and both queues');
    const found = await readFound(stack, sent);
    const { complaints, ...figures } = audit(sent, found);
    return {
      ...figures,
      complaints: [...field.fleet.crashes, ...(survived ? [] : ['the worker is not the same process']), ...complaints],
      seconds: (clock.now() - began) / 1000,
      survived,
      sorts: sortsOf(sent, found),
    };
  } finally {
    await field.close();
  }
}

/** With the payloads as the AWS SDK reads them, and not as the code under test does. */
async function readFound(stack: Stack, sent: readonly SentHostile[]): Promise<Found> {
  const found = await readTruth(stack);
  const { endpoint, region, credentials } = stack.dynamodb.config;
  const address = { ...(endpoint && { endpoint }), region, credentials };
  // lib-dynamodb refuses a client that caches its middleware.
  const reading = createDynamoDBClient({ ...address, cacheMiddleware: false });
  const client = DynamoDBDocumentClient.from(reading, {
    unmarshallOptions: { wrapNumbers: text => Number(text) + 0 },
  });
  const features: Found['features'] = [];
  const pages = paginateScan({ client }, { TableName: stack.names.featuresTable, ConsistentRead: true });
  for await (const { Items = [] } of pages) features.push(...(Items as Found['features']));
  reading.destroy();

  const full = new Map(
    sent.filter(({ body }) => Buffer.byteLength(body) > NO_ROOM_BYTES).map(({ body, messageId }) => [body, messageId]),
  );
  const recognise = (letter: Letter): Letter => {
    const messageId = letter.reason === 'exhausted' ? full.get(letter.body) : undefined;
    return messageId === undefined ? letter : { ...letter, messageId, reason: 'invalid' };
  };
  return { ...found, features, letters: found.letters.map(recognise) };
}

function sortsOf(sent: readonly SentHostile[], { letters }: Found): HostileReport['sorts'] {
  const parked = new Set(letters.map(({ messageId }) => messageId));
  return [...Map.groupBy(sent, ({ sort }) => sort)].map(([sort, messages]) => {
    const inLetters = messages.filter(({ messageId }) => parked.has(messageId)).length;
    return { sort, bodies: messages.length, stored: messages.length - inLetters, parked: inLetters };
  });
}
