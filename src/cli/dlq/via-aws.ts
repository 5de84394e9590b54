import { FASTEST_MOVE, latestMove, type MoveTask, startMove, watchMove } from '../../dlq/move-task.ts';
import { countMessages, type DeadLetterQueue, nameOf } from '../../dlq/queue.ts';
import type { ReplayTotals } from '../../dlq/replay.ts';
import { CommandFailed, OperatorMistake } from '../../errors.ts';
import { jsonLine } from '../json.ts';
import { startProgress } from '../progress.ts';
import type { ReplayCommandOptions } from './replay.ts';
import { bold, letters, printNotes } from './screen.ts';
import type { Session } from './session.ts';

/** SQS's redrive knows no filter and no correction. */
const OUR_OWN = ['reason', 'match', 'id', 'since', 'limit', 'edit', 'from', 'verify', 'checkpoint'] as const;

export function assertEverythingGoes(options: ReplayCommandOptions): void {
  if (options.via !== 'aws') {
    throw new OperatorMistake(`--via ${options.via} is not known`, 'it may be aws: StartMessageMoveTask');
  }
  const given = OUR_OWN.filter(name => options[name] !== undefined).map(name => `--${name}`);
  if (given.length > 0) {
    throw new OperatorMistake(
      `--via aws moves every letter as it is, so it does not go with ${given.join(' and ')}`,
      'leave out one or the other: without --via aws, replay sends the letters itself',
    );
  }
  if (options.rate !== undefined && (options.rate > FASTEST_MOVE || !Number.isInteger(options.rate))) {
    throw new OperatorMistake(`SQS moves 1 to ${FASTEST_MOVE} letters a second`, `such as --rate ${FASTEST_MOVE}/s`);
  }
}

/** Starts SQS's own redrive with --yes, and watches it. At Ctrl-C it goes on. */
export async function moveByAws(options: ReplayCommandOptions, { sqs, queue, clock, signal }: Session): Promise<void> {
  const { yes = false, json = false, force = false, rate } = options;
  await latestMove({ sqs, queue, clock }); // refuses where there are no move tasks
  if (!force) assertOursAlone(queue);
  const { visible } = await countMessages(sqs, queue.url);
  if (!yes) {
    if (json) console.log(jsonLine(totalsOf(0, visible)));
    else {
      console.log(bold(`Dry run: SQS would move all ${letters(visible)} to ${nameOf(queue.source.arn)}`));
      console.log(
        'Nothing is looked at: those still invalid or in conflict come back. Their count of replays does not rise.',
      );
      console.log('\nThe same command with --yes does it.');
    }
    return;
  }
  await startMove({ sqs, queue, perSecond: rate });
  const progress = startProgress('letters', visible);
  const task = await watchMove({
    sqs,
    queue,
    clock,
    signal,
    onProgress: ({ moved }) => progress.reached(moved),
  }).finally(progress.stop);
  if (json) console.log(jsonLine(totalsOf(task.moved, task.toMove - task.moved)));
  else console.log(`${letters(task.moved)} moved to ${nameOf(queue.source.arn)}; their count of replays did not rise`);
  report(task);
}

/** SQS's redrive asks no letter where it came from. */
function assertOursAlone({ servedQueues, source }: DeadLetterQueue): void {
  const hint = 'replay without --via aws, which leaves them alone; --force moves them all the same';
  if (servedQueues === undefined) {
    throw new OperatorMistake(
      `SQS does not say which queues this dead-letter queue serves (sqs:ListDeadLetterSourceQueues), and the letters of others would be moved to ${nameOf(source.arn)} too`,
      hint,
    );
  }
  const others = servedQueues.filter(name => name !== nameOf(source.arn));
  if (others.length > 0) {
    throw new OperatorMistake(
      `this dead-letter queue also serves ${others.join(', ')}, whose letters would be moved to ${nameOf(source.arn)} too`,
      hint,
    );
  }
}

function report({ status, failure }: MoveTask): void {
  if (status === 'RUNNING') {
    printNotes(['SQS goes on moving: `onefold dlq cancel` stops it']);
    throw new CommandFailed('stopped watching');
  }
  if (status === 'FAILED') throw new CommandFailed(`the move failed: ${failure ?? 'SQS does not say why'}`);
  if (status !== 'COMPLETED') throw new CommandFailed('the move was cancelled');
}

function totalsOf(moved: number, left: number): ReplayTotals {
  return {
    ...{ examined: 0, wouldCreate: 0, wouldFinish: 0, alreadyStored: 0, stillConflict: 0, stillInvalid: 0 },
    ...{ otherQueue: 0, sent: moved, deleted: moved, left, failed: 0 },
  };
}
