import { systemClock as clock } from '../clock.ts';
import { CommandFailed } from '../errors.ts';
import { untilSignalled } from '../lifecycle.ts';
import { readCounties } from './feed.ts';
import { planMessages } from './plan.ts';
import { createProcesses, type Processes } from './processes.ts';
import { createScreen } from './screen.ts';
import { raiseStack, type Stack } from './stack.ts';
import { type DemoReport, tellStory } from './story.ts';

/** What is left running. */
export interface Kept {
  /** For other processes that are to work on it. */
  environment: Stack['env'];
  /** A client id that is stored. */
  example: string;
}

/**
 * Runs the demo on backends of its own. Everything it starts has ended, and everything it made is removed, when this
 * returns or throws.
 * @param options.features how many counties, from the first; all of them without it
 * @param options.keep leaves backends and one worker running after `show` until a signal comes
 * @param options.show called once, when the report is there
 * @throws OperatorMistake when it cannot run here
 * @throws CommandFailed when it could not be finished
 */
export async function runDemo(options: {
  seed: number;
  features?: number | undefined;
  keep: boolean;
  show: (report: DemoReport, kept?: Kept) => void;
  exitNow: (code: number) => void;
}): Promise<DemoReport> {
  const { seed, keep, show } = options;
  const features = (await readCounties()).slice(0, options.features);
  const plan = planMessages(features, seed);
  const signals = untilSignalled(options.exitNow);
  const screen = createScreen({ messages: plan[0].length + plan[1].length, features: features.length });
  const ending = new AbortController();
  let stack: Stack | undefined;
  let processes: Processes | undefined;
  try {
    stack = await raiseStack(screen.say);
    processes = createProcesses({ env: childEnvironment(stack), seed, features: features.length });
    const failed = Promise.race([stack.lost.then(fail), processes.broken]);
    failed.catch(() => {}); // raced against below; a failure after that changes nothing
    const interrupted = signals.signalled.then(signal => fail(`stopped by ${signal}; nothing is left running`));
    interrupted.catch(() => {});

    const { signal } = ending;
    const story = tellStory({ plan, features: features.length, stack, processes, screen, clock, signal });
    const report = await Promise.race([story, failed, interrupted]);
    if (keep) await Promise.race([processes.startWorker(5), failed, interrupted]);
    screen.stop();
    show(report, keep ? { environment: stack.env, example: features[0]?.clientFeatureId ?? '' } : undefined);
    if (keep) await Promise.race([signals.signalled, failed]);
    return report;
  } finally {
    ending.abort();
    screen.stop();
    await processes?.endAll();
    await stack?.tearDown();
    signals.release();
  }
}

function fail(reason: string): never {
  throw new CommandFailed(reason);
}

/** The user's settings are for the user's own workers. */
function childEnvironment({ env }: Stack): NodeJS.ProcessEnv {
  const others = Object.entries(process.env).filter(([name]) => !name.startsWith('ONEFOLD_'));
  return { ...Object.fromEntries(others), ...env };
}
