import { parseArgs } from 'node:util';
import { systemClock as clock } from '../../src/clock.ts';
import { CommandFailed, OperatorMistake } from '../../src/errors.ts';
import { requireCompose } from './engine.ts';
import { planFeed } from './feed.ts';
import { freePorts } from './free-ports.ts';
import { createProject } from './project.ts';
import { renderReport } from './report.ts';
import { runFaults } from './run-faults.ts';

const HELP = `npm run test:compose [-- --short] [-- --json]

Starts a compose project of its own, on ports of its own, and sends 5,000 messages into four workers while workers are
stopped, killed and scaled, DynamoDB Local is restarted and paused, and LocalStack is paused. Then every message must
be where it belongs, and onefold dlq, in a container, empties the dead-letter queue. The project is removed at the end,
also after Ctrl-C.

  --short   1,200 messages
  --json    one object on standard output

Exit codes: 0 all is well, 1 something is wrong, 2 no engine, an old docker compose or a taken port.
ONEFOLD_SQS_PORT and ONEFOLD_DYNAMODB_PORT choose the ports; free ones by default.`;

const started = clock.now();
const say = (line: string) => console.error(`${((clock.now() - started) / 1000).toFixed(0).padStart(5)} s  ${line}`);

try {
  process.exitCode = await main();
} catch (error) {
  if (error instanceof OperatorMistake) console.error(`error: ${error.message}\nhint:  ${error.hint}`);
  else console.error(error instanceof CommandFailed ? `error: ${error.message}` : error);
  process.exitCode = error instanceof OperatorMistake ? 2 : 1;
}

async function main(): Promise<number> {
  const { short, json, help } = readArguments();
  if (help) {
    console.log(HELP);
    return 0;
  }
  await requireCompose();
  const interrupted = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      say(`${name}: removing the project`);
      interrupted.abort(new CommandFailed(`ended by ${name}`));
    });
  }
  const { signal } = interrupted;
  const name = `onefold-faults-${process.pid}`;
  const env = { ...(await freePorts()), LOG_LEVEL: 'debug' };
  const project = createProject({ name, env, signal });
  try {
    const messages = await planFeed(short ? 1_200 : 5_000);
    const { phases, deadLetters, verdict } = await runFaults({ project, messages, say, clock, signal });
    console.log(
      json ? JSON.stringify({ phases, deadLetters, ...verdict }) : renderReport(phases, deadLetters, verdict),
    );
    return verdict.faults.length === 0 ? 0 : 1;
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  } finally {
    say(`removing the project ${name}`);
    await project.down();
  }
}

function readArguments(): { short: boolean; json: boolean; help: boolean } {
  const flag = { type: 'boolean', default: false } as const;
  try {
    return parseArgs({ options: { short: flag, json: flag, help: { ...flag, short: 'h' } } }).values;
  } catch (error) {
    throw new OperatorMistake(error instanceof Error ? error.message : String(error), 'npm run test:compose -- --help');
  }
}
