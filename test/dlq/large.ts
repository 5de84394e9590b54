import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { systemClock as clock } from '../../src/clock.ts';
import { backendsEnvironment, startBackends } from '../../src/local/backends.ts';
import { createSqsClient } from '../../src/queue/client.ts';
import { setUp } from '../../src/setup/setup.ts';
import { createDynamoDBClient } from '../../src/store/client.ts';
import { message } from '../stored.ts';
import { killWorkers, startWorker } from '../worker-process.ts';
import { park } from './dead-letters.ts';

const HELP = `npm run dlq:large [-- --letters 100000]

Fills the embedded dead-letter queue, looks at all of it, tries a replay, and does it beside a worker: how long that
takes, and how much memory the command had at most. Exit code 1 when a look takes a minute or a command 200 MB.`;

const MAIN = new URL('../../src/main.ts', import.meta.url).pathname;
const METER = new URL('./peak-memory.ts', import.meta.url).pathname;
const MOST_SECONDS = 60;
const MOST_MB = 200;
const PARKED_AT_ONCE = 1_000;

const { letters, help } = parseArgs({
  options: { letters: { type: 'string', default: '100000' }, help: { type: 'boolean', default: false, short: 'h' } },
}).values;
if (help) console.log(HELP);
else process.exitCode = await measure(Number(letters));

async function measure(count: number): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'onefold-large-'));
  const backends = await startBackends({ directory: folder });
  const env = { ...backendsEnvironment(backends), PATH: process.env.PATH ?? '' };
  Object.assign(process.env, env);
  const [sqs, dynamodb] = [createSqsClient(), createDynamoDBClient()];
  try {
    const names = { idempotencyTable: 'onefold-idempotency', featuresTable: 'onefold-features' };
    const queue = { ...(await setUp({ sqs, dynamodb, queueName: 'onefold', ...names })), sqs, endpoint: '' };
    for (let at = 0; at < count; at += PARKED_AT_ONCE) {
      const some = Array.from({ length: Math.min(PARKED_AT_ONCE, count - at) }, (_, i) => letterOf(at + i));
      await park(queue, some);
    }
    console.log(`${count} letters of about 1 KB in the embedded dead-letter queue`);
    const checkpoint = ['--checkpoint', join(folder, 'checkpoint')];
    let good = true;
    for (const args of [['summary'], ['replay'], ['replay', '--yes', ...checkpoint]]) {
      // Else the replay would slow down to ten letters a second once 5,000 messages wait.
      if (args.includes('--yes')) startWorker({ ...env, ONEFOLD_ADMIN_PORT: 'off', LOG_LEVEL: 'warn' });
      const { seconds, mb } = await run(['dlq', ...args, '--json'], env);
      console.log(`${args.slice(0, 2).join(' ').padEnd(13)} ${seconds.toFixed(1).padStart(6)} s  ${mb} MB at most`);
      good &&= mb < MOST_MB && (args[0] !== 'summary' || seconds < MOST_SECONDS);
    }
    return good ? 0 : 1;
  } finally {
    await killWorkers();
    sqs.destroy();
    dynamodb.destroy();
    await backends.stop();
    rmSync(folder, { recursive: true });
  }
}

async function run(args: string[], env: Record<string, string>): Promise<{ seconds: number; mb: number }> {
  const startedAt = clock.now();
  const child = spawn(process.execPath, ['--import', METER, MAIN, ...args], {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const [err, [code]] = await Promise.all([text(child.stderr), once(child, 'close')]);
  if (code !== 0) throw new Error(`onefold ${args.join(' ')} ended with ${code}: ${err}`);
  return { seconds: (clock.now() - startedAt) / 1_000, mb: Number(err.trimEnd().split('\n').at(-1)) };
}

function letterOf(n: number) {
  const body = message(`letter ${n}`, { text: '*'.repeat(700) });
  return { body, reason: n % 2 ? ('invalid' as const) : ('conflict' as const), detail: `detail ${n}: parked` };
}
