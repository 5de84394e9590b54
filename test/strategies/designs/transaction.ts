import { TransactionCanceledException, TransactWriteItemsCommand } from '@aws-sdk/client-dynamodb';
import { CLIENT_ID, FEATURES } from '../../explorer/subject.ts';
import { design } from '../design.ts';
import { itemOf } from './requests.ts';

/** Both or neither: there is no between in which to crash. */
export const transaction = design({
  number: '6',
  name: 'both items in one TransactWriteItems',
  ownId: true,
  assumes: 'a store with transactions, and twice the write units for every message; they cannot be batched',
  tables: { records: { key: CLIENT_ID }, [FEATURES]: { key: 'featureId' } },
  store: async (feature, { dynamodb, mint }) => {
    const featureId = { S: mint() };
    const record = { clientFeatureId: { S: feature.clientFeatureId }, featureId };
    const put = (TableName: string, Item: object, key: string) => ({
      Put: { TableName, Item: { ...Item }, ConditionExpression: `attribute_not_exists(${key})` },
    });
    const TransactItems = [
      put('records', record, 'clientFeatureId'),
      put(FEATURES, { featureId, ...itemOf(feature) }, 'featureId'),
    ];
    try {
      await dynamodb.send(new TransactWriteItemsCommand({ TransactItems }));
    } catch (error) {
      const reasons = error instanceof TransactionCanceledException ? (error.CancellationReasons ?? []) : [];
      if (reasons[0]?.Code !== 'ConditionalCheckFailed') throw error;
    }
  },
});
