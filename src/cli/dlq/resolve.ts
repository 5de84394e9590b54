import { styleText } from 'node:util';
import type { Command } from 'commander';
import { createJudge } from '../../dlq/judge.ts';
import { nameOf } from '../../dlq/queue.ts';
import { acceptStored, type Resolved, type ResolveTotals } from '../../dlq/resolve.ts';
import { OperatorMistake } from '../../errors.ts';
import type { Exit } from '../command.ts';
import { withLocal } from '../connect.ts';
import { jsonLine } from '../json.ts';
import { dryRun, type FilterOptions, filterFrom, withFilters } from './filter-options.ts';
import { bold, printNotes, shown } from './screen.ts';
import { withDeadLetters } from './session.ts';

export function addResolve(dlq: Command, exit: Exit): void {
  withFilters(withLocal(dlq.command('resolve')))
    .description('decide conflicts; without --yes only say which')
    .requiredOption(
      '--accept <stored>',
      'stored: the payload in the table stands, the letters that contradict it go',
      accept,
    )
    .addOption(dryRun())
    .option('--yes', 'do it')
    .option('--force', 'also those of which nothing tells which queue they came from')
    .option('--json', 'one object a decision, and the totals last')
    .addHelpText('after', HELP)
    .action((options: FilterOptions & { local?: boolean; json?: boolean; yes?: boolean; force?: boolean }) =>
      withDeadLetters(options, exit, async ({ queue, store, clock, signal, look }) => {
        const { yes = false, force = false, json = false } = options;
        if (!json) console.log(yes ? bold('Accepting what is stored') : bold('Dry run: nothing is deleted'));
        const { value, partial } = await look(pass =>
          acceptStored({
            pass,
            filter: filterFrom(options),
            judge: createJudge({ store, now: clock.now }),
            store,
            commit: yes,
            force,
            fifo: queue.fifo,
            clock,
            signal,
            onResolved: resolved => console.log(json ? jsonLine(resolved) : describe(resolved)),
          }),
        );
        const { totals, stopped } = value;
        if (json) console.log(jsonLine(totals));
        else console.log(`\n${result(totals, yes, nameOf(queue.arn))}`);
        printNotes(partial);
        exit.with(stopped || totals.failed > 0 ? 1 : 0);
        if (stopped) throw stopped;
      }),
    );
}

function accept(value: string): string {
  if (value === 'stored') return value;
  throw new OperatorMistake(
    `--accept ${value} is not known`,
    'it may be stored: Onefold never overwrites, so what is stored is what can stand',
  );
}

/** One line is the record of one decision. */
function describe({ messageId, clientFeatureId, featureId, storedHash, refusedHash }: Resolved): string {
  return [
    `letter ${messageId}`,
    `  client id ${shown(clientFeatureId, 60)}, feature ${featureId}`,
    `  stays ${storedHash}`,
    `  goes  ${refusedHash}`,
  ].join('\n');
}

function result(
  { examined, conflicts, deleted, otherQueue, left, failed }: ResolveTotals,
  yes: boolean,
  queue: string,
): string {
  const besides = otherQueue > 0 ? `; ${otherQueue} of another queue were not touched` : '';
  const text = `${examined} letters of ${queue} examined, ${conflicts} in conflict, ${deleted} deleted, ${left} left${besides}`;
  if (failed > 0) return styleText('red', `✘ ${text}; ${failed} could not be judged`);
  if (yes) return styleText('green', `✔ ${text}`);
  return conflicts > 0 ? `${text}\nThe same command with --yes deletes the letters in conflict.` : text;
}

const HELP = `
Only letters are deleted that contradict what is stored now, whatever they were
parked for. Each is written to standard output before it goes: message id,
client id, feature id and both payload hashes; keep that, and \`dlq export\`
before it if the payloads matter.

--json ends with {"examined","conflicts","otherQueue","deleted","left","failed"}.`;
