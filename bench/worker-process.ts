import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { CommandFailed } from '../src/errors.ts';
import { compiled } from './compiled.ts';
import { type Name, programOf } from './contenders/index.ts';
import type { MeterReport, Progress } from './meter.ts';

const METER = compiled('bench/meter-preload.ts').href;
/** Onefold drains, the others abort: a second is plenty. */
const STOP_MS = 10_000;

/** One worker of a contender, measured from inside by the meter. */
export interface WorkerProcess {
  /** The last that was heard of it. */
  progress: Progress;
  /** Rejects when it ends unasked. */
  ended: Promise<never>;
  /** Lets it receive: until then it is held at its first receive. */
  go(): void;
  report(): Promise<MeterReport>;
  stop(): Promise<void>;
}

export function startWorker(
  contender: Name,
  env: Record<string, string>,
  options: { runUp?: number; profile?: string | undefined } = {},
): WorkerProcess {
  const { runUp = 0, profile } = options;
  const flags = profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`];
  const child = spawn(process.execPath, ['--import', METER, ...flags, ...programOf(contender)], {
    env: { ...process.env, BENCH_RUN_UP: String(runUp), ...env },
    // The log costs what it costs on the way to /dev/null.
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    // A group of its own: Ctrl-C is for the bench, which then stops its workers.
    detached: true,
  });
  let complaint = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-2_000);
  });
  let stopping = false;
  const exited = once(child, 'close');
  const ended = exited.then(([code, signal]) => {
    if (stopping) return new Promise<never>(() => {});
    throw new CommandFailed(`${contender} ended (${signal ?? code}) before its time: ${complaint.trim()}`);
  });
  ended.catch(() => {});

  const worker: WorkerProcess = {
    progress: { ready: false, deleted: 0, rssMb: 0 },
    ended,
    go: () => child.send('go'),
    report: async () => {
      const answered = Promise.withResolvers<MeterReport>();
      child.on('message', ({ report }: { report?: MeterReport }) => report && answered.resolve(report));
      child.send('report');
      return Promise.race([answered.promise, ended]);
    },
    stop: async () => {
      stopping = true;
      child.kill('SIGTERM');
      const late = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
      await exited;
      clearTimeout(late);
    },
  };
  child.on('message', ({ progress }: { progress?: Progress }) => {
    if (progress) worker.progress = progress;
  });
  return worker;
}
