import { CommanderError } from 'commander';
import { printJson } from '../../src/cli/json.ts';
import { systemClock as clock } from '../../src/clock.ts';
import type { PlannedMessage } from '../../src/demo/plan.ts';
import { createScreen } from '../../src/demo/screen.ts';
import { raiseStack, type Stack } from '../../src/demo/stack.ts';
import { CommandFailed, OperatorMistake } from '../../src/errors.ts';
import { planHostile, runHostile } from './hostile.ts';
import { planMessages } from './messages.ts';
import { type Options, readOptions } from './options.ts';
import { renderHostile, renderStorm, stormAsJson } from './print.ts';
import { runStorm, type Scene } from './storm.ts';

interface Result {
  json: object;
  text: string;
  complaints: string[];
}

/** What is to be sent, and what then happens on a scene. */
function prepare(options: Options): { plan: PlannedMessage[]; happen: (on: Scene) => Promise<Result> } {
  if (options.hostile) {
    const plan = planHostile(options);
    const happen = async (on: Scene) => {
      const report = await runHostile(plan, on);
      return { json: report, text: renderHostile(report), complaints: report.complaints };
    };
    return { plan, happen };
  }
  const plan = planMessages(options);
  const happen = async (on: Scene) => {
    const report = await runStorm(plan, options, on);
    return { json: stormAsJson(report), text: renderStorm(report), complaints: report.complaints };
  };
  return { plan, happen };
}

/** Everything it starts has ended, and everything it made is removed, when this returns or throws. */
async function run(options: Options, interrupted: AbortSignal): Promise<number> {
  const { plan, happen } = prepare(options);
  const ids = new Set(plan.flatMap(message => (message.kind === 'feature' ? [message.clientFeatureId] : [])));
  const screen = createScreen({ messages: plan.length, features: ids.size });
  let stack: Stack | undefined;
  try {
    stack = await raiseStack(screen.say, 'storm');
    const broken = new AbortController();
    stack.lost.then(reason => broken.abort(new CommandFailed(reason)));
    const signal = AbortSignal.any([interrupted, broken.signal]);
    const { json, text, complaints } = await happen({ stack, screen, clock, signal });
    screen.stop();
    if (options.json) printJson(json, { pretty: false });
    else console.log(text);
    return complaints.length === 0 ? 0 : 1;
  } finally {
    screen.stop();
    await stack?.tearDown();
  }
}

async function main(argv: string[]): Promise<number> {
  const interrupted = new AbortController();
  const interrupt = () => interrupted.abort(new CommandFailed('interrupted; nothing is left running'));
  // A closed terminal, too: a frozen worker would not notice that the storm is gone.
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.once(signal, interrupt);
  try {
    return await run(readOptions(argv), interrupted.signal);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2; // commander has said it
    if (error instanceof OperatorMistake) {
      console.error(`error: ${error.message}\nhint:  ${error.hint}`);
      return 2;
    }
    console.error(error instanceof CommandFailed ? `error: ${error.message}` : error);
    return 1;
  } finally {
    for (const signal of signals) process.off(signal, interrupt);
  }
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));
