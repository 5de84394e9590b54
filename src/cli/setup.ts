import type { Command } from 'commander';
import { systemClock as clock } from '../clock.ts';
import { readStoreConfig } from '../config.ts';
import { createSqsClient } from '../queue/client.ts';
import { type SetupReport, setUp } from '../setup/setup.ts';
import { createDynamoDBClient } from '../store/client.ts';
import { waitFor } from '../wait.ts';
import { joinWhenLocal, seconds, withLocal } from './connect.ts';
import { printJson } from './json.ts';

const DEFAULT_QUEUE = 'onefold';

export function addSetup(program: Command): void {
  withLocal(program.command('setup'))
    .description('create queue, dead-letter queue and tables where they are missing; safe to run again')
    .option('--wait <seconds>', 'how long to wait for the backends to answer', seconds, 60)
    .option('--json', 'one object on standard output')
    .addHelpText(
      'after',
      `\nThe queue is named by the last part of ONEFOLD_QUEUE_URL, else it is "${DEFAULT_QUEUE}" and its URL is printed.\nA table of the wrong shape is refused and left as it is.`,
    )
    .action(async ({ local, wait, json }: { local?: boolean; wait: number; json?: boolean }) => {
      const report = local ? await setUpLocally() : await setUpGiven(wait);
      if (json) printJson(report, { pretty: false });
      else print(report);
    });
}

async function setUpLocally(): Promise<SetupReport> {
  const joined = await joinWhenLocal({ local: true });
  await joined.leave();
  return joined.report as SetupReport;
}

async function setUpGiven(wait: number): Promise<SetupReport> {
  const { queueUrl, ...tables } = readStoreConfig(process.env);
  const sqs = createSqsClient();
  const dynamodb = createDynamoDBClient();
  try {
    return await waitFor(
      () => setUp({ sqs, dynamodb, ...(queueUrl ? { queueUrl } : { queueName: DEFAULT_QUEUE }), ...tables }),
      { seconds: wait, say: what => console.error(what), clock },
    );
  } finally {
    sqs.destroy();
    dynamodb.destroy();
  }
}

function print({ created, existed, notes, queueUrl, deadLetterQueueUrl }: SetupReport): void {
  for (const what of created) console.log(`created  ${what}`);
  for (const what of existed) console.log(`existed  ${what}`);
  for (const note of notes) console.log(`note     ${note}`);
  // What the environment says already need not be said to it.
  if (!process.env.ONEFOLD_QUEUE_URL) console.log(`\nexport ONEFOLD_QUEUE_URL=${queueUrl}`);
  console.log(`# dead letters: ${deadLetterQueueUrl}`);
}
