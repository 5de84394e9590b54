import type { Command } from 'commander';
import { countMessages } from '../../dlq/queue.ts';
import { REPLAYED_OFTEN } from '../../dlq/replay-rules.ts';
import { type Summary, summarise } from '../../dlq/summary.ts';
import { duration } from '../../duration.ts';
import type { Exit } from '../command.ts';
import { withLocal } from '../connect.ts';
import { printJson } from '../json.ts';
import { plainTable } from '../plain-table.ts';
import { startProgress } from '../progress.ts';
import { bold, columns, letters, printNotes, shown, trimmed } from './screen.ts';
import { withDeadLetters } from './session.ts';

const WIDEST_BAR = 8;
const DETAILS_SHOWN = 12;

export function addSummary(dlq: Command, exit: Exit): void {
  withLocal(dlq.command('summary'))
    .description('how many letters there are, why, and how long they have left')
    .option('--json', 'one object on standard output')
    .action((options: { local?: boolean; json?: boolean }) =>
      withDeadLetters(options, exit, async ({ sqs, queue, clock, signal, look }) => {
        const { visible } = await countMessages(sqs, queue.url);
        const progress = startProgress('letters', visible);
        const counts = summarise(queue, clock.now());
        const { partial } = await look(async pass => {
          let met = 0;
          for await (const batch of pass.letters()) {
            for (const letter of batch) counts.add(letter);
            met += batch.length;
            progress.reached(met);
          }
        }).finally(progress.stop);
        signal.throwIfAborted();
        if (queue.movesOnAfter !== undefined) partial.push(movesOn(queue.movesOnAfter));
        const summary = counts.summary(partial);
        if (options.json) printJson(summary, { pretty: false });
        else print(summary, clock.now(), options.local ? ' --local' : '');
      }),
    );
}

/** @param where what the commands that it names need, to look into the same queue */
function print(summary: Summary, now: number, where: string): void {
  const { oldest, newest, replays, unknownOrigin, otherQueues } = summary;
  console.log(`${bold(letters(summary.letters))} in ${summary.queue}, the dead-letter queue of ${summary.source}`);
  if (oldest && newest) {
    const left = Date.parse(oldest.expiresAt) - now;
    console.log(
      `oldest ${ago(oldest.sentAt, now)}, newest ${ago(newest.sentAt, now)}; the oldest expires in ${duration(left / 1_000)}`,
    );
    printBars(
      'By reason',
      Object.entries(summary.reasons).map(([name, count]) => ({ name, count })),
    );
    const details = summary.details.slice(0, DETAILS_SHOWN);
    printBars(
      'By detail',
      details.map(({ reason, detail, count, example }) => ({
        name: reason,
        count,
        text: count === 1 ? example : detail,
      })),
    );
    if (summary.details.length > details.length)
      console.log(`  ... and ${summary.details.length - details.length} more`);
    printBars(
      'By age',
      summary.ages.map(({ age, count }) => ({ name: age, count })),
    );
    const tried = Object.entries(replays).filter(([times]) => times !== '0');
    if (tried.length > 0) {
      printBars(
        'Replayed before',
        tried.map(([times, count]) => ({ name: times === '1' ? 'once' : `${times} times`, count })),
      );
    }
  }
  for (const [name, count] of Object.entries(otherQueues)) {
    console.log(
      `\nBesides, ${letters(count)} of another queue, ${shown(name, 80)}: not counted above and never touched.`,
    );
  }
  if (unknownOrigin > 0) {
    console.log(
      `\nNothing tells which queue ${letters(unknownOrigin)} came from: replay takes them only with --force.`,
    );
  }
  printNotes(summary.partial);
  console.log(
    `\n${bold('Next')}\n${next(summary, where)
      .map(command => `  ${command}`)
      .join('\n')}`,
  );
}

/** One group a line, with a bar on a terminal. */
function printBars(title: string, groups: { name: string; count: number; text?: string }[]): void {
  const most = Math.max(...groups.map(({ count }) => count), 1);
  const width = columns();
  const names = Math.max(...groups.map(({ name }) => name.length)) + 2;
  const rest = (width ?? 0) - names - 9 - (WIDEST_BAR + 2);
  const table = plainTable({
    colAligns: ['left', 'right', 'left', 'left'],
    ...(width && { colWidths: [names, 9, WIDEST_BAR + 2, Math.max(rest, 10)] }),
  });
  const bar = (count: number) => '█'.repeat(Math.max(Math.round((count / most) * WIDEST_BAR), count > 0 ? 1 : 0));
  for (const { name, count, text } of groups) {
    const drawn = width ? [bar(count)] : [];
    const explained = text === undefined ? [] : [shown(text, width ? Math.max(rest, 10) - 2 : 500)];
    table.push([name, count.toLocaleString('en'), ...drawn, ...explained]);
  }
  console.log(`\n${bold(title)}\n${trimmed(table)}`);
}

/** The commands worth trying, for what there is. */
function next({ letters: all, reasons, replays, unknownOrigin }: Summary, where: string): string[] {
  if (all === 0) return ['nothing to do: the dead-letter queue is empty'];
  const often = Object.keys(replays).some(times => Number(times) >= REPLAYED_OFTEN);
  const force = unknownOrigin > 0 ? ' --force' : '';
  const commands: [boolean, string, string][] = [
    [reasons.exhausted > 0, `replay --reason exhausted${force}`, 'those SQS gave up on: try'],
    [reasons.conflict > 0, 'list --reason conflict', 'which; `dlq show` compares'],
    [reasons.conflict > 0, 'resolve --accept stored', 'what is stored stands'],
    [reasons.invalid > 0, 'list --reason invalid', 'what is wrong with each'],
    [often, 'list --json', 'see those replayed often'],
    [true, 'replay', 'a dry run: sends nothing'],
  ];
  return commands
    .filter(([applies]) => applies)
    .map(([, command, why]) => `onefold dlq ${(command + where).padEnd(32)}${why}`);
}

const ago = (sentAt: string, now: number): string => `${duration((now - Date.parse(sentAt)) / 1_000)} old`;

const movesOn = (after: number): string =>
  `this queue has a dead-letter queue of its own: letters move on when they are received more than ${after} times, and each look is a receive`;
