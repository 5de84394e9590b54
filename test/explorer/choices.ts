import { addDeliveries } from './deliveries.ts';
import type { Part } from './fakes/operation.ts';
import { SOURCE } from './fakes/sqs.ts';
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
