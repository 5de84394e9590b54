import { duration } from '../duration.ts';
import { postponeSeconds } from '../pipeline/backoff.ts';
import { type Check, failure, need, ok, type Result, warning } from './check.ts';
import type { QueueAttributes, Queues } from './queues.ts';

const DAY = 24 * 3_600;
/** The most that SQS offers, and what `onefold setup` asks for. */
const LONGEST_RETENTION_SECONDS = 14 * DAY;
/** An outage that begins at night is seen in the morning. */
const LEAST_RETENTION_SECONDS = DAY;
/** SQS's own limit on a message and its attributes. */
const LARGEST_BYTES = 1_048_576;
/** For the attribute `onefold` of a dead letter: a detail of up to 1,000 characters, ids and times. */
const NOTE_BYTES = 8_192;
/** Four tries are over within seconds. */
const LEAST_RECEIVES = 5;
/** A renewal begins when half the time is over, and a request to SQS may take ten seconds. */
const LEAST_VISIBILITY_SECONDS = 20;
/** The longest pause between two tries of a failing message. */
const LONG_VISIBILITY_SECONDS = 900;

/** Queue and dead-letter queue: whether they are there, and suit each other and the worker. */
export function queueChecks(queues: Queues, { drainSeconds }: { drainSeconds: number }): Check[] {
  const source = () => need(queues.attributes, 'the queue does not say how it is set up');
  const letters = () => need(queues.deadLetterAttributes, 'the dead-letter queue does not say how it is set up');
  return [
    { name: 'queue', run: async () => ok(whichQueue(await queues.facts())) },
    { name: 'dead-letter queue', run: async () => suits(await source(), await queues.deadLetterAttributes()) },
    { name: 'tries', run: async () => enoughReceives(await source()) },
    { name: 'retention', run: async () => longEnough(await source(), await letters()) },
    { name: 'message size', run: async () => roomForLetters(await source(), await letters()) },
    { name: 'visibility', run: async () => hiddenLongEnough(await source(), drainSeconds) },
  ];
}

function whichQueue({ arn, fifo }: { arn: string; fifo: boolean }): string {
  return `${nameOf(arn)}, ${fifo ? 'FIFO' : 'standard'}`;
}

function suits(source: QueueAttributes, letters: QueueAttributes): Result {
  const [from, to] = [source, letters].map(({ QueueArn = '' }) => QueueArn.split(':').slice(3, 5).join(' '));
  if (from !== to) {
    return failure(
      `the queue is in ${from}, the dead-letter queue in ${to}: SQS moves dead letters within one Region and account only`,
      'give the queue a dead-letter queue beside it',
    );
  }
  const [fifo, fifoLetters] = [source, letters].map(({ FifoQueue }) => FifoQueue === 'true');
  if (fifo !== fifoLetters) {
    const kind = fifo ? 'FIFO' : 'standard';
    return failure(
      `the queue is ${kind} and its dead-letter queue is not, so nothing can be parked`,
      `give it a dead-letter queue that is ${kind} too`,
    );
  }
  const name = nameOf(letters.QueueArn);
  if (letters.RedrivePolicy) {
    return warning(
      `${name} has a redrive policy of its own: letters that were looked at too often leave it`,
      'remove its RedrivePolicy: reading a letter counts as a receive',
    );
  }
  return ok(`${name}, ${fifoLetters ? 'FIFO' : 'standard'}, beside its queue`);
}

function enoughReceives({ RedrivePolicy = '{}' }: QueueAttributes): Result {
  const { maxReceiveCount } = JSON.parse(RedrivePolicy);
  const receives = Number(maxReceiveCount);
  if (Number.isNaN(receives))
    return failure('without a redrive policy a failing message never ends', 'run `onefold setup`');
  const remedy = 'set maxReceiveCount to 10 in the RedrivePolicy of the queue';
  if (receives === 1) {
    return failure(
      'maxReceiveCount is 1: a receive whose answer gets lost makes a dead letter of an untried message',
      remedy,
    );
  }
  const between = Array.from({ length: receives - 1 }, (_, i) => postponeSeconds(i + 1, () => 0.5));
  const patience = duration(between.reduce((sum, pause) => sum + pause, 0));
  const detail = `${receives} tries over about ${patience}, then a dead letter`;
  return receives < LEAST_RECEIVES ? warning(`only ${detail}`, remedy) : ok(detail);
}

function longEnough(source: QueueAttributes, letters: QueueAttributes): Result {
  const [inQueue = 0, asLetter = 0] = [source, letters].map(each => Number(each.MessageRetentionPeriod));
  const detail = `${duration(inQueue)} in the queue, ${duration(asLetter)} as a dead letter`;
  // On a standard queue a dead letter's time counts from when the message was first sent.
  if (asLetter < inQueue) {
    return failure(
      `${detail}: a message that waited is deleted when it should be kept for you`,
      'set MessageRetentionPeriod of the dead-letter queue to 1209600, 14 days',
    );
  }
  if (asLetter < LONGEST_RETENTION_SECONDS) {
    return warning(
      `${detail}, where 14 days could be had`,
      'set MessageRetentionPeriod of the dead-letter queue to 1209600',
    );
  }
  if (inQueue < LEAST_RETENTION_SECONDS) {
    return warning(
      `${detail}: a longer outage loses messages`,
      'set MessageRetentionPeriod of the queue to 1209600, 14 days',
    );
  }
  return ok(detail);
}

function roomForLetters(source: QueueAttributes, letters: QueueAttributes): Result {
  const [inQueue = 0, asLetter = 0] = [source, letters].map(each => Number(each.MaximumMessageSize ?? LARGEST_BYTES));
  if (asLetter < Math.min(inQueue + NOTE_BYTES, LARGEST_BYTES)) {
    return failure(
      `the queue takes ${inQueue} bytes and the dead-letter queue ${asLetter}: a large message, with its reason, cannot be parked`,
      `set MaximumMessageSize of the dead-letter queue to ${LARGEST_BYTES}`,
    );
  }
  return ok('whatever the queue takes can be parked');
}

function hiddenLongEnough({ VisibilityTimeout }: QueueAttributes, drainSeconds: number): Result {
  const seconds = Number(VisibilityTimeout);
  const remedy = (to: number) => `set VisibilityTimeout of the queue to ${to}`;
  if (!(seconds > 0)) return failure('0 s: every worker receives every message', remedy(60));
  if (seconds < LEAST_VISIBILITY_SECONDS) {
    return warning(`${seconds} s: one slow renewal, and a second worker has the message too`, remedy(60));
  }
  if (seconds < drainSeconds) {
    return warning(
      `${seconds} s, but a stopping worker may hold messages for ${drainSeconds} s, hidden by renewals alone`,
      `${remedy(Math.max(60, drainSeconds))}, or lower ONEFOLD_DRAIN_SECONDS`,
    );
  }
  if (seconds > LONG_VISIBILITY_SECONDS) {
    return warning(`${duration(seconds)}: so long the messages of a worker that died are missing`, remedy(60));
  }
  return ok(`${seconds} s, and draining takes ${drainSeconds} s at most`);
}

const nameOf = (arn = ''): string => arn.split(':').at(-1) ?? '';
