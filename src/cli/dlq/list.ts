import type { Command } from 'commander';
import { select } from '../../dlq/filter.ts';
import { clientFeatureIdOf, type Letter } from '../../dlq/letter.ts';
import { nameOf } from '../../dlq/queue.ts';
import { duration } from '../../duration.ts';
import type { Exit } from '../command.ts';
import { withLocal } from '../connect.ts';
import { jsonLine } from '../json.ts';
import { plainTable } from '../plain-table.ts';
import { type FilterOptions, filterFrom, withFilters } from './filter-options.ts';
import { bold, columns, letters, printNotes, shown, trimmed, writeLine } from './screen.ts';
import { withDeadLetters } from './session.ts';

/** On a terminal the first part of a message's id: `dlq show` takes it. */
const SHORT_ID = 8;
const WIDTHS = { reason: 11, age: 13, client: 14 };

export function addList(dlq: Command, exit: Exit): void {
  withFilters(withLocal(dlq.command('list')))
    .description('one line a letter')
    .option('--json', 'one object a line')
    .action((options: FilterOptions & { local?: boolean; json?: boolean }) =>
      withDeadLetters(options, exit, async ({ clock, signal, look }) => {
        const now = clock.now();
        const lines = options.json ? jsonLines : tableLines(columns());
        let count = 0;
        const { partial } = await look(async pass => {
          for await (const batch of select(pass.letters(), filterFrom(options), clock)) {
            if (count === 0 && !options.json) await writeLine(bold(lines([])));
            count += batch.length;
            await writeLine(lines(batch.map(letter => rowOf(letter, now))));
          }
        });
        if (!options.json) console.log(count === 0 ? 'no such letters' : `\n${letters(count)}`);
        printNotes(partial);
        signal.throwIfAborted();
      }),
    );
}

interface Row {
  messageId: string;
  reason: string;
  detail: string;
  clientFeatureId: string | undefined;
  sentAt: string;
  ageMs: number;
  receiveCount: number;
  replays: number;
  origin: Letter['origin'];
  queue: string | undefined;
}

function rowOf(letter: Letter, now: number): Row {
  const { messageId, reason, detail, sentAt, receiveCount, replays, origin, originArn } = letter;
  const clientFeatureId = clientFeatureIdOf(letter.body);
  const ageMs = now - Date.parse(sentAt);
  return { messageId, reason, detail, clientFeatureId, sentAt, ageMs, receiveCount, replays, origin, queue: originArn };
}

const jsonLines = (rows: Row[]): string => rows.map(jsonLine).join('\n');

/** The heading when there are no rows. Each batch is a table of its own, so the columns' widths are fixed. */
function tableLines(width: number | undefined): (rows: Row[]) => string {
  const idWidth = width ? SHORT_ID + 2 : 38;
  const taken = idWidth + WIDTHS.reason + WIDTHS.age + WIDTHS.client;
  const detailWidth = width ? Math.max(width - taken, 12) : 500;
  return rows => {
    const table = plainTable({ colWidths: [idWidth, WIDTHS.reason, WIDTHS.age, WIDTHS.client, detailWidth] });
    for (const row of rows) {
      table.push([
        shown(row.messageId, 100).slice(0, idWidth - 2),
        row.reason,
        duration(row.ageMs / 1_000),
        shown(row.clientFeatureId ?? '', WIDTHS.client - 2),
        shown(remarks(row) + row.detail, detailWidth - 2),
      ]);
    }
    if (rows.length === 0) table.push(['letter', 'reason', 'age', 'client id', 'detail']);
    return trimmed(table);
  };
}

function remarks({ replays, origin, queue }: Row): string {
  return [
    ...(origin === 'other' ? [`(of queue ${nameOf(queue ?? '')}) `] : []),
    ...(origin === 'unknown' ? ['(origin unknown) '] : []),
    ...(replays > 0 ? [`(replayed ${replays === 1 ? 'once' : `${replays} times`}) `] : []),
  ].join('');
}
