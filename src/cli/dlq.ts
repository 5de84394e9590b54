import type { Command } from 'commander';
import type { Exit } from './command.ts';
import { addCancel } from './dlq/cancel.ts';
import { addExport } from './dlq/export.ts';
import { addList } from './dlq/list.ts';
import { addReplay } from './dlq/replay.ts';
import { addResolve } from './dlq/resolve.ts';
import { addShow } from './dlq/show.ts';
import { addSummary } from './dlq/summary.ts';

export function addDlq(program: Command, exit: Exit): void {
  const dlq = program
    .command('dlq')
    .description('the dead-letter queue: see why, try first, replay safely')
    .addHelpText('after', HELP);
  for (const add of [addSummary, addList, addShow, addReplay, addResolve, addExport, addCancel]) add(dlq, exit);
}

const HELP = `
Begin with \`onefold dlq summary\`, which ends with what to try next.

Looking means receiving: letters are hidden from others while a command looks
at them, for two minutes at a time, and given back at its end, also at Ctrl-C.
Those of a command that was killed come back by themselves within two minutes.
Each look raises their receive counts, which a dead-letter queue does not act
on.`;
