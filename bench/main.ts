import { CommanderError } from 'commander';
import { startProgress } from '../src/cli/progress.ts';
import { CommandFailed, OperatorMistake } from '../src/errors.ts';
import { compare, messagesOf } from './compare.ts';
import { compareUnderLatency, latencyMessages, renderLatency } from './latency.ts';
import { type OpenBench, openBench } from './open.ts';
import { type Options, readOptions } from './options.ts';
import { compareFullTables, preloadSteps, renderPreload } from './preload.ts';
import { bold, renderReport } from './print.ts';
import { MEASURED } from './round.ts';
import { soakAndPlot } from './soak-report.ts';
import { renderTrickle, trickle } from './trickle.ts';

interface Result {
  json: object;
  text: string;
}

async function run(options: Options, bench: OpenBench): Promise<Result> {
  const { mode, contenders, workload, rounds } = options;
  switch (mode.kind) {
    case 'compare': {
      const passes = { rounds, units: true };
      const { sources, ...report } = await withBar('messages', messagesOf(contenders, workload, passes), onProgress =>
        compare(bench, contenders, workload, { ...passes, onProgress }),
      );
      return { json: report, text: `${renderReport(report)}\n\n${sources}` };
    }
    case 'latency': {
      const total = latencyMessages(contenders, workload, mode.workers, rounds);
      const report = await withBar('messages', total, onProgress =>
        compareUnderLatency(bench, contenders, workload, { ...mode, rounds, onProgress }),
      );
      return { json: report, text: renderLatency(report, contenders) };
    }
    case 'preload': {
      const total = preloadSteps(contenders, workload, mode.features, rounds);
      const report = await withBar('features and messages', total, onProgress =>
        compareFullTables(bench, contenders, workload, { ...mode, rounds, onProgress }),
      );
      return { json: report, text: renderPreload(report) };
    }
    case 'trickle': {
      const report = await withBar('seconds', mode.seconds + 2, onProgress =>
        trickle(bench, contenders, workload, { ...mode, onProgress }),
      );
      return { json: report, text: renderTrickle(report) };
    }
    case 'soak':
      return soakAndPlot(bench, options, mode);
  }
}

async function withBar<T>(unit: string, total: number, work: (onProgress: (done: number) => void) => Promise<T>) {
  const progress = startProgress(unit, total);
  try {
    return await work(progress.reached);
  } finally {
    progress.stop();
  }
}

/** What the figures depend on, and what is in them. */
function headOf({ workload, rounds, mode }: Options, machine: string[]): string {
  const { messages, payloadBytes, duplicates, workers, redelivered } = workload;
  const percent = (share: number) => `${Math.round(share * 100)} %`;
  const kinds = [
    `payloads of ${payloadBytes} bytes`,
    ...(duplicates > 0 ? [`${percent(duplicates)} duplicates`] : []),
    ...(redelivered ? ['each stored before and delivered again'] : []),
  ];
  const lines = [bold('Onefold bench'), ...machine];
  if (mode.kind === 'compare' || mode.kind === 'latency' || mode.kind === 'preload') {
    const each = mode.kind === 'latency' ? '' : `, ${workers} worker process${workers === 1 ? '' : 'es'} each`;
    lines.push(
      `${messages.toLocaleString('en-US')} messages a round (${kinds.join(', ')}), ${rounds} interleaved round${rounds === 1 ? '' : 's'}${each}`,
      `The queue is full before the clock starts, and each round is measured from ${percent(MEASURED.from)} to ${percent(MEASURED.to)} of its messages,`,
      'when V8 is warm and the queue not empty yet.',
      'CPU is user + system time of the worker processes alone, garbage collection and log included.',
    );
  }
  return `${lines.join('\n')}\n`;
}

async function main(argv: string[]): Promise<number> {
  const interrupted = new AbortController();
  const interrupt = () => interrupted.abort();
  try {
    const options = readOptions(argv);
    process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
    const bench = await openBench({ profile: options.profile, signal: interrupted.signal });
    try {
      if (!options.json) console.log(headOf(options, bench.machine));
      const { json, text } = await run(options, bench);
      console.log(options.json ? JSON.stringify(json) : text);
      return 0;
    } finally {
      await bench.close();
    }
  } catch (error) {
    if (interrupted.signal.aborted) return 130;
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2; // commander has said it
    if (error instanceof OperatorMistake) {
      console.error(`error: ${error.message}\nhint:  ${error.hint}`);
      return 2;
    }
    console.error(error instanceof CommandFailed ? `error: ${error.message}` : error);
    return 1;
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));
