#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { addDemo } from './cli/demo.ts';
import { addDoctor } from './cli/doctor.ts';
import { addEnqueue } from './cli/enqueue.ts';
import { addGet } from './cli/get.ts';
import { addSchema } from './cli/schema.ts';
import { addSetup } from './cli/setup.ts';
import { addWorker } from './cli/worker.ts';
import { CommandFailed, OperatorMistake } from './errors.ts';

let code = 0;
const exit = {
  with: (ending: number) => {
    code = ending;
  },
  now: (ending: number) => process.exit(ending),
};

const program = new Command('onefold')
  .description('Stores every feature message from SQS exactly once in DynamoDB.')
  .configureHelp({ showGlobalOptions: true })
  .exitOverride();
for (const add of [addWorker, addDemo, addSetup, addDoctor, addEnqueue, addGet, addSchema]) add(program, exit);

try {
  await program.parseAsync();
} catch (error) {
  code = explain(error);
}
process.exit(code);

/** Says what went wrong: message and hint for a mistake, a stack only for what nobody foresaw. */
function explain(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2; // commander has said it
  if (error instanceof OperatorMistake) {
    console.error(`error: ${error.message}\nhint:  ${error.hint}`);
    return 2;
  }
  console.error(error instanceof CommandFailed ? `error: ${error.message}` : error);
  return 1;
}
