import { setTimeout as delay } from 'node:timers/promises';
import type { Ending } from '../../src/demo/child.ts';
import { startWorkerProcess, type WorkerProcess } from '../../src/demo/worker-process.ts';

/** Longer than the visibility time: what a frozen worker holds is received by others before it goes on. */
const FROZEN_MS = 7_000;
const RESTART_MS = 200;
/** A new worker may have to wait for a store that is down: a rollout does not. */
const READY_MS = 5_000;

/** Workers that are replaced when they end, as an orchestrator would. */
export interface Fleet {
  /** Resolves when each of the first workers receives. */
  start(): Promise<void>;
  /** @param whom which of those that run, from 0 up to 1 */
  kill(whom: number): WorkerProcess | undefined;
  /** SIGSTOP, and SIGCONT after seven seconds. */
  freeze(whom: number): WorkerProcess | undefined;
  /** SIGTERM to one after the other, each replaced before the next. */
  rollOut(): Promise<void>;
  /** SIGTERM to all; resolves when the last has ended. */
  stop(): Promise<void>;
  /** SIGKILL to all. */
  end(): Promise<void>;
  running(): number;
  pids(): (number | undefined)[];
  struck: { kills: number; freezes: number; rollouts: number };
  /** How often a worker waited in vain for the store at its start, and so ended. */
  gaveUp(): number;
  /** One line for each worker that ended though nobody had told it to, or otherwise than it should have. */
  crashes: string[];
}

export function createFleet({ size, env }: { size: number; env: NodeJS.ProcessEnv }): Fleet {
  const slots: (WorkerProcess | undefined)[] = Array.from({ length: size }, () => undefined);
  const doomed = new Map<WorkerProcess, 'SIGKILL' | 'SIGTERM'>();
  const crashes: string[] = [];
  const struck = { kills: 0, freezes: 0, rollouts: 0 };
  let started = 0;
  let gaveUp = 0;
  let stopping = false;
  let inCalm = false;
  let kept: Promise<void>[] = [];
  let rolling = Promise.resolve();

  const alive = () => slots.filter(worker => worker !== undefined);
  const pick = (whom: number) => alive()[Math.floor(whom * alive().length)];

  async function keep(slot: number): Promise<void> {
    while (!stopping) {
      const worker = startWorkerProcess(++started, env);
      slots[slot] = worker;
      let ready = false;
      worker.ready.then(() => {
        ready = true;
      });
      const ending = await worker.ended;
      slots[slot] = undefined;
      if (doomed.get(worker) === undefined && worker.complaint().includes('gave up after')) gaveUp++;
      else if (!endedAsTold(worker, ending, ready)) {
        crashes.push(`worker ${worker.worker} ended with ${ending.signal ?? ending.code}: ${worker.complaint()}`);
      }
      if (!stopping) await delay(RESTART_MS);
    }
  }

  function endedAsTold(worker: WorkerProcess, { code, signal }: Ending, ready: boolean): boolean {
    switch (doomed.get(worker)) {
      case 'SIGKILL':
        return signal === 'SIGKILL';
      case 'SIGTERM':
        // Past its drain time it gives back the rest and ends with 1, which in a storm is as it should be. Before it
        // receives, the signal may come too early to be handled.
        return code === 0 || (code === 1 && !inCalm) || (signal === 'SIGTERM' && !ready);
      case undefined:
        return false;
    }
  }

  function tell(worker: WorkerProcess, signal: 'SIGKILL' | 'SIGTERM'): void {
    if (doomed.get(worker) !== 'SIGKILL') doomed.set(worker, signal);
    worker.signal(signal);
  }

  async function replace(slot: number): Promise<void> {
    const worker = slots[slot];
    if (worker === undefined || stopping) return;
    tell(worker, 'SIGTERM');
    await worker.ended;
    const until = Date.now() + READY_MS;
    while (!stopping && Date.now() < until && (slots[slot] === undefined || slots[slot] === worker)) await delay(50);
    await Promise.race([slots[slot]?.ready, delay(Math.max(0, until - Date.now()), undefined, { ref: false })]);
  }

  return {
    struck,
    crashes,
    gaveUp: () => gaveUp,
    running: () => alive().length,
    pids: () => alive().map(({ pid }) => pid),
    start: async () => {
      kept = slots.map((_, slot) => keep(slot));
      await Promise.all(alive().map(worker => Promise.race([worker.ready, worker.ended])));
    },
    kill: whom => {
      const worker = pick(whom);
      if (worker === undefined) return undefined;
      struck.kills++;
      tell(worker, 'SIGKILL');
      return worker;
    },
    freeze: whom => {
      const worker = pick(whom);
      if (worker === undefined) return undefined;
      struck.freezes++;
      worker.signal('SIGSTOP');
      setTimeout(() => worker.signal('SIGCONT'), FROZEN_MS).unref();
      return worker;
    },
    rollOut: () => {
      struck.rollouts++;
      rolling = rolling.then(async () => {
        for (const slot of slots.keys()) await replace(slot);
      });
      return rolling;
    },
    stop: async () => {
      await rolling;
      stopping = true;
      inCalm = true;
      for (const worker of alive()) tell(worker, 'SIGTERM');
      await Promise.all(kept);
    },
    end: async () => {
      stopping = true;
      for (const worker of alive()) tell(worker, 'SIGKILL');
      await Promise.all(kept);
    },
  };
}
