import { parseArgs } from 'node:util';
import { OperatorMistake } from '../../src/errors.ts';
import { openBackends } from './backends.ts';
import { findEndpoints, readEndpoint } from './endpoints.ts';
import { LEGEND, renderMarkdown, renderSection } from './render.ts';
import { missing, observe } from './sections.ts';

const HELP = `npm run conformance [-- options]

Probes each backend for what the worker relies on, and for where emulators are known to differ, and prints a table of
what was observed: on the embedded backends, and on LocalStack and DynamoDB Local when the compose project runs or
AWS_ENDPOINT_URL_SQS and AWS_ENDPOINT_URL_DYNAMODB name them. Queues and tables of its own are removed at the end.

  --store name=url  another DynamoDB, such as --store moto=http://127.0.0.1:5000; may be repeated
  --queue name=url  another SQS
  --json            one object on standard output
  --markdown        tables for a page; test/conformance/README.md is made so

Exit codes: 0 every backend has what is relied on, 1 one lacks something, 2 an endpoint does not answer.`;

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof OperatorMistake)) throw error;
  console.error(`error: ${error.message}\nhint:  ${error.hint}`);
  process.exitCode = 2;
}

async function main(): Promise<number> {
  const { store, queue, json, markdown, help } = readArguments();
  if (help) {
    console.log(HELP);
    return 0;
  }
  const found = await findEndpoints(process.env);
  if (found.stores.length === 0) {
    console.error('only the embedded backends: LocalStack and DynamoDB Local are not running (docker compose up -d)');
  }
  const backends = await openBackends({
    stores: [...found.stores, ...store.map(readEndpoint)],
    queues: [...found.queues, ...queue.map(readEndpoint)],
  });
  try {
    const names = [...backends.stores, ...backends.queues].map(({ name }) => name);
    console.error(`probing ${names.join(', ')}: less than half a minute\n`);
    const sections = await observe(backends);
    const lacks = missing(sections);
    if (json) console.log(JSON.stringify({ sections, missing: lacks }));
    else if (markdown) console.log(sections.map(renderMarkdown).join('\n\n'));
    else console.log([...sections.map(section => renderSection(section)), LEGEND].join('\n\n'));
    for (const lack of lacks) console.error(lack);
    return lacks.length > 0 ? 1 : 0;
  } finally {
    await backends.stop();
  }
}

function readArguments() {
  const flag = { type: 'boolean', default: false } as const;
  const list = { type: 'string', multiple: true, default: [] as string[] } as const;
  try {
    return parseArgs({
      options: { store: list, queue: list, json: flag, markdown: flag, help: { ...flag, short: 'h' } },
    }).values;
  } catch (error) {
    throw new OperatorMistake(error instanceof Error ? error.message : String(error), 'npm run conformance -- --help');
  }
}
