import type { Command } from 'commander';
import { readConfig } from '../config.ts';
import { OperatorMistake } from '../errors.ts';
import { joinLocal } from '../local/join.ts';
import { createSqsClient } from '../queue/client.ts';
import { type SetupReport, setUp } from '../setup/setup.ts';
import { createDynamoDBClient } from '../store/client.ts';

export const LOCAL_DIRECTORY = '.onefold';

export function withLocal(command: Command): Command {
  return command.option('--local', `use the embedded backends, kept in ${LOCAL_DIRECTORY}/ here`);
}

export interface Joined {
  /** What was found or made; only with --local. */
  report?: SetupReport;
  /** Leaves the embedded backends, which stop when nobody is left. */
  leave(): Promise<void>;
}

/**
 * With `local`, starts or joins the embedded backends, makes queue and tables, and puts the lot into the environment,
 * where our configuration and the AWS SDK look. Without, leaves everything to the environment as it is.
 */
export async function joinWhenLocal({ local }: { local?: boolean }): Promise<Joined> {
  if (!local) return { leave: async () => {} };

  const backends = await joinLocal(LOCAL_DIRECTORY);
  // Several workers may run side by side here: each takes a free port.
  process.env.ONEFOLD_ADMIN_PORT ??= '0';
  Object.assign(process.env, backends.env);
  const sqs = createSqsClient();
  const dynamodb = createDynamoDBClient();
  try {
    const report = await setUp({ sqs, dynamodb, ...readConfig(process.env) });
    return { report, leave: backends.leave };
  } catch (error) {
    await backends.leave();
    throw error;
  } finally {
    sqs.destroy();
    dynamodb.destroy();
  }
}

/** Reads the value of --wait: whole seconds. */
export function seconds(value: string): number {
  if (!/^\d{1,5}$/.test(value)) {
    throw new OperatorMistake(
      `${JSON.stringify(value)} is not a number of seconds`,
      'give a whole number, such as --wait 60',
    );
  }
  return Number(value);
}
