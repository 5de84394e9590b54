import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DeleteMessageCommand } from '@aws-sdk/client-sqs';
import type { Delivery } from '../../src/queue/port.ts';
import type { JsonObject } from '../../src/store/port.ts';
import { SOURCE } from '../explorer/fakes/sqs.ts';
import type { TableShape } from '../explorer/fakes/tables.ts';
import type { Subject } from '../explorer/subject.ts';

/** A way to store each feature once, and what is said for and against it beside what a search can find. */
export interface Design {
  /** By which `--show` knows it. */
  number: string;
  name: string;
  /** Whether the stored feature has an id of our own. */
  ownId: boolean;
  /** What must be true of the world for it to do its work. */
  assumes: string;
  subject: Subject;
}

export interface Feature {
  clientFeatureId: string;
  payload: JsonObject;
}

export interface Tools {
  dynamodb: Pick<DynamoDBClient, 'send'>;
  /** Milliseconds since the epoch. */
  now(): number;
  /** A new id of our own. */
  mint(): string;
}

/** Somebody else is at it, or seems to be: the message is left in the queue, to be tried again. */
export class TryLater extends Error {
  override name = 'TryLater';
}

/** A design in the simplest worker there is: a message is acknowledged when the design says that it is done. */
export function design({
  tables,
  store,
  ...about
}: Omit<Design, 'subject'> & {
  tables: Record<string, TableShape>;
  /** Resolves when the message may be acknowledged; rejects to leave it in the queue. */
  store(feature: Feature, tools: Tools): Promise<void>;
}): Design {
  const start: Subject['start'] = ({ dynamodb, sqs, clock, mint }) => {
    const broken = Promise.withResolvers<never>();
    const handle = async ({ body, receiptHandle }: Delivery) => {
      try {
        await store(JSON.parse(body), { dynamodb, now: clock.now, mint });
        await sqs.send(new DeleteMessageCommand({ QueueUrl: SOURCE, ReceiptHandle: receiptHandle }));
      } catch (error) {
        if (!mayPass(error)) broken.reject(error);
      }
    };
    return {
      take: async deliveries => {
        await Promise.all(deliveries.map(handle));
      },
      receives: () => true,
      stop: async () => {},
      broken: broken.promise,
    };
  };
  return { ...about, subject: { name: about.name, tables, start } };
}

/** What a service answered, an answer that never came, or a decision to wait: no mistake of the design's code. */
function mayPass(error: unknown): boolean {
  return error instanceof TryLater || (error instanceof Error && ('$metadata' in error || 'code' in error));
}
