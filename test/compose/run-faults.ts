import type { Clock } from '../../src/clock.ts';
import type { PlannedMessage } from '../../src/demo/plan.ts';
import { countItems, countMessages, readTruth } from '../../src/demo/truth.ts';
import { judge, type Verdict } from '../../src/demo/verdict.ts';
import { CommandFailed } from '../../src/errors.ts';
import { createSqsClient } from '../../src/queue/client.ts';
import { createDynamoDBClient } from '../../src/store/client.ts';
import { type DeadLetters, triage } from './dead-letters.ts';
import { FAULTS, scaleTo, WORKERS } from './faults.ts';
import { createFeeder } from './feed.ts';
import type { Project } from './project.ts';
import { followReceives } from './receives.ts';
import type { Phase } from './report.ts';

const names = { idempotencyTable: 'onefold-idempotency', featuresTable: 'onefold-features' };
const QUEUE = 'http://localstack:4566/000000000000/onefold';
/** More than the visibility time, after which the messages of a killed worker come back. */
const STANDSTILL_MS = 150_000;
/** When a fault strikes, the workers hold the first messages that flow in meanwhile. */
const UNDER_WAY_MS = 1_000;
/** How long one fault's messages may delay the next fault: those that are held do not. */
const TAKEN_MS = 30_000;
const LOOK_EVERY_MS = 1_000;
const SAY_EVERY_MS = 5_000;

export interface FaultsReport {
  phases: Phase[];
  deadLetters: DeadLetters;
  verdict: Verdict;
}

/**
 * Starts the project with four workers, strikes it with every fault while `messages` flow in, and audits tables and
 * queues when all is quiet. Then the dead-letter queue is triaged.
 * @throws CommandFailed when the project does not start, or a fault cannot be brought about
 */
export async function runFaults(options: {
  project: Project;
  messages: PlannedMessage[];
  say: (line: string) => void;
  clock: Clock;
  signal: AbortSignal;
}): Promise<FaultsReport> {
  const { project, messages, say, clock } = options;
  const done = new AbortController();
  const signal = AbortSignal.any([options.signal, done.signal]);
  say('building the image');
  await project.compose('build');
  say(`starting LocalStack, DynamoDB Local and ${WORKERS} workers`);
  await scaleTo(project, WORKERS);

  const { sqs, dynamodb } = await connect(project);
  const feeder = createFeeder({ sqs, queueUrl: QUEUE, clock, signal });
  const receives = followReceives({ project, clock, signal });
  const struck: { fault: string; seconds: number; from: number; to: number }[] = [];
  try {
    for (const [i, { name, strike }] of FAULTS.entries()) {
      const share = messages.slice(portion(messages.length, i), portion(messages.length, i + 1));
      say(`${name}, while ${share.length} messages flow in`);
      const from = feeder.sent.length;
      const began = clock.now();
      const over = clock.sleep(UNDER_WAY_MS, signal).then(() => strike({ project, clock, signal }));
      await Promise.all([over, feeder.send(share, over)]);
      struck.push({ fault: name, seconds: (clock.now() - began) / 1000, from, to: feeder.sent.length });
      await untilTaken();
    }
    await untilQuiet();
    await project.compose('stop', 'worker');
    const stoppedAt = clock.now();
    const unseen = feeder.sent.filter(({ messageId }) => !receives.has(messageId)).length;
    if (unseen > 0) say(`the logs name no settling of ${unseen} messages: their receives count as one`);
    say('reading tables and queues');
    const found = await readTruth({ sqs, dynamodb, names, queueUrl: QUEUE, deadLetterQueueUrl: `${QUEUE}-dlq` });
    const { figures, faults } = judge(feeder.sent, found);
    const exhausted = found.letters
      .filter(({ reason }) => reason === 'exhausted')
      .map(({ messageId }) => `message ${messageId} was received until SQS gave it up`);
    const { deadLetters, faults: untriaged } = await triage({
      project,
      parked: figures.parked,
      stoppedAt,
      say,
      clock,
      signal,
    });
    return {
      phases: struck.map(phase => phaseOf(phase)),
      deadLetters,
      verdict: { figures, faults: [...faults, ...exhausted, ...untriaged] },
    };
  } finally {
    done.abort(); // when a fault could not be brought about, messages are still flowing
    sqs.destroy();
    dynamodb.destroy();
  }

  function phaseOf({ fault, seconds, from, to }: (typeof struck)[number]): Phase {
    const counts = feeder.sent.slice(from, to).map(({ messageId }) => receives.get(messageId) ?? 1);
    const receivedAgain = counts.reduce((sum, count) => sum + count - 1, 0);
    return { fault, seconds, sent: to - from, receivedAgain, most: Math.max(...counts) };
  }

  /** So that a fault is answerable for its own messages alone. */
  async function untilTaken(): Promise<void> {
    const until = clock.now() + TAKEN_MS;
    while (clock.now() < until && (await countMessages(sqs, QUEUE)).visible > 0) {
      await clock.sleep(LOOK_EVERY_MS, signal);
    }
  }

  /** Until the queue is empty, or nothing moves any more: then the audit will say what is left. */
  async function untilQuiet(): Promise<void> {
    let last = '';
    let movedAt = clock.now();
    let sayAt = 0;
    while (clock.now() - movedAt < STANDSTILL_MS) {
      const { visible, hidden } = await countMessages(sqs, QUEUE);
      if (visible + hidden === 0) return;
      const stored = await countItems(dynamodb, names.featuresTable);
      const now = `${visible} messages waiting, ${hidden} held, ${stored} features stored`;
      if (now !== last) movedAt = clock.now();
      last = now;
      if (clock.now() > sayAt) {
        say(`all are sent: ${now}`);
        sayAt = clock.now() + SAY_EVERY_MS;
      }
      await clock.sleep(LOOK_EVERY_MS, signal);
    }
  }
}

/** The faults share the messages evenly. */
const portion = (total: number, i: number): number => Math.round((total * i) / FAULTS.length);

async function connect(project: Project) {
  const [sqs, dynamodb] = [await project.published('localstack', 4566), await project.published('dynamodb', 8000)];
  if (!sqs || !dynamodb) throw new CommandFailed('the ports of LocalStack and DynamoDB Local are not published here');
  const access = { region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } };
  return {
    sqs: createSqsClient({ endpoint: `http://${sqs}`, maxAttempts: 1, ...access }),
    dynamodb: createDynamoDBClient({ endpoint: `http://${dynamodb}`, ...access }),
  };
}
