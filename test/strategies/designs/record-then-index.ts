import { CLIENT_ID } from '../../explorer/subject.ts';
import { design } from '../design.ts';
import { INDEXED_FEATURES, isIndexed, putIf, putNew } from './requests.ts';

/** The second caller mends what the first may have left undone: it looks for the feature, and creates it if need be. */
export const recordThenIndex = design({
  number: '4',
  name: 'the same; the second checks the index, creates',
  ownId: true,
  assumes: 'the first caller is dead, not slow, whenever a second sees no feature; an index never behind',
  tables: { records: { key: CLIENT_ID }, ...INDEXED_FEATURES },
  store: async (feature, tools) => {
    const existing = await putIf(tools, {
      TableName: 'records',
      Item: { clientFeatureId: { S: feature.clientFeatureId } },
      ConditionExpression: 'attribute_not_exists(clientFeatureId)',
    });
    if (existing && (await isIndexed(feature, tools))) return;
    await putNew(feature, tools);
  },
});
