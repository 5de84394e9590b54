import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { CommandFailed, OperatorMistake } from '../../src/errors.ts';
import { run } from './run.ts';

const FILE = fileURLToPath(new URL('../../docker-compose.yml', import.meta.url));
const LINES_SHOWN = 15;

/** A compose project of docker-compose.yml. */
export interface Project {
  /**
   * Runs a `docker compose` command.
   * @returns its standard output
   * @throws OperatorMistake when a port is taken, CommandFailed for any other failure
   */
  compose(...args: string[]): Promise<string>;
  /** Runs a plain `docker` command, likewise. */
  docker(...args: string[]): Promise<string>;
  /** Where a container's port is published on this machine; undefined when it is not. */
  published(service: string, port: number): Promise<string | undefined>;
  /** What a service has logged and logs, containers to come included, until all of them stop or `signal` is aborted. */
  follow(service: string, onLine: (line: string) => void, signal: AbortSignal): Promise<void>;
  /** Removes everything of the project, its volume too; also after `signal` was aborted. */
  down(): Promise<void>;
}

/**
 * @param options.name undefined: the one a user would run
 * @param options.env overrides, such as the ports
 * @param options.signal ends whatever command is running
 */
export function createProject(options: { name?: string; env?: NodeJS.ProcessEnv; signal?: AbortSignal } = {}): Project {
  const env = { ...process.env, ...options.env };
  const all = ['compose', '--file', FILE, ...(options.name ? ['--project-name', options.name] : [])];
  const profiles = ['--profile', 'tools'];

  async function docker(args: string[], signal = options.signal): Promise<string> {
    const { code, out, err } = await run('docker', args, { env, signal });
    if (code === 0) return out;
    const taken = /Bind for (\S+) failed: port is already allocated|listen tcp\S* (\S+): bind: address already/.exec(
      err,
    );
    if (taken) {
      throw new OperatorMistake(
        `the port ${taken[1] ?? taken[2]} is taken`,
        'name free ones in ONEFOLD_SQS_PORT and ONEFOLD_DYNAMODB_PORT',
      );
    }
    const last = `${out}\n${err}`.trim().split('\n').slice(-LINES_SHOWN).join('\n');
    throw new CommandFailed(`docker ${args.filter(arg => !all.includes(arg)).join(' ')} failed (${code}):\n${last}`);
  }

  return {
    compose: (...args) => docker([...all, ...args]),
    docker: (...args) => docker(args),
    published: async (service, port) => {
      const { code, out } = await run('docker', [...all, 'port', service, String(port)], { env });
      return code === 0 ? out.trim() || undefined : undefined;
    },
    follow: async (service, onLine, signal) => {
      const args = [...all, 'logs', '--follow', '--no-color', '--no-log-prefix', service];
      const child = spawn('docker', args, { env, stdio: ['ignore', 'pipe', 'ignore'], detached: true });
      const stop = () => child.kill();
      signal.addEventListener('abort', stop, { once: true });
      for await (const line of createInterface({ input: child.stdout })) onLine(line);
      signal.removeEventListener('abort', stop);
    },
    down: async () => {
      await docker([...all, ...profiles, 'down', '--volumes', '--timeout', '5'], new AbortController().signal);
    },
  };
}
