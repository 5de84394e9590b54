import { type Choice, conversation, footprintOf, TIME } from './choices.ts';
import { connectionReset, throttled } from './fakes/errors.ts';
import type { Part } from './fakes/operation.ts';
import type { Process, Request } from './process.ts';
import type { World } from './world.ts';

/** What may become of one request beside an answer. */

/** The rest of the request is applied, and nobody learns of it. */
export function answerLost({ facts }: World, process: Process, request: Request): Choice {
  const { operation, id, next } = request;
  const rest = operation.parts.slice(next);
  return {
    id: () => `${id}/${next} lost`,
    footprint: () => footprintOf(rest, conversation(process, request)),
    run: () => {
      for (const part of rest) part.apply();
      facts.attempts += operation.parts.length;
      request.settle(connectionReset());
    },
    told: () =>
      `worker ${process.name}: ${named(rest)} … ${rest.map(part => part.told()).join(', ')}, but the answer is lost`,
  };
}

/** The worker takes the request for failed, and it may land at any later time, or never. */
export function givenUp({ facts, ghosts }: World, process: Process, request: Request): Choice {
  const { operation, id, next } = request;
  const rest = operation.parts.slice(next);
  return {
    id: () => `${id}/${next} late`,
    footprint: () => ({ changes: [conversation(process, request)], reads: [TIME] }),
    run: () => {
      facts.attempts += operation.parts.length;
      ghosts.push(request);
      request.settle(connectionReset());
    },
    told: () => `worker ${process.name}: ${named(rest)} … the connection breaks, the request is still on its way`,
  };
}

export function refusedWhole(process: Process, request: Request): Choice {
  const { operation, id, service } = request;
  return {
    id: () => `${id} throttled`,
    footprint: () => ({ changes: [conversation(process, request)], reads: [TIME] }),
    run: () => request.settle(service === 'DynamoDB' ? throttled() : requestThrottled()),
    told: () => `worker ${process.name}: ${named(operation.parts)} … the request is throttled`,
  };
}

const requestThrottled = (): Error =>
  Object.assign(new Error('RequestThrottled'), { name: 'RequestThrottled', $metadata: { httpStatusCode: 403 } });

/** Inside an answer that says 200. */
export function refusedAlone(process: Process, request: Request, part: Part): Choice {
  const { operation, id, next } = request;
  return {
    id: () => `${id}/${next} refused`,
    footprint: () => ({ changes: [conversation(process, request)], reads: [TIME] }),
    run: () => {
      part.refuse?.();
      if (++request.next === operation.parts.length) request.settle();
    },
    told: () => `worker ${process.name}: ${part.name()} … throttled alone, inside an answer that says 200`,
  };
}

export function answeredStale(process: Process, request: Request, part: Part): Choice {
  return {
    id: () => `${request.id} stale`,
    footprint: () => footprintOf([part], conversation(process, request)),
    run: () => {
      part.applyStale?.();
      request.next++;
      request.settle();
    },
    told: () => `worker ${process.name}: ${part.name()} … ${part.told()}, because the index lags behind`,
  };
}

const named = (parts: Part[]): string => parts.map(({ name }) => name()).join(' and ');
