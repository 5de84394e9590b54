import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { pino } from 'pino';
import { rememberFinished } from '../../src/pipeline/finished.ts';
import { handle, type Pipeline } from '../../src/pipeline/handle.ts';
import type { Outcome } from '../../src/pipeline/outcome.ts';
import { createHeartbeat } from '../../src/queue/heartbeat.ts';
import type { Delivery, Queue } from '../../src/queue/port.ts';
import { createSqsQueue } from '../../src/queue/sqs.ts';
import { createDynamoDBStore } from '../../src/store/dynamodb.ts';
import type { Store } from '../../src/store/port.ts';
import { createWorker } from '../../src/worker.ts';
import { DEAD_LETTERS, SOURCE } from './fakes/sqs.ts';
import type { Subject, Surroundings } from './subject.ts';

export const VISIBILITY_SECONDS = 60;

const log = pino({ level: 'silent' });
// Jitter decides when a retry is made, and the explorer decides that anyway.
const random = () => 0;
const names = { idempotencyTable: 'mappings', featuresTable: 'features' };
const DRAIN_MS = 25_000;

/** The seams at which a mutant breaks a rule. */
export interface Seams {
  /** Over DynamoDB's answers. */
  dynamodb?(dynamodb: Surroundings['dynamodb']): Surroundings['dynamodb'];
  store?(store: Store, surroundings: Surroundings): Store;
  queue?(queue: Queue): Queue;
  handle?(delivery: Delivery, pipeline: Pipeline, surroundings: Surroundings & { queue: Queue }): Promise<Outcome>;
}

/** The production code from the receive to the settled message, with nothing between it and the fakes. */
export function onefold(
  seams: Seams = {},
  { name = 'onefold', mappingsTimeToLive = undefined as string | undefined } = {},
): Subject {
  return {
    name,
    tables: {
      mappings: {
        key: 'clientFeatureId',
        ...(mappingsTimeToLive === undefined ? {} : { timeToLive: mappingsTimeToLive }),
      },
      features: { key: 'featureId' },
    },
    start: surroundings => {
      const { sqs, clock, mint, scenario } = surroundings;
      const dynamodb = seams.dynamodb?.(surroundings.dynamodb) ?? surroundings.dynamodb;
      const writes = scenario.writes === 'single' ? 'single' : 'batch';
      const facts = {
        arn: 'arn:aws:sqs:us-east-1:000000000000:features',
        fifo: false,
        deadLetterQueueUrl: DEAD_LETTERS,
        maxReceiveCount: scenario.maxReceiveCount,
        visibilitySeconds: VISIBILITY_SECONDS,
      };
      const real = createDynamoDBStore({ client: dynamodb as DynamoDBClient, names, writes, clock, random });
      const store = seams.store?.(real, surroundings) ?? real;
      const realQueue = createSqsQueue({
        ...{ sqs, queueUrl: SOURCE, facts, clock, random, log },
        // A delete that waits for company arrives late, and the explorer lets every request arrive late anyway.
        deletesApartMs: 0,
      });
      const queue = seams.queue?.(realQueue) ?? realQueue;
      const finished = rememberFinished({ now: clock.now, most: 16 });
      const pipeline = { store, mint, now: clock.now, finished };
      const { handle: broken } = seams;
      const worker = createWorker({
        handle: broken
          ? delivery => broken(delivery, pipeline, { ...surroundings, queue })
          : delivery => handle(delivery, pipeline),
        settling: { queue, onConflict: 'park', random },
        health: real.health,
        heartbeat: createHeartbeat({ queue, visibilitySeconds: VISIBILITY_SECONDS, clock, log }),
        facts,
        clock,
        log,
      });
      return {
        take: worker.take,
        receives: () => real.health.available,
        stop: () => worker.finish(DRAIN_MS),
        broken: worker.broken,
      };
    },
  };
}
