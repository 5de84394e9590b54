import { nanoid } from 'nanoid';
import { renderMetrics } from './admin/metrics.ts';
import { type AdminServer, type Health, startAdmin } from './admin/server.ts';
import { systemClock as clock } from './clock.ts';
import { composeOnce } from './compose-once.ts';
import type { Config } from './config.ts';
import { OperatorMistake } from './errors.ts';
import { untilSignalled } from './lifecycle.ts';
import type { Logger } from './log.ts';
import { rememberFinished } from './pipeline/finished.ts';
import { handle } from './pipeline/handle.ts';
import { createReceiveClient, createSqsClient } from './queue/client.ts';
import { createConsumer } from './queue/consumer.ts';
import { inspectQueue } from './queue/facts.ts';
import { createHeartbeat } from './queue/heartbeat.ts';
import { createSqsQueue } from './queue/sqs.ts';
import { createDynamoDBClient } from './store/client.ts';
import { createDynamoDBStore } from './store/dynamodb.ts';
import { inspectTables } from './store/inspect.ts';
import { waitFor } from './wait.ts';
import { createWorker, pauseWhileDown } from './worker.ts';

/** A running receive gets this long to bring what is under way before it is aborted. */
const RECEIVE_GRACE_MS = 1_000;
const PROGRESS_EVERY_MS = 10_000;

/**
 * The long-running worker, from its checks to its last log line.
 * @returns the exit code: 0 drained, 1 the drain time was over and the rest was given back
 * @throws OperatorMistake when what is configured cannot work, or the tables turn out to be mispaired
 */
export async function runWorker(
  config: Config,
  { log, waitSeconds, exitNow }: { log: Logger; waitSeconds: number; exitNow: (code: number) => void },
): Promise<number> {
  const signals = untilSignalled(exitNow);
  const receiving = composeOnce(createReceiveClient(config.pollers), ['ReceiveMessageCommand']);
  const settling = composeOnce(createSqsClient(), ['DeleteMessageBatchCommand']);
  const dynamodb = composeOnce(createDynamoDBClient(), ['BatchExecuteStatementCommand']);
  const { idempotencyTable, featuresTable, writes } = config;
  const names = { idempotencyTable, featuresTable };
  let admin: AdminServer | undefined;

  const inspect = async () => {
    const facts = await inspectQueue(settling, config.queueUrl);
    await inspectTables({ client: dynamodb, names, writes });
    return facts;
  };

  try {
    const ready = waitFor(inspect, { seconds: waitSeconds, say: what => log.info(what), clock });
    const facts = await Promise.race([ready, signals.signalled.then(() => undefined)]);
    if (facts === undefined) return 0; // stopped before there was anything to drain

    const store = createDynamoDBStore({ client: dynamodb, names, writes, clock, random: Math.random });
    const queue = createSqsQueue({ sqs: settling, queueUrl: config.queueUrl, facts, clock, random: Math.random, log });
    const pipeline = { store, mint: nanoid, now: clock.now, finished: rememberFinished(clock) };
    const worker = createWorker({
      handle: delivery => handle(delivery, pipeline),
      settling: { queue, onConflict: config.onConflict, random: Math.random },
      health: store.health,
      heartbeat: createHeartbeat({ queue, visibilitySeconds: facts.visibilitySeconds, clock, log }),
      facts,
      clock,
      log,
    });
    const consumer = createConsumer({
      sqs: receiving,
      queueUrl: config.queueUrl,
      fifo: facts.fifo,
      pollers: config.pollers,
      handle: worker.take,
      giveBack: worker.giveBack,
      clock,
      random: Math.random,
      log,
    });
    pauseWhileDown(store.health, consumer, log);

    let stopping = false;
    const health = (): Health => {
      if (stopping) return { state: 'stopping' };
      return store.health.available ? { state: 'receiving' } : { state: 'paused', reason: store.health.reason ?? '' };
    };
    const figures = () => ({
      ...worker.counts,
      writeRequests: store.requests.writes,
      readRequests: store.requests.reads,
    });
    if (config.adminPort !== 'off') {
      const metrics = () =>
        renderMetrics({
          counts: worker.counts,
          inFlight: worker.inFlight(),
          available: store.health.available,
          writeRequests: store.requests.writes,
          readRequests: store.requests.reads,
          startedAt: Math.round(clock.now() / 1000 - process.uptime()),
          residentMemory: process.memoryUsage.rss(),
          cpu: (process.cpuUsage().user + process.cpuUsage().system) / 1e6,
        });
      admin = await startAdmin({ host: config.adminHost, port: config.adminPort }, { health, metrics });
    }

    consumer.start();
    log.info({ queue: facts.arn, ...names, writes, pollers: config.pollers, adminPort: admin?.port }, 'receiving');
    let reported = 0;
    const progress = setInterval(() => {
      if (worker.counts.received > reported) log.info({ ...figures(), inFlight: worker.inFlight() }, 'progress');
      reported = worker.counts.received;
    }, PROGRESS_EVERY_MS);

    const end = await Promise.race([signals.signalled, worker.broken.catch((error: Error) => error)]);
    stopping = true;
    clearInterval(progress);
    const drainBy = clock.now() + config.drainSeconds * 1000;
    log.info({ signal: end instanceof Error ? end.message : end, inFlight: worker.inFlight() }, 'stopping');
    await consumer.stop(RECEIVE_GRACE_MS);
    const drained = await worker.finish(Math.max(0, drainBy - clock.now()));
    store.health.stop();
    log.info({ ...figures(), drained }, 'stopped');
    if (end instanceof Error) {
      throw new OperatorMistake(
        end.message,
        'ONEFOLD_IDEMPOTENCY_TABLE and ONEFOLD_FEATURES_TABLE must be a pair that only Onefold writes',
      );
    }
    return drained ? 0 : 1;
  } finally {
    signals.release();
    await admin?.close();
    for (const client of [receiving, settling, dynamodb]) client.destroy();
  }
}
