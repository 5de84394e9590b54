import type { SQSClient } from '@aws-sdk/client-sqs';
import { type Clock, systemClock as clock } from '../../clock.ts';
import { readConfig } from '../../config.ts';
import { openPass, type Pass, type PassEnding } from '../../dlq/pass.ts';
import { type DeadLetterQueue, findDeadLetterQueue } from '../../dlq/queue.ts';
import { CommandFailed, OperatorMistake } from '../../errors.ts';
import { untilSignalled } from '../../lifecycle.ts';
import { MispairedTables } from '../../pipeline/create.ts';
import { createSqsClient } from '../../queue/client.ts';
import { createDynamoDBClient } from '../../store/client.ts';
import { createDynamoDBStore } from '../../store/dynamodb.ts';
import { type Store, StoreFailure, StoreUnavailable } from '../../store/port.ts';
import type { Exit } from '../command.ts';
import { joinWhenLocal } from '../connect.ts';
import { keepMemorySmall } from './memory.ts';

/** What a `dlq` command works with. */
export interface Session {
  sqs: SQSClient;
  queue: DeadLetterQueue;
  store: Store;
  clock: Clock;
  /** Aborted at the first SIGINT or SIGTERM; a second one ends the process. */
  signal: AbortSignal;
  /** Runs a pass, and gives back what it met however that ends. Says on standard error why it may be partial. */
  look<T>(use: (pass: Pass) => Promise<T>): Promise<{ value: T } & PassEnding>;
}

/** Connects as the environment says, does the work, and leaves nothing open. */
export async function withDeadLetters(
  options: { local?: boolean },
  exit: Exit,
  work: (session: Session) => Promise<void>,
): Promise<void> {
  keepMemorySmall();
  const signals = untilSignalled(exit.now);
  const stopping = new AbortController();
  void signals.signalled.then(name => stopping.abort(new CommandFailed(`stopped by ${name}`)));
  const { signal } = stopping;
  // As in `onefold dlq list | head`: the letters must be given back all the same.
  const onClosed = () => stopping.abort(new CommandFailed('nobody reads the output any more'));
  process.stdout.on('error', onClosed);
  const joined = await joinWhenLocal(options);
  const sqs = createSqsClient();
  const dynamodb = createDynamoDBClient();
  try {
    const { queueUrl, writes, ...names } = readConfig(process.env);
    const queue = await findDeadLetterQueue(sqs, queueUrl);
    const store = createDynamoDBStore({ client: dynamodb, names, writes, clock, random: Math.random });
    const look: Session['look'] = async use => {
      const pass = openPass({ sqs, queue, clock, random: Math.random, signal });
      let ending: PassEnding;
      let value: Awaited<ReturnType<typeof use>>;
      try {
        value = await use(pass);
      } finally {
        ending = await pass.end();
      }
      return { value, ...ending };
    };
    await work({ sqs, queue, store, clock, signal, look }).finally(store.health.stop);
  } catch (error) {
    throw inWords(error);
  } finally {
    process.stdout.off('error', onClosed);
    signals.release();
    sqs.destroy();
    dynamodb.destroy();
    await joined.leave();
  }
}

function inWords(error: unknown): unknown {
  if (error instanceof StoreUnavailable) return new CommandFailed(`the store is down: ${error.message}`);
  if (error instanceof StoreFailure) return new CommandFailed(error.message);
  if (!(error instanceof MispairedTables)) return error;
  return new OperatorMistake(
    error.message,
    'correct ONEFOLD_IDEMPOTENCY_TABLE and ONEFOLD_FEATURES_TABLE: they are no pair',
  );
}
