import {
  CancelMessageMoveTaskCommand,
  ListMessageMoveTasksCommand,
  type ListMessageMoveTasksResultEntry,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import type { Clock } from '../clock.ts';
import { CommandFailed, OperatorMistake } from '../errors.ts';
import type { Sqs } from '../queue/client.ts';
import { persist } from '../queue/persist.ts';
import { isTransient } from '../queue/transient.ts';
import type { DeadLetterQueue } from './queue.ts';

/** The most that SQS moves in a second. */
export const FASTEST_MOVE = 500;
const LOOK_EVERY_MS = 1_000;

/** SQS's own redrive, which it runs by itself: everything goes, and it goes on when this process ends. */
export interface MoveTask {
  status: 'RUNNING' | 'COMPLETED' | 'CANCELLING' | 'CANCELLED' | 'FAILED';
  moved: number;
  toMove: number;
  handle: string | undefined;
  failure: string | undefined;
}

/**
 * @param options.perSecond at most 500; without it as fast as SQS likes
 * @throws OperatorMistake when the backend has no move tasks, or one runs already
 */
export async function startMove(options: {
  sqs: Sqs;
  queue: DeadLetterQueue;
  perSecond?: number | undefined;
}): Promise<void> {
  const { sqs, queue, perSecond } = options;
  const command = new StartMessageMoveTaskCommand({
    SourceArn: queue.arn,
    // Without it SQS asks each letter where it came from, and fails on those that the worker has parked.
    DestinationArn: queue.source.arn,
    MaxNumberOfMessagesPerSecond: perSecond,
  });
  await sqs.send(command).catch(explain);
}

/** Looks every second until the task has ended, or the signal comes: then the task goes on. */
export async function watchMove(options: {
  sqs: Sqs;
  queue: DeadLetterQueue;
  clock: Clock;
  signal: AbortSignal;
  onProgress: (task: MoveTask) => void;
}): Promise<MoveTask> {
  const { clock, signal, onProgress } = options;
  for (;;) {
    const task = await latestMove(options);
    if (!task) throw new CommandFailed('SQS knows nothing of the move task any more');
    onProgress(task);
    if ((task.status !== 'RUNNING' && task.status !== 'CANCELLING') || signal.aborted) return task;
    await clock.sleep(LOOK_EVERY_MS, signal).catch(() => undefined);
  }
}

/** @returns the task that was stopped, or undefined when none was running */
export async function cancelMove(options: {
  sqs: Sqs;
  queue: DeadLetterQueue;
  clock: Clock;
}): Promise<MoveTask | undefined> {
  const task = await latestMove(options);
  if (task?.status !== 'RUNNING') return undefined;
  const answer = await options.sqs.send(new CancelMessageMoveTaskCommand({ TaskHandle: task.handle })).catch(explain);
  return { ...task, moved: Number(answer.ApproximateNumberOfMessagesMoved ?? task.moved) };
}

export async function latestMove(options: {
  sqs: Sqs;
  queue: DeadLetterQueue;
  clock: Clock;
}): Promise<MoveTask | undefined> {
  const { sqs, queue, clock } = options;
  const command = new ListMessageMoveTasksCommand({ SourceArn: queue.arn, MaxResults: 10 });
  const { Results = [] } = await persist(() => sqs.send(command), { clock, random: Math.random }).catch(explain);
  const latest = Results.toSorted((a, b) => Number(b.StartedTimestamp) - Number(a.StartedTimestamp))[0];
  return latest && toTask(latest);
}

function toTask(entry: ListMessageMoveTasksResultEntry): MoveTask {
  const moved = Number(entry.ApproximateNumberOfMessagesMoved ?? 0);
  return {
    status: entry.Status as MoveTask['status'],
    moved,
    toMove: Math.max(moved, Number(entry.ApproximateNumberOfMessagesToMove ?? 0)),
    handle: entry.TaskHandle,
    failure: entry.FailureReason,
  };
}

function explain(error: Error): never {
  if (isTransient(error)) throw new CommandFailed(`SQS does not answer: ${error.message}`);
  if (/InvalidAction|UnsupportedOperation|NotImplemented|UnknownOperation/.test(error.name)) {
    throw new OperatorMistake(
      `this backend cannot: ${error.message}`,
      'replay without --via aws: it sends the letters itself, and can filter and preview',
    );
  }
  throw new OperatorMistake(
    `SQS refuses: ${error.name}: ${error.message}`,
    'a queue has one move task at a time; it needs sqs:StartMessageMoveTask, ReceiveMessage, DeleteMessage and GetQueueAttributes on the dead-letter queue and sqs:SendMessage on the source queue',
  );
}
