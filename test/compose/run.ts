import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';

export interface Ran {
  /** 127 when there is no such command, as a shell says. */
  code: number;
  out: string;
  err: string;
}

/**
 * Runs a command to its end, in a process group of its own: Ctrl-C reaches us alone, and we decide what it means.
 * @param options.signal ends the command
 */
export async function run(
  command: string,
  args: string[],
  options: { env?: NodeJS.ProcessEnv | undefined; signal?: AbortSignal | undefined } = {},
): Promise<Ran> {
  const child = spawn(command, args, {
    env: options.env ?? process.env,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    ...(options.signal ? { signal: options.signal } : {}),
  });
  const ended = new Promise<number>((resolve, reject) => {
    child.once('error', (error: NodeJS.ErrnoException) => (error.code === 'ENOENT' ? resolve(127) : reject(error)));
    child.once('close', code => resolve(code ?? 1));
  });
  const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { code, out, err };
}
