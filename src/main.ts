#!/usr/bin/env -S node --max-semi-space-size=16 --heap-growing-percent=100
import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { addAudit } from './cli/audit.ts';
import { addDemo } from './cli/demo.ts';
import { addDlq } from './cli/dlq.ts';
import { addDoctor } from './cli/doctor.ts';
import { addEnqueue } from './cli/enqueue.ts';
import { explain } from './cli/explain.ts';
import { addGet } from './cli/get.ts';
import { addSchema } from './cli/schema.ts';
import { addSetup } from './cli/setup.ts';
import { addWorker } from './cli/worker.ts';

let code = 0;
const exit = {
  with: (ending: number) => {
    code = ending;
  },
  now: (ending: number) => process.exit(ending),
};

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
const program = new Command('onefold')
  .version(version)
  .description('Stores every feature message from SQS exactly once in DynamoDB.')
  .configureHelp({ showGlobalOptions: true })
  .exitOverride();
for (const add of [addWorker, addDemo, addSetup, addDoctor, addEnqueue, addGet, addDlq, addAudit, addSchema])
  add(program, exit);

try {
  await program.parseAsync();
} catch (error) {
  const isHelp = error instanceof CommanderError && error.exitCode === 0;
  const explanation = explain(error);
  if (explanation.text) console.error(explanation.text);
  code = isHelp ? 0 : explanation.code;
}
process.exit(code);
