import type { Command } from 'commander';
import { cancelMove } from '../../dlq/move-task.ts';
import type { Exit } from '../command.ts';
import { withLocal } from '../connect.ts';
import { printJson } from '../json.ts';
import { letters } from './screen.ts';
import { withDeadLetters } from './session.ts';

export function addCancel(dlq: Command, exit: Exit): void {
  withLocal(dlq.command('cancel'))
    .description('stop what `replay --via aws` has started')
    .option('--json', 'one object on standard output')
    .action((options: { local?: boolean; json?: boolean }) =>
      withDeadLetters(options, exit, async ({ sqs, queue, clock }) => {
        const task = await cancelMove({ sqs, queue, clock });
        if (options.json) printJson({ cancelled: task !== undefined, moved: task?.moved ?? 0 }, { pretty: false });
        else if (task) console.log(`stopped; about ${letters(task.moved)} had been moved`);
        else console.log('no move is running');
      }),
    );
}
