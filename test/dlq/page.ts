import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readCounties } from '../../src/demo/feed.ts';
import { planMessages } from '../../src/demo/plan.ts';
import { backendsEnvironment, startBackends } from '../../src/local/backends.ts';
import { createSqsClient } from '../../src/queue/client.ts';
import { setUp } from '../../src/setup/setup.ts';
import { createDynamoDBClient } from '../../src/store/client.ts';
import { onefold } from '../command.ts';
import { counts, send } from '../stored.ts';
import { killWorkers, startWorker, until } from '../worker-process.ts';

export const PAGE = fileURLToPath(new URL('../../docs/dead-letter-queue.md', import.meta.url));

const BLOCK = /```console\n.*?```/gs;

/** What the demo does, with fewer counties. */
const COUNTIES = 12;

/** The county whose conflict is shown. */
const SHOWN = '18079';

/** Who sent the invalid letters sends these instead, told apart by what they say. */
const CORRECTIONS = [
  ['Los Ang', '{"clientFeatureId":"06037","payload":{"name":"Los Angeles"}}'],
  ['Cook', '{"clientFeatureId":"17031","payload":{"name":"Cook"}}'],
  ['48201', '{"clientFeatureId":"48201","payload":{"name":"Harris"}}'],
  ['04013', '{"clientFeatureId":"04013","payload":{"name":"Maricopa"}}'],
] as const;

/** The page's blocks, in its order: what was typed, and what it printed on a terminal of 80 columns. */
export async function printBlocks(): Promise<string[]> {
  const backends = await startBackends();
  const folder = mkdtempSync(join(tmpdir(), 'onefold-page-'));
  const env = { ...backendsEnvironment(backends), ONEFOLD_ADMIN_PORT: 'off', LOG_LEVEL: 'info', COLUMNS: '80' };
  const blocks: string[] = [];

  async function run(args: string[], typed = ['onefold', 'dlq', ...args].join(' ')): Promise<string> {
    const { out, err, code } = await onefold(['dlq', ...args], env);
    if (code !== 0) throw new Error(`${typed} ended with ${code}: ${err}`);
    const shown = typed.includes('>') ? err : out;
    blocks.push(`$ ${typed}\n${shown.trimEnd()}`);
    return out;
  }

  try {
    await die(env);
    await run(['summary']);
    const list = await run(['list', '--reason', 'conflict']);
    const [, conflict = ''] = list.match(new RegExp(`^ {2}([0-9a-f]{8}) .* ${SHOWN} `, 'm')) ?? [];
    await run(['show', conflict]);
    await run(['resolve', '--accept', 'stored', '--yes']);
    const patch = ['replay', '--match', '"priority"', '--edit', '{"priority":null}'];
    const typed = `onefold dlq replay --match '"priority"' --edit '{"priority":null}'`;
    const kept = ['--checkpoint', join(folder, 'checkpoint')];
    await run(patch, typed);
    await run([...patch, '--yes', ...kept], `${typed} --yes`);
    const letters = await run(['export'], 'onefold dlq export > letters.ndjson');
    const corrected = join(folder, 'corrected.ndjson');
    writeFileSync(corrected, letters.trimEnd().split('\n').map(correct).join('\n'));
    await run(['replay', '--from', corrected, '--yes', ...kept], 'onefold dlq replay --from corrected.ndjson --yes');
    await run(['summary']);
    return blocks;
  } finally {
    await killWorkers();
    await backends.stop();
    rmSync(folder, { recursive: true });
  }
}

/** The page with its blocks replaced. */
export function withBlocks(page: string, blocks: string[]): string {
  const places = page.match(BLOCK) ?? [];
  if (places.length !== blocks.length) throw new Error(`the page has ${places.length} blocks, not ${blocks.length}`);
  const left = blocks.values();
  return page.replace(BLOCK, () => `\`\`\`console\n${left.next().value}\n\`\`\``);
}

/** The demo's dead letters, one after the other, by a worker that goes on. */
async function die(env: Record<string, string>): Promise<void> {
  const options = {
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    endpoint: env.AWS_ENDPOINT_URL_SQS ?? '',
  };
  const sqs = createSqsClient(options);
  Object.assign(process.env, env); // the store's client looks nowhere else
  const dynamodb = createDynamoDBClient();
  const { queueUrl, deadLetterQueueUrl } = await setUp({
    ...{ sqs, dynamodb, queueName: 'onefold' },
    ...{ idempotencyTable: 'onefold-idempotency', featuresTable: 'onefold-features' },
  });
  const queue = { sqs, endpoint: options.endpoint, queueUrl, deadLetterQueueUrl };
  await startWorker(env).line('receiving');
  const plan = planMessages((await readCounties()).slice(0, COUNTIES), 1);
  for (const { body } of [...plan[0], ...plan[1]]) {
    await send(queue, [body]);
    await until(async () => {
      const { visible, hidden } = await counts(queue, queueUrl);
      return visible + hidden === 0;
    }, 'the worker has settled it');
  }
  sqs.destroy();
  dynamodb.destroy();
}

function correct(line: string): string {
  const { messageId, body } = JSON.parse(line);
  const correction = CORRECTIONS.find(([hint]) => body.includes(hint))?.[1] ?? body;
  return `{"messageId":${JSON.stringify(messageId)},"body":${correction}}`;
}

if (import.meta.main) {
  writeFileSync(PAGE, withBlocks(readFileSync(PAGE, 'utf8'), await printBlocks()));
  console.log(`${PAGE} is current`);
  process.exit(0);
}
