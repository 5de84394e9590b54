import { parentPort } from 'node:worker_threads';
import { onefold } from './onefold.ts';
import { promises } from './promises.ts';
import { searchRandomly } from './random.ts';
import type { Scenario } from './scenario.ts';
import { searchAll } from './search.ts';
import type { Counterexample } from './shortest.ts';

/** What a thread is asked to do. */
export type Task =
  | { kind: 'whole'; bound: number; scenario: Scenario; share: { index: number; of: number } }
  | { kind: 'random'; seed: number; runs: number };

/** What it tells, as often as there is something to tell; `done` with the last. */
export interface Report {
  /** Of schedules that were run to their end. */
  fingerprints: Float64Array;
  done: boolean;
  found?: Counterexample | undefined;
}

const REPORT_EVERY = 1_000;

/** Runs one task on Onefold. */
export async function perform(task: Task, tell: (report: Report) => void): Promise<void> {
  let fingerprints: number[] = [];
  const subject = onefold();
  const onSchedule = ({ fingerprint }: { fingerprint: number }) => {
    if (fingerprints.push(fingerprint) < REPORT_EVERY) return;
    tell({ fingerprints: Float64Array.from(fingerprints), done: false });
    fingerprints = [];
  };
  let found: Counterexample | undefined;
  if (task.kind === 'whole') {
    const { scenario, share } = task;
    const result = await searchAll({ scenario, subject, rules: promises, share, onSchedule });
    found = result.found && { ...result.found, scenario };
  } else {
    found = await searchRandomly({ subject, rules: promises, seed: task.seed, runs: task.runs, onSchedule });
  }
  tell({ fingerprints: Float64Array.from(fingerprints), done: true, found });
}

parentPort?.on('message', (task: Task) => {
  // Nobody reads the stacks of the errors that the fakes throw, and taking them is a tenth of the work.
  Error.stackTraceLimit = 0;
  void perform(task, report => parentPort?.postMessage(report, [report.fingerprints.buffer as ArrayBuffer]));
});
