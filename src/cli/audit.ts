import type { Command } from 'commander';
import { audit } from '../audit/audit.ts';
import { isConsistent } from '../audit/report.ts';
import { renderAudit } from '../audit/show.ts';
import { systemClock as clock } from '../clock.ts';
import { readStoreConfig } from '../config.ts';
import { duration } from '../duration.ts';
import { CommandFailed, OperatorMistake } from '../errors.ts';
import { createDynamoDBClient } from '../store/client.ts';
import { inspectTable } from '../store/inspect.ts';
import { StoreFailure, StoreUnavailable } from '../store/port.ts';
import { describeTables, type TableNames } from '../store/tables.ts';
import type { Exit } from './command.ts';
import { joinWhenLocal, withLocal } from './connect.ts';
import { printJson } from './json.ts';
import { startProgress } from './progress.ts';

const STEP = 100;

interface Options {
  local?: boolean;
  repair?: boolean;
  olderThan: number;
  list: number;
  json?: boolean;
}

export function addAudit(program: Command, exit: Exit): void {
  withLocal(program.command('audit'))
    .description('prove the tables consistent, or list what is not')
    .option('--repair', 'give features without a mapping theirs, where there is no doubt')
    .option('--older-than <minutes>', 'list what is half done for longer than this', whole, 15)
    .option('--list <number>', 'how many findings of each kind to list', whole, 10)
    .option('--json', 'one object on standard output')
    .addHelpText('after', HELP)
    .action(async ({ repair = false, olderThan, list, ...options }: Options) => {
      const joined = await joinWhenLocal(options);
      const client = createDynamoDBClient();
      let stop = () => {};
      try {
        const { writes, ...names } = readStoreConfig(process.env);
        const progress = startProgress('items', await estimate(client, names));
        stop = progress.stop;
        const overdueMs = olderThan * 60_000;
        const report = await audit({
          ...{ client, names, writes, repair, overdueMs, listed: list, clock, random: Math.random },
          // The bar tells the time left from its last ten updates, and items come a hundred at once.
          onProgress: items => items % STEP === 0 && progress.reached(items),
        });
        progress.stop();
        if (options.json) printJson(report, { pretty: false });
        else console.log(renderAudit(report, { olderThan: duration(olderThan * 60) }));
        exit.with(isConsistent(report) ? 0 : 1);
      } catch (error) {
        throw isStoreTrouble(error) ? new CommandFailed(error.message, { cause: error }) : error;
      } finally {
        stop();
        client.destroy();
        await joined.leave();
      }
    });
}

const isStoreTrouble = (error: unknown): error is Error =>
  error instanceof StoreFailure || error instanceof StoreUnavailable;

/** DynamoDB's own count, which is up to six hours old. */
async function estimate(
  client: ReturnType<typeof createDynamoDBClient>,
  names: TableNames,
): Promise<number | undefined> {
  const { mappings, features } = describeTables(names);
  const counts = [
    await inspectTable(client, mappings, 'ONEFOLD_IDEMPOTENCY_TABLE'),
    await inspectTable(client, features, 'ONEFOLD_FEATURES_TABLE'),
  ].map(({ ItemCount = 0 }) => ItemCount);
  return counts.every(count => count > 0) ? counts.reduce((sum, count) => sum + count) : undefined;
}

function whole(value: string): number {
  if (/^\d{1,7}$/.test(value)) return Number(value);
  throw new OperatorMistake(`${JSON.stringify(value)} is not a whole number`, 'such as --older-than 60 --list 1000');
}

const HELP = `
Reads both tables whole, strongly consistent, looks up each item's partner, and hashes each payload again. It may run
beside workers, which slow down only where a table has little provisioned capacity.

A message under way leaves an id whose feature is still to come: that is half done, not inconsistent.
--repair creates missing mappings, if absent, and does nothing else: nothing is ever deleted or overwritten. Where two
features claim one client id it leaves the decision to you. Without --repair nothing is written at all.

What it costs: for each feature a read unit (4 KB, rounded up) for its own look-up and one for its mapping's, and a scan
of all bytes. A million features of 1 KB take about 2.3 million read units, well under a dollar on demand.

With --json one object: {"mappings","features","consistent","halfDone","overdue","withoutMapping","repairable",
"storedTwice","wrongHash","mispaired","foreign","repaired","findings":[{"kind","clientFeatureId","featureId","detail"}]}.
Exit code 0 when the tables are consistent, after repairs if they were asked for; 1 when they are not.`;
