import type { Command } from 'commander';
import { toArchive } from '../../dlq/archive.ts';
import { select } from '../../dlq/filter.ts';
import { countMessages } from '../../dlq/queue.ts';
import type { Exit } from '../command.ts';
import { withLocal } from '../connect.ts';
import { jsonLine } from '../json.ts';
import { startProgress } from '../progress.ts';
import { type FilterOptions, filterFrom, withFilters } from './filter-options.ts';
import { letters, printNotes, writeLine } from './screen.ts';
import { withDeadLetters } from './session.ts';

export function addExport(dlq: Command, exit: Exit): void {
  withFilters(withLocal(dlq.command('export')))
    .description('everything about every letter, one object a line: onefold dlq export > letters.ndjson')
    .option('--json', 'accepted everywhere; this command prints nothing but JSON')
    .addHelpText('after', HELP)
    .action((options: FilterOptions & { local?: boolean }) =>
      withDeadLetters(options, exit, async ({ sqs, queue, clock, signal, look }) => {
        const { visible } = await countMessages(sqs, queue.url);
        // A terminal that shows the letters has no place for a bar.
        const progress = process.stdout.isTTY ? undefined : startProgress('letters', visible);
        let count = 0;
        const { partial } = await look(async pass => {
          for await (const batch of select(pass.letters(), filterFrom(options), clock)) {
            for (const letter of batch) await writeLine(jsonLine(toArchive(letter)));
            count += batch.length;
            progress?.reached(count);
          }
        }).finally(() => progress?.stop());
        console.error(`${letters(count)} written`);
        printNotes(partial);
        signal.throwIfAborted();
      }),
    );
}

const HELP = `
Nothing is deleted. \`onefold dlq replay --from letters.ndjson\` reads it back,
also long after the queue has forgotten. Bodies stand in it byte for byte as
JSON strings, binary attributes in base64.`;
