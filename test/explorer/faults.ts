import { addTime, type Choice, conversations, footprintOf, TIME } from './choices.ts';
import { delivery, isHeld, receivers } from './deliveries.ts';
import type { Part } from './fakes/operation.ts';
import { SOURCE } from './fakes/sqs.ts';
import type { Process } from './process.ts';
import type { Fault } from './scenario.ts';
import { answeredStale, answerLost, givenUp, refusedAlone, refusedWhole } from './troubles.ts';
import type { World } from './world.ts';

const HOUR_MS = 3_600_000;

/** Adds what may go wrong now. Each takes one from the scenario's budget, and shares that with all that take from it. */
export function faults(world: World, choices: Choice[]): Choice[] {
  const { budget, processes } = world;
  const add = (kind: Fault, choice: Choice) => choices.push(charged(world, kind, choice));
  for (const process of processes) {
    for (const request of process.requests) {
      const part = request.operation.parts[request.next] as Part;
      if (budget.lost > 0) add('lost', answerLost(world, process, request));
      if (budget.late > 0 && part.writes) add('late', givenUp(world, process, request));
      if (budget.throttled > 0 && request.next === 0) add('throttled', refusedWhole(process, request));
      if (budget.throttled > 0 && part.refuse) add('throttled', refusedAlone(process, request, part));
      if (budget.stale > 0 && part.canBeStale?.()) add('stale', answeredStale(process, request, part));
    }
    if (process.held.length === 0) continue;
    if (budget.crashes > 0) add('crashes', crash(world, process));
    if (budget.stops > 0 && !process.stopping) add('stops', stop(world, process));
  }
  addLandings(world, choices);
  addRedeliveries(world, choices);
  addTimes(world, choices);
  return choices;
}

/** What may still happen when all is done: a request lands that nobody waits for, a deleted message comes again. */
export function afterRest(world: World): Choice[] {
  const choices: Choice[] = [];
  addRedeliveries(world, choices);
  if (choices.length > 0) addTimes(world, choices);
  addLandings(world, choices);
  return choices;
}

function charged({ budget }: World, kind: Fault, { id, footprint, run, told }: Choice): Choice {
  return {
    id,
    footprint: () => {
      const { changes, reads } = footprint();
      return { changes: [...changes, kind], reads };
    },
    run: () => {
      budget[kind]--;
      run();
    },
    told,
    fault: kind,
  };
}

function crash(world: World, process: Process): Choice {
  const { name, held } = process;
  const holding = held.map(({ id }) => id);
  return {
    id: () => `${name} crashes`,
    footprint: () => ({ changes: [...conversations(name), ...holding], reads: [TIME] }),
    run: () => world.crash(process),
    told: () => `worker ${name} crashes while it holds ${holding.join(', ')}`,
  };
}

function stop(world: World, process: Process): Choice {
  const { name, held } = process;
  const holding = held.map(({ id }) => id);
  return {
    id: () => `${name} stops`,
    footprint: () => ({ changes: [...conversations(name), ...holding], reads: [TIME] }),
    run: () => world.stop(process),
    told: () => `worker ${name} is told to stop while it holds ${holding.join(', ')}`,
  };
}

/** Requests that their clients have given up. */
function addLandings({ ghosts }: World, choices: Choice[]): void {
  for (const request of ghosts) {
    const { operation, id, next } = request;
    const part = operation.parts[next] as Part;
    choices.push({
      id: () => `${id}/${next} lands`,
      footprint: () => footprintOf([part], 'ghosts'),
      run: () => {
        part.apply();
        if (++request.next === operation.parts.length) ghosts.splice(ghosts.indexOf(request), 1);
      },
      told: () => `what worker ${id.split('.')[0]} gave up lands: ${part.name()} … ${part.told()}`,
    });
  }
}

/** A message comes again while it is held, its visibility having ended, or although it was deleted: at least once. */
function addRedeliveries(world: World, choices: Choice[]): void {
  if (world.budget.redelivered === 0) return;
  for (const message of world.sqs.messages(SOURCE)) {
    const isDeleted = message.state === 'deleted';
    if (!isDeleted && !(message.state === 'queued' && isHeld(world, message))) continue;
    const when = isDeleted ? 'although it was deleted' : 'because its visibility has ended';
    for (const to of receivers(world, message)) choices.push(delivery(world, [message], to, when, 'redelivered'));
  }
}

function addTimes(world: World, choices: Choice[]): void {
  const { budget, processes, now, advanceTo, dynamodb } = world;
  const isBusy = processes.some(({ held }) => held.length > 0);
  if (isBusy && budget.waits > 0) {
    const passing: Choice[] = [];
    addTime(world, passing);
    for (const choice of passing) choices.push(charged(world, 'waits', { ...choice, id: () => 'time meanwhile' }));
  }
  if (!isBusy && budget.hours > 0) {
    const hour: Choice = {
      id: () => 'an hour',
      footprint: () => ({ changes: [TIME], reads: [] }),
      run: () => {
        advanceTo(now() + HOUR_MS + 1_000);
        dynamodb.expire(now() / 1_000);
      },
      told: () => 'more than an hour passes',
    };
    choices.push(charged(world, 'hours', hour));
  }
}
