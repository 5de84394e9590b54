import type { Clock } from '../../src/clock.ts';
import type { Operation } from './fakes/operation.ts';
import type { QueuedMessage } from './fakes/sqs.ts';
import type { Running } from './subject.ts';

export interface Timer {
  at: number;
  fire(): void;
}

/** A request that was sent and not answered. */
export interface Request {
  /** As in `A.SQS.3`: the same in every schedule in which this service was asked the same before. */
  id: string;
  service: 'DynamoDB' | 'SQS';
  operation: Operation;
  /** The next of the operation's parts. */
  next: number;
  /** Gives the operation's answer, or the error. */
  settle(error?: Error): void;
}

/** One life of a worker's process, from its start to its end or crash: what the explorer may decide about stands here. */
export interface Process {
  name: string;
  /** Of the replica: a process that has ended is followed by another in its place. */
  slot: number;
  life: number;
  alive: boolean;
  stopping: boolean;
  running: Running | undefined;
  requests: Request[];
  timers: Timer[];
  tasks: (() => void)[];
  /** What it received and has neither settled nor let go. */
  held: QueuedMessage[];
  clock: Clock;
  client(
    service: Request['service'],
    begin: (command: object) => Operation,
  ): { send(command: object): Promise<unknown> };
  mint(): string;
}

export function createProcess(slot: number, life: number, now: () => number): Process {
  const name = String.fromCharCode(65 + slot) + (life === 1 ? '' : life);
  let minted = 0;
  const sent = { DynamoDB: 0, SQS: 0 };

  const process: Process = {
    name,
    slot,
    life,
    alive: true,
    stopping: false,
    running: undefined,
    requests: [],
    timers: [],
    tasks: [],
    held: [],
    clock: {
      now,
      soon: task => process.tasks.push(task),
      sleep: (ms, signal) =>
        new Promise((resolve, reject) => {
          if (signal?.aborted) return reject(signal.reason);
          const onAbort = () => {
            process.timers = process.timers.filter(other => other !== timer);
            reject(signal?.reason);
          };
          const fire = () => {
            signal?.removeEventListener('abort', onAbort);
            resolve();
          };
          const timer = { at: now() + ms, fire };
          process.timers.push(timer);
          signal?.addEventListener('abort', onAbort);
        }),
    },
    mint: () => `${name}-${++minted}`,
    client: (service, begin) => ({
      send: command =>
        new Promise((resolve, reject) => {
          const operation = begin(command);
          const request: Request = {
            id: `${name}.${service}.${++sent[service]}`,
            service,
            operation,
            next: 0,
            settle: error => {
              process.requests.splice(process.requests.indexOf(request), 1);
              if (error) return reject(error);
              try {
                resolve(operation.answer());
              } catch (refused) {
                reject(refused);
              }
            },
          };
          process.requests.push(request);
        }),
    }),
  };
  return process;
}

/** The process is gone: nothing of it runs any more, and nothing that it still waits for will come. */
export function end(process: Process): void {
  Object.assign(process, { alive: false, requests: [], timers: [], tasks: [], held: [] });
}
