import { OperatorMistake } from '../src/errors.ts';
import { type Comparison, compare, messagesOf } from './compare.ts';
import type { Name } from './contenders/index.ts';
import type { OpenBench } from './open.ts';
import { bold, renderGrid, renderStored } from './print.ts';
import type { Workload } from './round.ts';
import { startService } from './service.ts';

/** By the number of worker processes. */
export type LatencyReport = { latencyMs: number; workers: Record<number, Omit<Comparison, 'sources'>> };

export function latencyMessages(contenders: Name[], workload: Workload, workers: number[], rounds: number): number {
  return workers.length * messagesOf(contenders, workload, { rounds, units: false });
}

/** Compares the contenders with every DynamoDB call answered `delayMs` late, for each number of workers. */
export async function compareUnderLatency(
  bench: OpenBench,
  contenders: Name[],
  workload: Workload,
  options: { delayMs: number; workers: number[]; rounds: number; onProgress(done: number): void },
): Promise<LatencyReport> {
  const { delayMs, workers, rounds, onProgress } = options;
  if (bench.dynamodbEndpoint.protocol === 'https:') {
    throw new OperatorMistake(
      '--latency delays plain HTTP alone',
      'leave AWS_ENDPOINT_URL_* unset, or name an emulator',
    );
  }
  const program = new URL('./delay-proxy.ts', import.meta.url);
  const proxy = await startService<{ endpoint: string }>(program, [bench.dynamodbEndpoint.href, String(delayMs)]);
  const env = { AWS_ENDPOINT_URL_DYNAMODB: proxy.ready.endpoint };
  const report: LatencyReport = { latencyMs: delayMs, workers: {} };
  let before = 0;
  try {
    for (const count of workers) {
      const load = { ...workload, workers: count };
      const { sources: _, ...comparison } = await compare(bench, contenders, load, {
        rounds,
        units: false,
        env,
        onProgress: done => onProgress(before + done),
      });
      report.workers[count] = comparison;
      before += messagesOf(contenders, load, { rounds, units: false });
    }
    return report;
  } finally {
    await proxy.stop();
  }
}

export function renderLatency({ latencyMs, workers }: LatencyReport, contenders: Name[]): string {
  const counts = Object.keys(workers).map(Number);
  const heads = counts.map(count => `${count} worker${count === 1 ? '' : 's'}`);
  const grid = (of: 'messagesPerSecond' | 'latencyMsP50' | 'clientCpuMicrosPerMessage', digits: number) =>
    renderGrid(
      heads,
      contenders.map(name => [name, ...counts.map(count => workers[count]?.contenders[name]?.[of] ?? null)]),
      digits,
    );
  return [
    bold(`Messages a second, with ${latencyMs} ms on every DynamoDB call`),
    grid('messagesPerSecond', 0),
    '',
    bold('Latency from receive to delete, p50 ms'),
    grid('latencyMsP50', 1),
    '',
    bold('Client CPU, µs a message'),
    grid('clientCpuMicrosPerMessage', 0),
    ...counts.flatMap(count => [
      '',
      bold(`What is stored with ${count} worker${count === 1 ? '' : 's'} (worst round)`),
      renderStored(workers[count]?.contenders ?? {}),
    ]),
  ].join('\n');
}
