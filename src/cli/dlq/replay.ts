import { join } from 'node:path';
import type { Command } from 'commander';
import { type Archive, openArchive } from '../../dlq/archive.ts';
import { type Checkpoint, noCheckpoint, openCheckpoint } from '../../dlq/checkpoint.ts';
import { correctByPatch, correctFrom } from '../../dlq/correction.ts';
import { createJudge } from '../../dlq/judge.ts';
import { createPace } from '../../dlq/pace.ts';
import { countMessages, type DeadLetterQueue, nameOf } from '../../dlq/queue.ts';
import { replay } from '../../dlq/replay.ts';
import { createSend } from '../../dlq/resend.ts';
import { OperatorMistake } from '../../errors.ts';
import type { Exit } from '../command.ts';
import { LOCAL_DIRECTORY, withLocal } from '../connect.ts';
import { dryRun, type FilterOptions, filterFrom, withFilters } from './filter-options.ts';
import { startReplayProgress } from './progress.ts';
import { createReplayScreen } from './replay-screen.ts';
import { printNotes } from './screen.ts';
import { type Session, withDeadLetters } from './session.ts';
import { assertEverythingGoes, moveByAws } from './via-aws.ts';

export interface ReplayCommandOptions extends FilterOptions {
  local?: boolean;
  json?: boolean;
  yes?: boolean;
  force?: boolean;
  verify?: boolean;
  rate?: number;
  edit?: string;
  from?: string;
  checkpoint?: string;
  via?: string;
}

export function addReplay(dlq: Command, exit: Exit): void {
  withFilters(withLocal(dlq.command('replay')))
    .description('send letters back to their queue; without --yes only say what would happen')
    .addOption(dryRun())
    .option('--yes', 'do it')
    .option('--rate <n/s>', 'at most so many letters a second', rate)
    .option('--verify', 'delete a letter only when its feature is in the table; waits a minute for each')
    .option(
      '--edit <patch>',
      'correct the bodies by this JSON merge patch (RFC 7396): \'{"payload":{"draft":null}}\'',
      patch,
    )
    .option('--from <file>', 'the letters of this file alone, in its words: a correction, or what `dlq export` wrote')
    .option('--force', 'also those still invalid, in conflict, of unknown origin, or replayed three times before')
    .option('--checkpoint <file>', `where an interrupted replay left off (by default in ${LOCAL_DIRECTORY}/)`)
    .option('--via <aws>', "by SQS's own redrive (StartMessageMoveTask): everything, unjudged")
    .option('--json', 'one object a letter, and the totals last')
    .addHelpText('after', HELP)
    .action((options: ReplayCommandOptions) => {
      if (options.via !== undefined) assertEverythingGoes(options);
      if (options.edit !== undefined && options.from !== undefined) {
        throw new OperatorMistake('--edit and --from both correct bodies', 'give one of them');
      }
      return withDeadLetters(options, exit, session =>
        options.via === undefined ? replayOurselves(options, exit, session) : moveByAws(options, session),
      );
    });
}

async function replayOurselves(options: ReplayCommandOptions, exit: Exit, session: Session): Promise<void> {
  const { sqs, queue, store, clock, signal } = session;
  const { yes = false, force = false, verify = false, json = false, edit, from } = options;
  const archive = from === undefined ? undefined : await openArchive(from, queue.source.arn);
  const checkpoint = yes ? openCheckpointOr(options.checkpoint, queue) : noCheckpoint;
  const backlog = async () => (await countMessages(sqs, queue.source.url)).visible;
  const pace = createPace({ ceiling: options.rate, backlog, clock, signal });
  const send = createSend({ sqs, queue, clock, random: Math.random, onTrouble: pace.trouble });
  const screen = createReplayScreen({ yes, json });
  const { visible } = await countMessages(sqs, queue.url);
  const progress = startReplayProgress({ total: options.limit ?? visible, clock, slowed: () => pace.slowed });
  let leftOut = 0;
  let finished = false;
  try {
    const {
      value: report,
      partial,
      complete,
    } = await session.look(pass =>
      replay({
        pass,
        filter: filterFrom(options),
        judge: createJudge({ store, now: clock.now }),
        commit: yes ? { send, pace, checkpoint, verify } : undefined,
        force,
        correct: correction(edit, archive),
        archive,
        fifo: queue.fifo,
        clock,
        signal,
        onLetter: replayed => {
          screen.letter(replayed);
          progress.reached(leftOut + screen.count());
        },
        // Towards a limit only those count that were chosen.
        onLeftOut: count => {
          if (options.limit === undefined) leftOut += count;
          progress.reached(leftOut + screen.count());
        },
      }),
    );
    progress.stop();
    screen.end(report, queue);
    printNotes(partial);
    finished = complete && !report.stopped && report.unfinished === 0;
    exit.with(report.stopped || report.totals.failed > 0 ? 1 : 0);
    if (report.stopped) {
      if (yes) printNotes(['the same command goes on where this one ended, and sends nothing twice']);
      throw report.stopped;
    }
  } finally {
    progress.stop();
    checkpoint.close(finished);
    await archive?.close();
  }
}

function correction(edit: string | undefined, archive: Archive | undefined) {
  if (edit !== undefined) return correctByPatch(edit);
  return archive && correctFrom(archive);
}

/** A read-only container has no place for one, and a replay without it is no less safe: it may send letters twice. */
function openCheckpointOr(given: string | undefined, queue: DeadLetterQueue): Checkpoint {
  const path = given ?? join(LOCAL_DIRECTORY, `replay-${nameOf(queue.arn)}.checkpoint`);
  try {
    return openCheckpoint(path);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    if (given !== undefined)
      throw new OperatorMistake(`no checkpoint can be kept: ${why}`, 'name a file that can be written');
    printNotes([`no checkpoint is kept (${why}): if this is interrupted, the next replay may send some letters again`]);
    return noCheckpoint;
  }
}

function rate(value: string): number {
  const [, perSecond] = /^(\d{1,5}(?:\.\d+)?)(?:\/s)?$/.exec(value) ?? [];
  if (Number(perSecond) > 0) return Number(perSecond);
  throw new OperatorMistake(`${JSON.stringify(value)} is not a rate`, 'such as 50/s');
}

function patch(value: string): string {
  try {
    JSON.parse(value);
    return value;
  } catch (error) {
    throw new OperatorMistake(
      `the patch is not JSON: ${error instanceof Error ? error.message : error}`,
      `such as --edit '{"payload":{"draft":null}}', which takes the member draft out of the payload`,
    );
  }
}

const HELP = `
Each letter is judged by the worker's own rules against the tables. With --yes
those that can be stored are sent to their queue and deleted here once SQS has
confirmed that; those that are stored already are deleted without sending; those
still invalid or in conflict stay. Letters of another queue that shares this
dead-letter queue are never touched.

A corrected letter (--edit, --from) is deleted only when its correction is in
the table: that is waited for a minute, then the letter stays and is counted as
failed. Killed at any point no letter is lost; one sent twice is harmless.

It slows down by itself: while SQS throttles, or more than 5,000 messages wait
in the source queue, it halves its rate once a second, down to ten letters a
second, and doubles it again when that is over.

--json ends with {"examined","wouldCreate","wouldFinish","alreadyStored",
"stillConflict","stillInvalid","otherQueue","sent","deleted","left","failed"}.
Exit code 1 when a letter failed, or it was interrupted.`;
