import { DEAD_LETTERS, type QueuedMessage, SOURCE } from '../explorer/fakes/sqs.ts';
import { featuresOf } from '../explorer/promises.ts';
import type { Facts, Rules } from '../explorer/rules.ts';
import { CLIENT_ID, FEATURES } from '../explorer/subject.ts';
import { clientIdOf } from '../explorer/world.ts';

export type Flaw = 'storesTwice' | 'loses' | 'sticks';

/** A rule each: the search ends as soon as it is broken. */
export const FLAWS: Record<Flaw, Rules> = {
  storesTwice: {
    probes: false,
    written: ({ table, after }, facts) => {
      const client = after[CLIENT_ID]?.S ?? '';
      const times = table === FEATURES ? featuresOf(client, facts).length : 0;
      return times > 1 ? `STORED TWICE: ${client} has ${times} features, each under an id of its own` : undefined;
    },
  },
  loses: { probes: false, atRest: lostMessage },
  sticks: {
    probes: true,
    atRest: facts => {
      const stuck = facts.probed.find(client => featuresOf(client, facts).length === 0);
      return stuck && `STUCK: ${stuck} has no feature, and no later message can give it one`;
    },
  },
};

/** All of these at once: the first that is broken counts. */
export function combined(flaws: Flaw[]): Rules {
  const rules = flaws.map(flaw => FLAWS[flaw]);
  return {
    probes: rules.some(({ probes }) => probes),
    written: (write, facts) => first(rules.map(({ written }) => written?.(write, facts))),
    atRest: facts => first(rules.map(({ atRest }) => atRest?.(facts))),
  };
}

const first = (verdicts: (string | undefined)[]): string | undefined => verdicts.find(verdict => verdict !== undefined);

/** Which of them a violation is; undefined when it is another, as when the worker breaks. */
export function flawOf(violation: string): Flaw | undefined {
  if (violation.startsWith('STORED TWICE')) return 'storesTwice';
  if (violation.startsWith('LOST')) return 'loses';
  return violation.startsWith('STUCK') ? 'sticks' : undefined;
}

/** Judged when nothing is under way any more: until then another delivery might still make it good. */
function lostMessage(facts: Facts): string | undefined {
  const parked = facts.sqs.messages(DEAD_LETTERS).map(({ body }) => body);
  for (const message of facts.sqs.messages(SOURCE)) {
    if (message.state !== 'deleted' || parked.includes(message.body)) continue;
    const client = clientIdOf(message.body);
    if (featuresOf(client, facts).length === 0)
      return `LOST: ${message.id} is acknowledged, and ${client} has no feature`;
    if (wasOverwritten(message, facts)) {
      return `LOST: ${message.id} is acknowledged, and the payload it brought was stored and overwritten`;
    }
  }
  return undefined;
}

function wasOverwritten({ body }: QueuedMessage, facts: Facts): boolean {
  const client = clientIdOf(body);
  const payload = JSON.stringify({ N: String(JSON.parse(body).payload.v) });
  const holdsIt = (item: (typeof facts.writes)[number]['after']) => JSON.stringify(item.payload?.M?.v) === payload;
  const wasStored = facts.writes.some(
    ({ table, after }) => table === FEATURES && after[CLIENT_ID]?.S === client && holdsIt(after),
  );
  return wasStored && !featuresOf(client, facts).some(holdsIt);
}
