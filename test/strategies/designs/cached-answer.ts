import { type AttributeValue, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { CLIENT_ID, FEATURES } from '../../explorer/subject.ts';
import { design, type Tools, TryLater } from '../design.ts';
import { putIf, putNew } from './requests.ts';

const ANSWER_SECONDS = 3_600;
const IN_PROGRESS_SECONDS = 30; // as long as the function may take

/** The idempotency module of Powertools for AWS Lambda: the handler's answer is kept for an hour and given again. */
export const cachedAnswer = design({
  number: '7',
  name: 'record caches the first answer for an hour',
  ownId: true,
  assumes: 'nothing comes again after an hour, and nobody dies between the feature and the record of it',
  tables: { records: { key: CLIENT_ID, timeToLive: 'expiration' }, [FEATURES]: { key: 'featureId' } },
  store: async (feature, tools) => {
    const now = tools.now() / 1_000;
    const id = { S: feature.clientFeatureId };
    const inProgress = { S: 'INPROGRESS' };
    const record = await putIf(tools, {
      TableName: 'records',
      Item: {
        clientFeatureId: id,
        status: inProgress,
        expiration: seconds(now + ANSWER_SECONDS),
        until: seconds(now + IN_PROGRESS_SECONDS),
      },
      ConditionExpression:
        'attribute_not_exists(clientFeatureId) OR expiration < :now OR (#status = :inProgress AND #until < :now)',
      ExpressionAttributeNames: { '#status': 'status', '#until': 'until' },
      ExpressionAttributeValues: { ':now': seconds(now), ':inProgress': inProgress },
    });
    if (record?.status?.S === 'COMPLETED') return; // the answer it holds is given again
    if (record) throw new TryLater('execution already in progress');
    try {
      await putNew(feature, tools);
    } catch (error) {
      await set(tools, id, 'expiration = :value', seconds(0)); // the library deletes the record: the same to all who come later
      throw error;
    }
    await set(tools, id, 'status = :value', { S: 'COMPLETED' });
  },
});

const seconds = (value: number): AttributeValue => ({ N: String(value) });

async function set({ dynamodb }: Tools, id: AttributeValue, assignment: string, value: AttributeValue): Promise<void> {
  const UpdateExpression = `SET ${assignment}`;
  const ExpressionAttributeValues = { ':value': value };
  await dynamodb.send(
    new UpdateItemCommand({
      TableName: 'records',
      Key: { clientFeatureId: id },
      UpdateExpression,
      ExpressionAttributeValues,
    }),
  );
}
