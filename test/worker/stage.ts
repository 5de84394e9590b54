import {
  anyQueue,
  anyStore,
  freshQueue,
  freshTables,
  type TestQueue,
  type TestTables,
  workerEnv,
} from '../backends.ts';
import { type FaultProxy, startFaultProxy } from '../fault-proxy.ts';
import { counts } from '../stored.ts';
import { killWorkers } from '../worker-process.ts';

export interface Stage {
  tables: TestTables;
  queue: TestQueue;
  /** Stands between the worker and its store. */
  proxy: FaultProxy;
  /** Of a worker on them. */
  env: Record<string, string>;
  /** Nothing is left in the queue, neither visible nor hidden. */
  empty(): Promise<boolean>;
}

const proxies = new Set<FaultProxy>();

/** Fresh tables and a fresh queue, the store behind a proxy. */
export async function setStage(options: Parameters<typeof freshQueue>[1] = {}): Promise<Stage> {
  const tables = await freshTables(anyStore());
  const queue = await freshQueue(anyQueue(), options);
  const proxy = await startFaultProxy(tables.endpoint);
  proxies.add(proxy);
  const empty = async () => {
    const { visible, hidden } = await counts(queue, queue.queueUrl);
    return visible + hidden === 0;
  };
  return {
    tables,
    queue,
    proxy,
    env: { ...workerEnv(tables, queue), AWS_ENDPOINT_URL_DYNAMODB: proxy.endpoint },
    empty,
  };
}

/** For afterEach. */
export async function clearStage(): Promise<void> {
  await killWorkers();
  await Promise.all([...proxies].map(proxy => proxy.close()));
  proxies.clear();
}

export const ids = (n: number): string[] => Array.from({ length: n }, (_, i) => `id-${i}`);

/** How many messages a worker's last line accounts for. */
export const handledOf = (line: Record<string, unknown>): number =>
  ['created', 'recovered', 'duplicate', 'conflict', 'invalid', 'failed'].reduce(
    (sum, kind) => sum + Number(line[kind]),
    0,
  );
