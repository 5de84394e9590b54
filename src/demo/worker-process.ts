import { type Child, startChild } from './child.ts';

const FIGURES = {
  received: 'received',
  created: 'created',
  recovered: 'recovered',
  duplicates: 'duplicate',
  conflicts: 'conflict',
  invalid: 'invalid',
  failed: 'failed',
  givenBack: 'givenBack',
} as const;

export type WorkerFigures = Record<keyof typeof FIGURES, number>;

/** What a worker said of itself, at the latest in its closing log line, or when it was last asked before it was killed. */
export interface WorkerReport extends WorkerFigures {
  worker: number;
  ended: 'stopped' | 'killed';
}

export interface WorkerProcess extends Child {
  worker: number;
  /** Resolves when it receives. */
  ready: Promise<void>;
  figures: WorkerFigures;
  /** Messages it held when it was last asked. */
  holding: number;
  /** Asks for the figures; those of a worker that does not answer stay as they were. */
  ask(): Promise<void>;
}

/** `onefold worker` as a process of its own. */
export function startWorkerProcess(worker: number, env: NodeJS.ProcessEnv): WorkerProcess {
  const { promise: ready, resolve: isReady } = Promise.withResolvers<void>();
  let adminPort: number | undefined;

  const child = startChild('main', {
    args: ['worker'],
    env: { ...env, ONEFOLD_ADMIN_PORT: '0', LOG_LEVEL: 'info' },
    onLine: line => {
      const entry = parseLogLine(line);
      if (entry.msg === 'receiving') {
        adminPort = Number(entry.adminPort);
        isReady();
      }
      if (entry.msg === 'stopped') process_.figures = figuresFrom(name => Number(entry[name]));
    },
  });

  const process_: WorkerProcess = {
    ...child,
    worker,
    ready,
    figures: figuresFrom(() => 0),
    holding: 0,
    ask: async () => {
      const metrics = await fetch(`http://127.0.0.1:${adminPort}/metrics`, { signal: AbortSignal.timeout(2_000) })
        .then(response => response.text())
        .catch(() => undefined);
      if (metrics === undefined) return;
      process_.figures = figuresFrom(name =>
        sampleIn(metrics, METRICS[name] ?? `onefold_messages_total{outcome="${name}"}`),
      );
      process_.holding = sampleIn(metrics, 'onefold_messages_in_flight');
    },
  };
  return process_;
}

const METRICS: Record<string, string> = {
  received: 'onefold_messages_received_total',
  givenBack: 'onefold_messages_given_back_total',
};

function figuresFrom(read: (name: (typeof FIGURES)[keyof typeof FIGURES]) => number): WorkerFigures {
  return Object.fromEntries(Object.entries(FIGURES).map(([figure, name]) => [figure, read(name)])) as WorkerFigures;
}

function parseLogLine(line: string): Record<string, unknown> {
  try {
    return JSON.parse(line);
  } catch {
    return {};
  }
}

function sampleIn(metrics: string, name: string): number {
  const line = metrics.split('\n').find(one => one.startsWith(`${name} `));
  return Number(line?.slice(name.length + 1) ?? 0);
}
