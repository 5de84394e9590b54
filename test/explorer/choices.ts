import type { Part } from './fakes/operation.ts';
import { type QueuedMessage, SOURCE } from './fakes/sqs.ts';
import { afterRest, faults } from './faults.ts';
import type { Process, Request } from './process.ts';
import type { Fault } from './scenario.ts';
import type { World } from './world.ts';

/** Something that may happen next. */
export interface Choice {
  /** The same in every schedule in which the same thing may happen. */
  id(): string;
  /** What commutes with it and what does not. */
  footprint(): Footprint;
  run(): void;
  /** For people, after it has run. */
  told(): string;
  /** Set when something goes wrong by it. */
  fault?: Fault;
}

/** By name, what a choice changes and what it depends on: two choices commute if neither changes what is the other's. */
export interface Footprint {
  changes: string[];
  reads: string[];
}

/** Whatever moves the time commutes with nothing: all others read it. */
export const TIME = 'time';

/**
 * Everything that may happen now: first what must go on, so that always taking the first choice is a calm day; then what
 * may go wrong, as far as the scenario allows it. No choices: all is done.
 */
export function choicesOf(world: World): Choice[] {
  const choices: Choice[] = [];
  addAnswers(world, choices);
  addDeliveries(world, choices);
  if (choices.length === 0) addTime(world, choices);
  if (choices.length > 0) return faults(world, choices);
  const more = afterRest(world);
  return more.length > 0 ? [THE_END, ...more] : more;
}

export const THE_END: Choice = {
  id: () => 'end',
  footprint: () => ({ changes: [TIME], reads: [] }),
  run: () => {},
  told: () => 'nothing more happens',
};

function addAnswers({ processes }: World, choices: Choice[]): void {
  for (const process of processes) {
    for (const request of process.requests) choices.push(served(process, request));
  }
}

/** The request's next part is applied; with the last one the answer arrives. */
function served(process: Process, request: Request): Choice {
  const { operation, next } = request;
  const part = operation.parts[next] as Part;
  return {
    id: () => `${request.id}/${next}`,
    footprint: () => footprintOf([part], conversation(process, request)),
    run: () => {
      part.apply();
      if (++request.next === operation.parts.length) request.settle();
    },
    told: () => `worker ${process.name}: ${part.name()} … ${part.told()}`,
  };
}

/**
 * What a worker has under way with one service. An answer of the other service is about another message, or about the
 * renewal of this one's visibility, for which its settling waits: either order leads to the same.
 */
export const conversation = ({ name }: Process, { service }: Request): string => `${name} and ${service}`;
export const conversations = (name: string): string[] => [`${name} and DynamoDB`, `${name} and SQS`];

export function footprintOf(parts: Part[], ...more: string[]): Footprint {
  const changes = [...more];
  const reads = [TIME];
  for (const { writes, touches, sees = [] } of parts) {
    (writes ? changes : reads).push(...touches);
    reads.push(...sees);
  }
  return { changes, reads };
}

function addDeliveries(world: World, choices: Choice[]): void {
  const { now, sqs, scenario, processes } = world;
  const queued = sqs.messages(SOURCE).filter(({ state }) => state === 'queued');
  const visible = queued.filter(({ visibleAt }) => visibleAt <= now());
  if (scenario.receives === 'all' && visible.length > 1) {
    for (const to of processes.filter(canReceive)) choices.push(delivery(world, visible, to));
  } else {
    for (const message of visible) {
      for (const to of receivers(world, message)) choices.push(delivery(world, [message], to));
    }
  }
  // Whoever held these is gone, or has let them go.
  for (const message of queued) {
    if (message.visibleAt <= now() || isHeld(world, message)) continue;
    for (const to of receivers(world, message))
      choices.push(delivery(world, [message], to, 'when it is visible again'));
  }
}

export function isHeld({ processes }: World, message: QueuedMessage): boolean {
  return processes.some(({ held }) => held.includes(message));
}

/**
 * What is alike need not be told apart. New messages with the same body come in their order. Of processes that have
 * received nothing yet, a new message goes to one whose place is not after its own; one that comes again goes to any that
 * was used, or to the first that was not.
 */
export function receivers({ processes, sqs }: World, message: QueuedMessage): Process[] {
  const messages = sqs.messages(SOURCE);
  const position = messages.indexOf(message);
  if (message.receiveCount === 0) {
    const twin = messages.findIndex(({ body, receiveCount }) => receiveCount === 0 && body === message.body);
    if (twin < position) return [];
  }
  let unused = 0;
  return processes.filter(process => {
    if (!canReceive(process)) return false;
    if (message.receiveCount === 0) return process.slot <= position;
    return process.running !== undefined || process.life > 1 || unused++ === 0;
  });
}

const canReceive = ({ stopping, running }: Process): boolean => !stopping && (running?.receives() ?? true);

export function delivery(world: World, messages: QueuedMessage[], to: Process, when = '', fault?: Fault): Choice {
  const isTimed = world.scenario.visibility === 'timed';
  const queued = messages.filter(({ state }) => state === 'queued');
  const at = isTimed ? Math.max(0, ...queued.map(({ visibleAt }) => visibleAt)) : 0;
  const receipts = messages.map(({ id, receiveCount }) => `${id}#${receiveCount}`);
  return {
    id: () => `${receipts.join()}>${to.name}${fault ?? ''}`,
    footprint: () => ({
      changes: [
        ...messages.map(({ id }) => id),
        ...conversations(to.name),
        ...(at > world.now() ? [TIME] : []),
        ...(fault ? [fault] : []),
      ],
      reads: [TIME],
    }),
    run: () => {
      if (fault) world.budget[fault]--;
      world.advanceTo(at);
      world.deliver(messages, to);
    },
    told: () => {
      const names = messages.map(({ id }) => id).join(', ');
      if (messages.some(({ state }) => state === 'dead')) {
        return `SQS moves ${names} to the dead-letter queue: received too often`;
      }
      const told = messages.map(message => `${message.id} ${shortened(message.body)}${nth(message.receiveCount)}`);
      return `worker ${to.name} receives ${told.join(', ')}${when && `, ${when}`}`;
    },
    ...(fault && { fault }),
  };
}

const nth = (receiveCount: number): string => (receiveCount > 1 ? ` (receive ${receiveCount})` : '');
const shortened = (body: string): string => (body.length > 60 ? `${body.slice(0, 60)}…` : body);

/** The next moment at which something is due. */
export function addTime({ processes, sqs, now, advanceTo }: World, choices: Choice[]): void {
  const waiting = sqs.messages(SOURCE).filter(({ state }) => state === 'queued');
  if (waiting.length === 0 && processes.every(({ held }) => held.length === 0)) return;
  const moments = processes.flatMap(({ timers }) => timers.map(({ at }) => at));
  for (const { visibleAt } of waiting) if (visibleAt > now()) moments.push(visibleAt);
  if (moments.length === 0) return;
  const at = Math.min(...moments);
  const seconds = (at - now()) / 1_000;
  choices.push({
    id: () => 'time',
    footprint: () => ({ changes: [TIME], reads: [] }),
    run: () => advanceTo(at),
    told: () => `${seconds} s pass`,
  });
}
