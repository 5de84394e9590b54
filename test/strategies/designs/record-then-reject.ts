import { CLIENT_ID, FEATURES } from '../../explorer/subject.ts';
import { design } from '../design.ts';
import { putIf, putNew } from './requests.ts';

/** Whoever writes the idempotency record first creates the feature; everybody else has nothing to do. */
export const recordThenReject = design({
  number: '3',
  name: 'record, then feature; the second is rejected',
  ownId: true,
  assumes: 'nobody crashes, and no request fails, between the record and the feature',
  tables: { records: { key: CLIENT_ID }, [FEATURES]: { key: 'featureId' } },
  store: async (feature, tools) => {
    const existing = await putIf(tools, {
      TableName: 'records',
      Item: { clientFeatureId: { S: feature.clientFeatureId } },
      ConditionExpression: 'attribute_not_exists(clientFeatureId)',
    });
    if (existing) return; // a duplicate: it has been dealt with
    await putNew(feature, tools);
  },
});
