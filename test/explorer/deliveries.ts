import { type Choice, conversations, TIME } from './choices.ts';
import { type QueuedMessage, SOURCE } from './fakes/sqs.ts';
import type { Process } from './process.ts';
import type { Fault } from './scenario.ts';
import type { World } from './world.ts';

/** SQS hands out what is visible, and what was left behind by whoever held it. */
export function addDeliveries(world: World, choices: Choice[]): void {
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
