import { CommandFailed } from '../errors.ts';
import { type Child, type Ending, startChild } from './child.ts';
import type { Producer } from './plan.ts';
import type { Receipt } from './producer.ts';
import { startWorkerProcess, type WorkerProcess } from './worker-process.ts';

export interface Processes {
  /** Resolves when the worker receives. */
  startWorker(number: number): Promise<WorkerProcess>;
  /** SIGKILL: the worker can do nothing about it. */
  kill(worker: WorkerProcess): Promise<void>;
  /** SIGTERM, and what became of it. */
  stop(worker: WorkerProcess): Promise<Ending>;
  startProducer(producer: Producer, onSent: (sent: Receipt['sent'][number]) => void): void;
  /** Rejects when a process has failed that nobody had told to end. */
  broken: Promise<never>;
  endAll(): Promise<void>;
}

/** The processes of one run: none outlives `endAll`. */
export function createProcesses(options: { env: NodeJS.ProcessEnv; seed: number; features: number }): Processes {
  const { env, seed, features } = options;
  const alive = new Set<Child>();
  const toldToEnd = new Set<Child>();
  const { promise: broken, reject } = Promise.withResolvers<never>();
  broken.catch(() => {}); // whoever waits for it hears of it; nobody may be waiting any more

  function watch<C extends Child>(child: C, name: string): C {
    alive.add(child);
    child.ended.then(({ code, signal }) => {
      alive.delete(child);
      if (code === 0 || toldToEnd.has(child)) return;
      reject(new CommandFailed(`${name} has failed (${signal ?? `exit code ${code}`}): ${child.complaint()}`));
    });
    return child;
  }

  function end(child: Child, signal: NodeJS.Signals): Promise<Ending> {
    toldToEnd.add(child);
    child.signal(signal);
    return child.ended;
  }

  return {
    broken,
    startWorker: async number => {
      const worker = watch(startWorkerProcess(number, env), `worker ${number}`);
      await worker.ready;
      return worker;
    },
    kill: async worker => {
      await end(worker, 'SIGKILL');
    },
    stop: worker => end(worker, 'SIGTERM'),
    startProducer: (producer, onSent) => {
      const child = startChild('demo/producer', {
        args: [String(producer), String(seed), String(features)],
        env,
        onMessage: message => (message as Receipt).sent.forEach(onSent),
      });
      watch(child, `producer ${producer + 1}`);
    },
    endAll: async () => {
      await Promise.all([...alive].map(child => end(child, 'SIGKILL')));
    },
  };
}
