import { design } from '../design.ts';
import { INDEXED_FEATURES, isIndexed, putNew } from './requests.ts';

/** Look it up by the client's id, and create it when it is not there. */
export const indexChecked = design({
  number: '2',
  name: 'own id, index on the client id checked before',
  ownId: true,
  assumes: 'one message of an id at a time, and an index that is never behind',
  tables: INDEXED_FEATURES,
  store: async (feature, tools) => {
    if (await isIndexed(feature, tools)) return;
    await putNew(feature, tools);
  },
});
