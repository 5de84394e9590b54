import { featureItemBytes } from '../../src/pipeline/item-size.ts';
import type { Item } from '../../src/store/tables.ts';
import type { QueuedMessage } from './fakes/sqs.ts';
import { DEAD_LETTERS, SOURCE } from './fakes/sqs.ts';
import type { Facts, Rules } from './rules.ts';
import { CLIENT_ID, FEATURES } from './subject.ts';
import { clientIdOf } from './world.ts';

const MAPPINGS = 'mappings';

/** What Onefold promises, whatever happens. */
export const promises: Rules = {
  probes: true,

  written: ({ table, key, before, after }, facts) => {
    if (before !== undefined) return `${table}/${key} is overwritten`;
    if (table !== FEATURES) return undefined;
    const client = after[CLIENT_ID]?.S ?? '';
    const times = featuresOf(client, facts).length;
    return times > 1 ? `${client} is stored ${times} times` : undefined;
  },

  acknowledged: (message, facts) => {
    const { body, id } = message;
    if (isParked(body, facts)) return undefined;
    const client = clientIdOf(body);
    const mapping = facts.dynamodb.items(MAPPINGS).get(client);
    if (mapping === undefined) return `${id} acknowledged, ${client} has no id`;
    const feature = facts.dynamodb.items(FEATURES).get(mapping.featureId?.S ?? '');
    if (feature === undefined) return `${id} acknowledged, ${client} has no feature`;
    if (feature[CLIENT_ID]?.S !== client) return `${id} acknowledged, the id of ${client} is another's`;
    if (JSON.stringify(feature.payload?.M?.v) !== JSON.stringify({ N: String(JSON.parse(body).payload?.v) })) {
      return `${id} acknowledged, its payload is nowhere`;
    }
    return undefined;
  },

  atRest: facts => {
    const { sqs, dynamodb, attempts } = facts;
    for (const message of sqs.messages(SOURCE)) {
      const { state, id } = message;
      if (state === 'queued') return `${id} stays in the queue for ever`;
      // Checked again: what was true when it was deleted must stay true.
      const lost = state === 'deleted' && promises.acknowledged?.(message, facts);
      if (lost) return lost;
    }
    const stuck = facts.probed.find(client => featuresOf(client, facts).length === 0);
    if (stuck !== undefined) return `${stuck} is stuck: no message can finish it`;
    if (dynamodb.items(MAPPINGS).size < dynamodb.items(FEATURES).size) return 'a feature has no id that leads to it';
    const most = attempts * (1 + Math.max(...sqs.messages(SOURCE).map(featureUnits)));
    const units = dynamodb.writeUnits();
    return units > most ? `${units} write units for ${attempts} attempts, which may cost ${most}` : undefined;
  },
};

/** Of the feature as it would be stored; a write that is refused is billed by its own size too. */
function featureUnits({ body }: QueuedMessage): number {
  const { clientFeatureId, payload = {} } = JSON.parse(body);
  return Math.ceil(featureItemBytes(clientFeatureId, payload) / 1024);
}

export function isParked(body: string, { sqs }: Facts): boolean {
  return sqs.messages(DEAD_LETTERS).some((letter: QueuedMessage) => letter.body === body);
}

/** All features of a client id: one at most. */
export function featuresOf(client: string, { dynamodb }: Facts): Item[] {
  return [...dynamodb.items(FEATURES).values()].filter(item => item[CLIENT_ID]?.S === client);
}
