import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

const MAIN = new URL('../src/main.ts', import.meta.url).pathname;

/** `onefold` as a process of its own, run to its end. */
export const onefold = (args: string[], env: Record<string, string> = {}) => startOnefold(args, env).ended;

/** For tests that do something to it meanwhile. */
export function startOnefold(args: string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]).then(
    ([out, err, [code]]) => ({ code: code as number, out, err }),
  );
  return { child, ended };
}
