import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { PATIENCE } from './patience.ts';

export interface LogLine {
  msg: string;
  [field: string]: unknown;
}

export interface WorkerProcess {
  child: ChildProcess;
  lines: LogLine[];
  errors: string[];
  /** The first line with this message, past or to come. */
  line(msg: string | RegExp): Promise<LogLine>;
  signal(name: NodeJS.Signals): void;
  /** The exit code, or the signal that ended it. */
  ended: Promise<number | NodeJS.Signals>;
}

const MAIN = new URL('../src/main.ts', import.meta.url).pathname;
const running = new Set<ChildProcess>();

/** `onefold worker` as a process of its own. */
export function startWorker(env: Record<string, string>, args: string[] = ['worker', '--wait', '5']): WorkerProcess {
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  const lines: LogLine[] = [];
  const errors: string[] = [];
  const out = createInterface({ input: child.stdout });
  out.on('line', text => lines.push(JSON.parse(text)));
  createInterface({ input: child.stderr }).on('line', text => errors.push(text));
  const ended = once(child, 'close').then(([code, signal]) => {
    running.delete(child);
    return (code ?? signal) as number | NodeJS.Signals;
  });
  return {
    child,
    lines,
    errors,
    ended,
    signal: name => void child.kill(name),
    line: async msg => {
      const found = () => lines.find(line => (typeof msg === 'string' ? line.msg === msg : msg.test(line.msg)));
      await until(() => {
        if (child.exitCode !== null && !found())
          throw new Error(`the worker ended without "${msg}": ${errors.join('\n')}`);
        return found() !== undefined;
      }, `the worker logs "${msg}"`);
      return found() as LogLine;
    },
  };
}

/** For afterEach: no test leaves a worker behind. */
export async function killWorkers(): Promise<void> {
  for (const child of running) child.kill('SIGKILL');
  await until(() => running.size === 0, 'every worker ends');
}

/** Looks every 50 ms, for at most 30 seconds times the patience, until it is so. */
export async function until(
  so: () => boolean | Promise<boolean>,
  what: string,
  seconds = 30 * PATIENCE,
): Promise<void> {
  for (let look = 0; look < seconds * 20; look++) {
    if (await so()) return;
    await delay(50);
  }
  throw new Error(`not within ${seconds} seconds: ${what}`);
}
