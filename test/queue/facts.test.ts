import { expect } from 'chai';
import { BackendUnreachable, OperatorMistake } from '../../src/errors.ts';
import { createSqsClient } from '../../src/queue/client.ts';
import { inspectQueue } from '../../src/queue/facts.ts';
import { noAnswer, scriptedSqs, sdkError } from './scripted-sqs.ts';

const QUEUE_URL = 'https://sqs.eu-west-1.amazonaws.com/123456789012/onefold';
const ARN = 'arn:aws:sqs:eu-west-1:123456789012:onefold';

async function thrownFor(answer: () => unknown, queueUrl = QUEUE_URL): Promise<Error> {
  return inspectQueue(scriptedSqs(answer).sqs, queueUrl).then(
    () => expect.fail('inspectQueue found nothing wrong'),
    error => error,
  );
}

const throwing = (error: Error) => () => {
  throw error;
};

const attributes = (changes: Record<string, string | undefined>) => () => ({
  Attributes: {
    QueueArn: ARN,
    VisibilityTimeout: '60',
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn: `${ARN}-dlq`, maxReceiveCount: 10 }),
    ...changes,
  },
});

describe('looking at the queue before the first receive', () => {
  const mistakes: Record<string, [answer: () => unknown, told: RegExp, hint: RegExp, queueUrl?: string]> = {
    'a URL without a queue': [throwing(noAnswer()), /is not a queue URL/, /ONEFOLD_QUEUE_URL/, 'https://example.com/'],
    'something that is no URL': [throwing(noAnswer()), /is not a queue URL/, /ONEFOLD_QUEUE_URL/, 'onefold'],
    'a queue that does not exist': [
      throwing(sdkError('QueueDoesNotExist', 400)),
      /there is no queue https:/,
      /onefold setup.*AWS_REGION must be eu-west-1/,
    ],
    'an emulator’s queue without the emulator’s address': [
      throwing(sdkError('QueueDoesNotExist', 400)),
      /there is no queue http:/,
      /AWS_ENDPOINT_URL_SQS too, such as http:\/\/localhost:4566/,
      'http://localhost:4566/000000000000/onefold',
    ],
    'no permission': [
      throwing(sdkError('AccessDenied', 403)),
      /cannot be used: AccessDenied/,
      /sqs:GetQueueAttributes/,
    ],
    'wrong credentials': [throwing(sdkError('InvalidClientTokenId', 403)), /InvalidClientTokenId/, /AWS_REGION/],
    'no credentials': [throwing(sdkError('CredentialsProviderError', undefined)), /no AWS credentials/, /role/],
    'no region': [throwing(new Error('Region is missing')), /no AWS region/, /AWS_REGION/],
    'no redrive policy': [attributes({ RedrivePolicy: undefined }), /no redrive policy/, /onefold setup/],
    'a queue that is its own dead-letter queue': [
      attributes({ RedrivePolicy: JSON.stringify({ deadLetterTargetArn: ARN, maxReceiveCount: 10 }) }),
      /its own dead-letter queue/,
      /another/,
    ],
    'a queue that hides nothing': [attributes({ VisibilityTimeout: '0' }), /visibility timeout of 0/, /60/],
  };

  for (const [what, [answer, told, hint, queueUrl]] of Object.entries(mistakes)) {
    it(`calls ${what} the operator’s mistake, and says what to do`, async () => {
      const error = await thrownFor(answer, queueUrl);
      expect(error).to.be.instanceOf(OperatorMistake);
      expect(error.message).to.match(told);
      expect((error as OperatorMistake).hint).to.match(hint);
    });
  }

  it('calls a dead-letter queue that is gone, or may not be used, the operator’s mistake', async () => {
    for (const [error, told] of [
      [sdkError('QueueDoesNotExist', 400), /dead-letter queue .*onefold-dlq does not exist/],
      [sdkError('AccessDenied', 403), /dead-letter queue .*onefold-dlq cannot be used/],
    ] as const) {
      const { sqs } = scriptedSqs(({ command }) => {
        if (command === 'GetQueueUrlCommand') throw error;
        return attributes({})();
      });
      const thrown = await inspectQueue(sqs, QUEUE_URL).catch(thrown => thrown);
      expect(thrown).to.be.instanceOf(OperatorMistake);
      expect(thrown.message).to.match(told);
    }
  });

  it('says that SQS does not answer when it may come up yet', async () => {
    for (const error of [
      noAnswer(),
      noAnswer('EAI_AGAIN'),
      sdkError('Oops', 503),
      sdkError('TimeoutError', undefined),
    ]) {
      expect(await thrownFor(throwing(error)), error.message).to.be.instanceOf(BackendUnreachable);
    }
  });

  it('says so too when nobody listens at the address', async () => {
    const sqs = createSqsClient({
      endpoint: 'http://127.0.0.1:1',
      region: 'us-east-1',
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    });
    const thrown = await inspectQueue(sqs, 'http://127.0.0.1:1/000000000000/onefold').catch(error => error);
    sqs.destroy();
    expect(thrown).to.be.instanceOf(BackendUnreachable);
  });
});
