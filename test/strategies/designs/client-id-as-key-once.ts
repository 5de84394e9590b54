import { CLIENT_ID, FEATURES } from '../../explorer/subject.ts';
import { design } from '../design.ts';
import { itemOf, putIf } from './requests.ts';

/**
 * What it lacks is an id of ours, and nothing else: whoever can live with the third party's id in every table, link and
 * log, and trusts it never to be renamed or taken over by a second party, needs no more than this.
 */
export const clientIdAsKeyOnce = design({
  number: '1b',
  name: 'the same under a condition',
  ownId: false,
  assumes: 'its ids serve us as ours for ever: no second third party, no ids renamed',
  tables: { [FEATURES]: { key: CLIENT_ID } },
  store: async (feature, tools) => {
    const ConditionExpression = 'attribute_not_exists(clientFeatureId)';
    await putIf(tools, { TableName: FEATURES, Item: itemOf(feature), ConditionExpression });
  },
});
