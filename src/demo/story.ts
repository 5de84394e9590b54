import type { Clock } from '../clock.ts';
import type { Plan, PlannedMessage, Producer } from './plan.ts';
import type { Processes } from './processes.ts';
import type { Screen } from './screen.ts';
import { type Stack, VISIBILITY_SECONDS } from './stack.ts';
import { readTruth } from './truth.ts';
import { judge, type SentMessage, type Verdict } from './verdict.ts';
import { createWatch, stoodStill } from './watch.ts';
import type { WorkerProcess, WorkerReport } from './worker-process.ts';

/** An emulator's counts are exact; those of SQS itself are not, and settle after a while. */
const EMPTY_LOOKS = 3;

export interface DemoReport extends Verdict {
  workers: WorkerReport[];
  /** What the killed worker said it held, a moment before. */
  heldWhenKilled: number;
}

/**
 * Three workers consume what two producers send; one is killed in the middle and replaced; in the end tables and queues
 * are held against what was sent.
 * @param on.signal ends the story: it rejects
 * @throws CommandFailed when nothing moves for a minute before everything is sent
 */
export async function tellStory(on: {
  plan: Plan;
  features: number;
  stack: Stack;
  processes: Processes;
  screen: Screen;
  clock: Clock;
  signal: AbortSignal;
}): Promise<DemoReport> {
  const { plan, features, stack, processes, screen } = on;
  const toSend = plan[0].length + plan[1].length;
  const sent: SentMessage[] = [];
  const running = new Set<WorkerProcess>();
  const watchUntil = createWatch({ ...on, running, sent: () => sent.length });

  const startWorker = async (number: number): Promise<WorkerProcess> => {
    const worker = await processes.startWorker(number);
    running.add(worker);
    return worker;
  };

  screen.say('starting three workers');
  const workers = await Promise.all([1, 2, 3].map(startWorker));
  screen.say(`they receive: processes ${workers.map(({ pid }) => pid).join(', ')}`);

  for (const producer of [0, 1] satisfies Producer[]) {
    processes.startProducer(producer, ({ index, messageId }) => {
      sent.push({ ...(plan[producer][index] as PlannedMessage), messageId });
    });
  }
  screen.say(`two producers send ${toSend} messages: ${features} counties, a third of them again,`);
  screen.say('some with another payload, and some messages that break the contract');

  const victim = workers[1] as WorkerProcess;
  // A few hundred features may be done before the moment comes.
  const half = await watchUntil(
    now => (now.stored >= features / 2 && victim.holding > 0) || (now.sent === toSend && now.waiting === 0),
  );
  if (!half) throw stoodStill('half of the features were not stored');
  running.delete(victim);
  await processes.kill(victim);
  const comeBack = victim.holding > 0 ? `: they come back within ${VISIBILITY_SECONDS} s` : '';
  screen.say(`worker 2 is killed holding ${victim.holding} messages${comeBack}`);
  startWorker(4).then(({ pid }) => screen.say(`worker 4 takes its place: process ${pid}`));

  let emptyLooks = 0;
  const done = await watchUntil(({ waiting, workers }) => {
    emptyLooks = sent.length === toSend && waiting === 0 && workers === 3 ? emptyLooks + 1 : 0;
    return emptyLooks === EMPTY_LOOKS;
  });
  if (sent.length < toSend) throw stoodStill(`${sent.length} of ${toSend} messages are sent`);
  screen.say(done ? 'the queue is empty: stopping the workers' : 'giving up on what is left: stopping the workers');

  const faults: string[] = [];
  const stopped = [...running];
  const endings = await Promise.all(stopped.map(processes.stop));
  endings.forEach(({ code, signal }, i) => {
    if (code !== 0)
      faults.push(`worker ${stopped[i]?.worker} ended with ${signal ?? `exit code ${code}`} when told to stop`);
  });

  screen.say('reading both tables and both queues');
  const verdict = judge(sent, await readTruth(stack));
  const reports = new Set([...workers, ...stopped]);
  return {
    figures: verdict.figures,
    faults: [...faults, ...verdict.faults],
    workers: [...reports].map(({ worker, figures }) => ({
      worker,
      ended: worker === victim.worker ? 'killed' : 'stopped',
      ...figures,
    })),
    heldWhenKilled: victim.holding,
  };
}
