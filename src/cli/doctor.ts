import type { Command } from 'commander';
import { nanoid } from 'nanoid';
import { systemClock as clock } from '../clock.ts';
import { readConfig } from '../config.ts';
import { examineAll } from '../doctor/doctor.ts';
import { renderExamination } from '../doctor/show.ts';
import { createSqsClient } from '../queue/client.ts';
import { createDynamoDBClient } from '../store/client.ts';
import type { Exit } from './command.ts';
import { joinWhenLocal, withLocal } from './connect.ts';
import { printJson } from './json.ts';

export function addDoctor(program: Command, exit: Exit): void {
  withLocal(program.command('doctor'))
    .description('check that what is configured can work, before a worker does')
    .option('--json', 'one object on standard output')
    .addHelpText('after', HELP)
    .action(async (options: { local?: boolean; json?: boolean }) => {
      const joined = await joinWhenLocal(options);
      const config = readConfig(process.env);
      const sqs = createSqsClient();
      const dynamodb = createDynamoDBClient();
      try {
        const checks = await examineAll({ sqs, dynamodb, config, clock, mint: nanoid });
        const healthy = checks.every(({ status }) => status !== 'failure');
        if (options.json) printJson({ healthy, checks }, { pretty: false });
        else console.log(renderExamination(checks, process.stdout.isTTY ? process.stdout.columns : undefined));
        exit.with(healthy ? 0 : 1);
      } finally {
        sqs.destroy();
        dynamodb.destroy();
        await joined.leave();
      }
    });
}

const HELP = `
Run it with the worker's own role and environment, after \`onefold setup\` or whatever made queue and tables.

It receives nothing and sends nothing: permissions are tried with requests that are always refused for what they hold.
The one thing it writes is an item in the idempotency table, under a key that no message can have, to see whether the
store refuses the same key a second time; it deletes it again, and where dynamodb:DeleteItem is missing it stays.
Not tried: sqs:ReceiveMessage, since each receive counts towards the dead-letter queue, and the key of an encrypted queue.

With --json: {"healthy":true,"checks":[{"name":"queue","status":"ok","detail":"..."},...]}, where a status is ok, warning,
failure or skipped (another check tells why), and warnings and failures have a hint. Exit code 1 when a check fails, 2 when the configuration cannot be read.`;
