import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Command } from 'commander';
import { systemClock as clock } from '../clock.ts';
import { readConfig } from '../config.ts';
import { type EnqueueReport, enqueue } from '../enqueue.ts';
import { OperatorMistake } from '../errors.ts';
import { createSqsClient } from '../queue/client.ts';
import type { Exit } from './command.ts';
import { joinWhenLocal, withLocal } from './connect.ts';
import { printable, printJson } from './json.ts';
import { startProgress } from './progress.ts';

/** A file with ten thousand bad lines has one thing wrong with it. */
const REFUSALS_SHOWN = 20;

export function addEnqueue(program: Command, exit: Exit): void {
  withLocal(program.command('enqueue'))
    .description('validate messages and send them to the queue, ten at a time')
    .argument('<file.ndjson>', 'one message a line, or - for standard input')
    .option('--json', 'one object on standard output')
    .addHelpText(
      'after',
      `\nA line is {"clientFeatureId":"06037","payload":{...}}; \`onefold schema\` prints its JSON Schema.\nLines that break the contract are not sent: they are listed, and the exit code is 1.`,
    )
    .action(async (file: string, options: { local?: boolean; json?: boolean }) => {
      const input = await open(file);
      const joined = await joinWhenLocal(options);
      const { queueUrl } = readConfig(process.env);
      const sqs = createSqsClient();
      const progress = startProgress('lines');
      try {
        const report = await enqueue({ input, sqs, queueUrl, clock, onProgress: progress.reached });
        progress.stop();
        if (options.json) printJson(report, { pretty: false });
        else print(report);
        exit.with(report.refused.length > 0 ? 1 : 0);
      } finally {
        progress.stop();
        sqs.destroy();
        await joined.leave();
      }
    });
}

async function open(file: string): Promise<AsyncIterable<Uint8Array>> {
  if (file === '-') return process.stdin;
  const found = await stat(file).catch(() => undefined);
  if (!found?.isFile())
    throw new OperatorMistake(
      `there is no file ${file}`,
      'name a file with one JSON message a line, or - for standard input',
    );
  return createReadStream(file);
}

function print({ sent, refused }: EnqueueReport): void {
  for (const { line, reason } of refused.slice(0, REFUSALS_SHOWN)) console.error(`line ${line}: ${printable(reason)}`);
  if (refused.length > REFUSALS_SHOWN) console.error(`... and ${refused.length - REFUSALS_SHOWN} more`);
  console.log(`${sent} sent${refused.length > 0 ? `, ${refused.length} refused` : ''}`);
}
