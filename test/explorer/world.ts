import type { Message } from '@aws-sdk/client-sqs';
import { toDelivery } from '../../src/queue/delivery.ts';
import { createFakeDynamoDB, type FakeDynamoDB } from './fakes/dynamodb.ts';
import { createFakeSqs, type FakeSqs, type QueuedMessage, SOURCE } from './fakes/sqs.ts';
import type { Write } from './fakes/tables.ts';
import { VISIBILITY_SECONDS } from './onefold.ts';
import { createProcess, end, type Process, type Request } from './process.ts';
import type { Facts, Rules } from './rules.ts';
import { bodyOf, FAULTS, type Fault, type Scenario } from './scenario.ts';
import { FEATURES, type Subject } from './subject.ts';

/** Everything that a schedule acts on: the workers' processes, the backends and the time. */
export interface World {
  scenario: Scenario;
  now(): number;
  /** Moves the time forward; never back. */
  advanceTo(ms: number): void;
  /** What may still go wrong. */
  budget: Record<Fault, number>;
  /** One for each replica; those that ended have been replaced. */
  processes: Process[];
  /** Requests that their workers have given up and that may still land. */
  ghosts: Request[];
  dynamodb: FakeDynamoDB;
  sqs: FakeSqs;
  facts: Facts;
  /** The first rule that was broken. */
  violation: string | undefined;
  /** SQS hands messages to a process. Returns what came of each: dead ones do not arrive. */
  deliver(messages: QueuedMessage[], to: Process): void;
  crash(process: Process): void;
  stop(process: Process): void;
  /** Lets every promise, task and timer that is due run, until nothing moves without a decision. */
  settle(): Promise<void>;
}

const START = Date.UTC(2026, 0, 1);

export function createWorld(scenario: Scenario, subject: Subject, rules: Rules): World {
  let now = START;
  const judge = (verdict: string | undefined) => {
    world.violation ??= verdict;
  };

  const onWrite = (write: Write) => {
    world.facts.writes.push(write);
    judge(rules.written?.(write, world.facts));
  };
  const onDelete = (message: QueuedMessage) => {
    world.facts.acknowledged.push(message);
    judge(rules.acknowledged?.(message, world.facts));
  };
  const dynamodb = createFakeDynamoDB(subject.tables, { returnsOld: scenario.writes === 'old', onWrite });
  const sqs = createFakeSqs({
    now: () => now,
    visibilitySeconds: VISIBILITY_SECONDS,
    maxReceiveCount: scenario.maxReceiveCount,
    judgedBy: body => judgedBy(clientIdOf(body)),
    onDelete,
  });

  function start(process: Process): NonNullable<Process['running']> {
    const running = subject.start({
      dynamodb: process.client('DynamoDB', dynamodb.begin) as never,
      sqs: process.client('SQS', sqs.begin) as never,
      clock: process.clock,
      mint: process.mint,
      scenario,
    });
    running.broken?.catch((error: Error) => judge(`a worker stopped for good: ${error.message}`));
    process.running = running;
    return running;
  }

  function replace(process: Process): void {
    end(process);
    world.processes[process.slot] = createProcess(process.slot, process.life + 1, world.now);
  }

  const world: World = {
    scenario,
    now: () => now,
    advanceTo: ms => {
      now = Math.max(now, ms);
    },
    budget: Object.fromEntries(FAULTS.map(fault => [fault, scenario[fault]])) as Record<Fault, number>,
    processes: Array.from({ length: scenario.workers }, (_, slot) => createProcess(slot, 1, () => now)),
    ghosts: [],
    dynamodb,
    sqs,
    facts: { scenario, dynamodb, sqs, writes: [], acknowledged: [], attempts: 0, probed: [] },
    violation: undefined,
    deliver: (messages, to) => {
      const running = to.running ?? start(to);
      const arrived: Message[] = [];
      for (const message of messages) {
        const received = sqs.receive(message);
        if (received === undefined) continue;
        arrived.push(received);
        to.held.push(message);
      }
      if (arrived.length === 0) return;
      world.facts.attempts += arrived.length;
      const held = messages.filter(({ state }) => state === 'queued');
      void running.take(arrived.map(toDelivery)).finally(() => {
        for (const message of held) to.held.splice(to.held.indexOf(message), 1);
      });
    },
    crash: replace,
    stop: process => {
      process.stopping = true;
      void process.running?.stop().finally(() => {
        if (process.alive) replace(process);
      });
    },
    settle: async () => {
      do await drained();
      while (world.processes.some(runTask) || fireNextDue());
    },
  };

  function fireNextDue(): boolean {
    let next: { process: Process; index: number; at: number } | undefined;
    for (const process of world.processes) {
      for (let index = 0; index < process.timers.length; index++) {
        const at = process.timers[index]?.at ?? 0;
        if (at <= now && (next === undefined || at < next.at)) next = { process, index, at };
      }
    }
    next?.process.timers.splice(next.index, 1)[0]?.fire();
    return next !== undefined;
  }

  for (const message of scenario.messages) sqs.send(SOURCE, bodyOf(message));
  return world;
}

/**
 * Resolves once every promise has come to rest: Node runs a tick only when no microtask is left. Nothing of Onefold
 * waits for anything but promises, its clock and its clients.
 */
const drained = (): Promise<void> => new Promise(resolve => process.nextTick(resolve));

function runTask({ tasks }: Process): boolean {
  const due = tasks.splice(0);
  for (const task of due) task();
  return due.length > 0;
}

/** The client id that a body names, if it is a valid one's. */
export function clientIdOf(body: string): string {
  return JSON.parse(body).clientFeatureId;
}

const judgedBy = (clientId: string): string[] => [`mappings/${clientId}`, `${FEATURES}~${clientId}`];
