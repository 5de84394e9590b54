import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { CLIENT_ID, FEATURES } from '../../explorer/subject.ts';
import { design } from '../design.ts';
import { itemOf } from './requests.ts';

/** Two writes of one id meet at one key: the same item is written twice, and no harm done, they say. */
export const clientIdAsKey = design({
  number: '1',
  name: "the third party's id as the key, PutItem",
  ownId: false,
  assumes: 'one id never comes with two payloads, nor out of order; its ids serve us as ours for ever',
  tables: { [FEATURES]: { key: CLIENT_ID } },
  store: async (feature, { dynamodb }) => {
    await dynamodb.send(new PutItemCommand({ TableName: FEATURES, Item: itemOf(feature) }));
  },
});
