import { spawn } from 'node:child_process';
import { extname } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export interface Ending {
  code: number | null;
  signal: NodeJS.Signals | null;
}

export interface Child {
  pid: number | undefined;
  ended: Promise<Ending>;
  /** The last of what it wrote on standard error. */
  complaint(): string;
  signal(name: NodeJS.Signals): void;
}

/**
 * Starts one of our own programs as a process that ends with this one.
 * @param program without its extension, as in `main`: compiled, our files end in .js
 */
export function startChild(
  program: string,
  options: {
    args: string[];
    env: NodeJS.ProcessEnv;
    onLine?: (line: string) => void;
    onMessage?: (message: unknown) => void;
  },
): Child {
  const child = spawn(
    process.execPath,
    ['--import', ours('demo/leash').href, fileURLToPath(ours(program)), ...options.args],
    {
      env: options.env,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      // A group of its own: Ctrl-C at the terminal is for the demo, which then ends its children.
      detached: true,
    },
  );
  let complaint = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-2_000);
  });
  if (child.stdout) createInterface({ input: child.stdout }).on('line', line => options.onLine?.(line));
  child.on('message', message => options.onMessage?.(message));
  return {
    pid: child.pid,
    ended: new Promise(resolve => {
      child.once('error', error => {
        complaint = error.message;
        resolve({ code: null, signal: null });
      });
      child.once('close', (code, signal) => resolve({ code, signal }));
    }),
    complaint: () => complaint.trim(),
    signal: name => {
      child.kill(name);
    },
  };
}

const ours = (program: string): URL => new URL(`../${program}${extname(import.meta.url)}`, import.meta.url);
