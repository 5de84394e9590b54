import type { Command } from 'commander';
import { readConfig } from '../config.ts';
import { createLog } from '../log.ts';
import { runWorker } from '../run-worker.ts';
import type { Exit } from './command.ts';
import { joinWhenLocal, seconds, withLocal } from './connect.ts';

export function addWorker(program: Command, exit: Exit): void {
  withLocal(program.command('worker'))
    .description('receive feature messages and store each exactly once, until SIGTERM')
    .option('--wait <seconds>', 'how long to wait at start for queue and tables to answer', seconds, 60)
    .addHelpText('after', HELP)
    .action(async ({ local, wait }: { local?: boolean; wait: number }) => {
      const joined = await joinWhenLocal({ local: local ?? false });
      try {
        const config = readConfig(process.env);
        const log = await createLog(config.logLevel);
        if (local) for (const line of FIRST_STEPS) log.info(line);
        exit.with(await runWorker(config, { log, waitSeconds: wait, exitNow: exit.now }));
      } finally {
        await joined.leave();
      }
    });
}

const FIRST_STEPS = [
  `feed me from a second terminal:  echo '{"clientFeatureId":"06037","payload":{"name":"Los Angeles"}}' | npx onefold enqueue --local -`,
  'then look it up:                 npx onefold get --local 06037',
];

const HELP = `
Environment (region, credentials and endpoints are the AWS SDK's own: AWS_REGION, AWS_ENDPOINT_URL_SQS, ...):
  ONEFOLD_QUEUE_URL          required; the dead-letter queue is found from its redrive policy
  ONEFOLD_IDEMPOTENCY_TABLE  onefold-idempotency
  ONEFOLD_FEATURES_TABLE     onefold-features
  ONEFOLD_POLLERS            8          concurrent receives of up to ten messages, 1 to 100
  ONEFOLD_WRITES             batch      or single, for DynamoDB-compatible stores without PartiQL
  ONEFOLD_ON_CONFLICT        park       or keep-first: delete and count
  ONEFOLD_DRAIN_SECONDS      25         how long a stopping worker may take
  ONEFOLD_ADMIN_PORT         9464       /health, /livez, /metrics; 0 picks a free port, off disables
  ONEFOLD_ADMIN_HOST         127.0.0.1  the image sets 0.0.0.0
  LOG_LEVEL                  info

Stopping: SIGTERM finishes what is held and exits 0; past the drain time the rest is given back to the queue and the
exit code is 1; a second signal exits at once. Exit code 2 is a mistake in what is configured.`;
