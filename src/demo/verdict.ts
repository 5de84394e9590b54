import { isDeepStrictEqual } from 'node:util';
import type { Feature, Mapping } from '../store/port.ts';
import type { PlannedMessage } from './plan.ts';

export type SentMessage = PlannedMessage & { messageId: string };

/** A message in the dead-letter queue; `exhausted` is SQS's own redrive. */
export interface Letter {
  /** The id it had in the source queue. */
  messageId: string;
  body: string;
  reason: 'invalid' | 'conflict' | 'exhausted';
}

/** What tables and queues hold when the workers have stopped. */
export interface Found {
  mappings: Mapping[];
  features: Feature[];
  letters: Letter[];
  /** Ids of messages that can be received from the source queue. */
  left: string[];
  /** Messages of the source queue that nobody can receive now. */
  hidden: number;
}

export interface TrueFigures {
  sent: number;
  /** Distinct features sent. */
  features: number;
  featuresStored: number;
  /** Messages whose feature was stored by another message with the same payload. */
  repeats: number;
  /** Features that have more than one item. */
  storedTwice: number;
  /** Distinct messages. */
  parked: Record<Letter['reason'], number>;
  leftInQueue: number;
  /** Features, and messages that store none, that are nowhere. */
  lost: number;
}

export interface Verdict {
  figures: TrueFigures;
  /** One sentence each; none means that all is well. */
  faults: string[];
}

/**
 * Holds what was sent against what is there. Each message must be in one place: its payload is stored, or it is parked
 * with the reason that it deserves, or it is still in the queue.
 * @param options.mayExhaust SQS's own redrive counts as parked with good reason: where workers are killed all the time a
 * message may be received too often
 */
export function judge(
  sent: readonly SentMessage[],
  found: Found,
  { mayExhaust = false }: { mayExhaust?: boolean } = {},
): Verdict {
  const faults: string[] = [];
  const stored = Map.groupBy(found.features, feature => feature.clientFeatureId);
  const parked = new Map(found.letters.map(letter => [letter.messageId, letter]));
  const left = new Set(found.left);
  const sentIds = new Set(sent.flatMap(message => (message.kind === 'feature' ? [message.clientFeatureId] : [])));
  const lost = new Set<string>();
  let storedMessages = 0;

  for (const message of sent) {
    const items = message.kind === 'feature' ? (stored.get(message.clientFeatureId) ?? []) : [];
    const letter = parked.get(message.messageId);
    if (message.kind === 'feature' && items.some(({ payload }) => isDeepStrictEqual(payload, message.payload))) {
      storedMessages++;
      if (letter && letter.reason !== 'exhausted')
        faults.push(`${nameOf(message)} is stored, and parked as ${letter.reason}`);
    } else if (letter) {
      const deserved = message.kind === 'broken' ? 'invalid' : 'conflict';
      if (letter.reason !== deserved && !(mayExhaust && letter.reason === 'exhausted'))
        faults.push(`${nameOf(message)} is parked as ${letter.reason}, not ${deserved}`);
      else if (letter.reason === 'conflict' && items.length === 0)
        faults.push(`${nameOf(message)} is parked as conflict, and no other payload is stored`);
      if (letter.body !== message.body)
        faults.push(`${nameOf(message)} was changed on its way to the dead-letter queue`);
    } else if (!left.has(message.messageId)) {
      // Three lost messages of a feature that is nowhere are one loss.
      lost.add(message.kind === 'feature' && items.length === 0 ? message.clientFeatureId : nameOf(message));
    }
  }
  faults.push(...[...lost].map(what => `${what} is lost`));

  const twice = [...stored].filter(([, items]) => items.length > 1).map(([id]) => id);
  faults.push(...twice.map(id => `${id} is stored more than once`));
  faults.push(...unpaired(found), ...strangers(sent, sentIds, found));
  const leftInQueue = left.size + found.hidden;
  if (leftInQueue > 0) faults.push(`${leftInQueue} messages are still in the queue`);

  const featuresStored = [...stored.keys()].filter(id => sentIds.has(id)).length;
  const countOf = (reason: Letter['reason']) => [...parked.values()].filter(letter => letter.reason === reason).length;
  return {
    figures: {
      sent: sent.length,
      features: sentIds.size,
      featuresStored,
      repeats: storedMessages - featuresStored,
      storedTwice: twice.length,
      parked: { invalid: countOf('invalid'), conflict: countOf('conflict'), exhausted: countOf('exhausted') },
      leftInQueue,
      lost: lost.size,
    },
    faults,
  };
}

/** A mapping must have its feature, and a feature the mapping that points at it. */
function unpaired({ mappings, features }: Found): string[] {
  const clientIdOf = new Map(features.map(feature => [feature.featureId, feature.clientFeatureId]));
  const featureIdOf = new Map(mappings.map(mapping => [mapping.clientFeatureId, mapping.featureId]));
  return [
    ...mappings
      .filter(({ clientFeatureId, featureId }) => clientIdOf.get(featureId) !== clientFeatureId)
      .map(({ clientFeatureId }) => `${clientFeatureId} has an id and no feature`),
    ...features
      .filter(({ clientFeatureId, featureId }) => featureIdOf.get(clientFeatureId) !== featureId)
      .map(({ clientFeatureId }) => `${clientFeatureId} has a feature under an id that is not its own`),
  ];
}

/** Nothing may be there that was not sent. */
function strangers(sent: readonly SentMessage[], sentIds: Set<string>, { features, letters }: Found): string[] {
  const bodies = new Set(sent.map(({ body }) => body));
  const payloads = Map.groupBy(
    sent.filter(message => message.kind === 'feature'),
    ({ clientFeatureId }) => clientFeatureId,
  );
  const wasSent = ({ clientFeatureId, payload }: Feature) =>
    payloads.get(clientFeatureId)?.some(message => isDeepStrictEqual(message.payload, payload));
  return [
    ...features
      .filter(feature => !wasSent(feature))
      .map(({ clientFeatureId }) =>
        sentIds.has(clientFeatureId)
          ? `${clientFeatureId} is stored otherwise than sent`
          : `${clientFeatureId} is stored, and nobody sent it`,
      ),
    ...letters
      .filter(({ body }) => !bodies.has(body))
      .map(({ messageId }) => `dead letter ${messageId} was never sent`),
  ];
}

function nameOf(message: SentMessage): string {
  const what = message.kind === 'feature' ? `of ${message.clientFeatureId}` : `with ${message.defect}`;
  return `message ${message.messageId} ${what}`;
}
