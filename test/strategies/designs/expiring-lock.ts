import { CLIENT_ID } from '../../explorer/subject.ts';
import { design, TryLater } from '../design.ts';
import { INDEXED_FEATURES, isIndexed, putIf, putNew } from './requests.ts';

const LOCK_SECONDS = 10;

/** One at a time, and nobody who dies keeps the others out for long. */
export const expiringLock = design({
  number: '5',
  name: 'record as a lock of ten seconds, then the index',
  ownId: true,
  assumes: 'no pause, retry or clock ever lasts longer than the lock; an index never further behind than it',
  tables: { locks: { key: CLIENT_ID }, ...INDEXED_FEATURES },
  store: async (feature, tools) => {
    const nowSeconds = tools.now() / 1_000;
    const held = await putIf(tools, {
      TableName: 'locks',
      Item: {
        clientFeatureId: { S: feature.clientFeatureId },
        expiresAt: { N: String(nowSeconds + LOCK_SECONDS) },
      },
      ConditionExpression: 'attribute_not_exists(clientFeatureId) OR expiresAt < :now',
      ExpressionAttributeValues: { ':now': { N: String(nowSeconds) } },
    });
    if (held) throw new TryLater('somebody else holds the lock');
    if (await isIndexed(feature, tools)) return;
    await putNew(feature, tools);
  },
});
