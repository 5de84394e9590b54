import { expect } from 'chai';
import type { Delivery, QueueFacts } from '../../src/queue/port.ts';
import { createSqsQueue } from '../../src/queue/sqs.ts';
import { createVirtualClock } from '../virtual-clock.ts';
import { capturedLog } from './captured-log.ts';
import { noAnswer, type Request, scriptedSqs, sdkError } from './scripted-sqs.ts';

const facts: QueueFacts = {
  arn: 'arn:aws:sqs:eu-west-1:123456789012:onefold',
  fifo: false,
  deadLetterQueueUrl: 'http://sqs/123456789012/onefold-dlq',
  maxReceiveCount: 10,
  visibilitySeconds: 60,
};

const delivery = (n: number): Delivery => ({
  messageId: `message-${n}`,
  receiptHandle: `receipt-${n}`,
  body: '{}',
  attributes: {},
  receiveCount: 1,
  sentAt: '2026-01-01T00:00:00.000Z',
});

function queueOver(answer: (request: Request, n: number) => unknown) {
  const { sqs, requests } = scriptedSqs(answer);
  const clock = createVirtualClock();
  const { log, lines } = capturedLog();
  const queue = createSqsQueue({
    sqs,
    queueUrl: 'http://sqs/123456789012/onefold',
    facts,
    clock,
    random: () => 0.5,
    log,
  });
  return { queue, requests, clock, lines };
}

/** Answers a batch with the entries of these receipts failed. */
const failing = (request: Request, receipts: string[], Code = 'InternalError', SenderFault = false) => ({
  Failed: request.input.Entries.filter((entry: { ReceiptHandle: string }) =>
    receipts.includes(entry.ReceiptHandle),
  ).map(({ Id }: { Id: string }) => ({ Id, Code, SenderFault, Message: 'scripted' })),
});

const receiptsOf = (request: Request | undefined): string[] =>
  request?.input.Entries.map((entry: { ReceiptHandle: string }) => entry.ReceiptHandle);

async function outcomeOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'done',
    error => String(error),
  );
}

describe('deleting messages', () => {
  it('asks again for the entries that SQS lists as failed, and for those alone', async () => {
    const { queue, requests, clock } = queueOver((request, n) => (n === 0 ? failing(request, ['receipt-1']) : {}));
    const done = Promise.all([0, 1, 2].map(n => queue.delete(delivery(n))));
    await clock.advance(1_000);
    await done;
    expect(requests.map(receiptsOf)).to.deep.equal([['receipt-0', 'receipt-1', 'receipt-2'], ['receipt-1']]);
  });

  it('waits between its attempts, longer each time, and gives up after five', async () => {
    const times: number[] = [];
    const { queue, requests, clock } = queueOver(request => {
      times.push(clock.now());
      return failing(request, ['receipt-0', 'receipt-1']);
    });
    const outcome = outcomeOf(queue.delete(delivery(0)));
    await clock.advance(60_000);
    expect(await outcome).to.match(/InternalError: scripted/);
    expect(requests).to.have.length(5);
    expect(times.map(time => time - (times[0] ?? 0))).to.deep.equal([0, 100, 300, 700, 1_500]);
    expect(clock.sleepers()).to.equal(0);
  });

  it('does not ask again for what SQS calls our fault', async () => {
    const { queue, requests } = queueOver(request => failing(request, ['receipt-0'], 'AccessDenied', true));
    expect(await outcomeOf(queue.delete(delivery(0)))).to.match(/AccessDenied/);
    expect(requests).to.have.length(1);
  });

  it('is content when the receipt is not valid any more: the message is gone, or somebody else has it', async () => {
    for (const code of ['ReceiptHandleIsInvalid', 'AWS.SimpleQueueService.MessageNotInflight']) {
      const { queue, requests } = queueOver(request => failing(request, ['receipt-0'], code, true));
      expect(await outcomeOf(queue.delete(delivery(0)))).to.equal('done');
      expect(requests).to.have.length(1);
    }
  });

  it('asks again when the whole request got no answer, was throttled or met a fault of the queue', async () => {
    for (const error of [
      noAnswer(),
      sdkError('RequestThrottled', 400),
      sdkError('Oops', 503),
      sdkError('TimeoutError', undefined),
    ]) {
      const { queue, requests, clock } = queueOver((_, n) => {
        if (n === 0) throw error;
        return {};
      });
      const outcome = outcomeOf(queue.delete(delivery(0)));
      await clock.advance(1_000);
      expect(await outcome, error.message).to.equal('done');
      expect(requests).to.have.length(2);
    }
  });

  it('does not ask again when the queue is not there', async () => {
    const { queue, requests } = queueOver(() => {
      throw sdkError('QueueDoesNotExist', 400);
    });
    expect(await outcomeOf(queue.delete(delivery(0)))).to.match(/QueueDoesNotExist/);
    expect(requests).to.have.length(1);
  });

  it('shares requests between all who delete at once, ten a request', async () => {
    const { queue, requests } = queueOver(() => ({}));
    await Promise.all(Array.from({ length: 100 }, (_, n) => queue.delete(delivery(n))));
    expect(requests.map(request => receiptsOf(request).length)).to.deep.equal(Array(10).fill(10));
  });
});

describe('changing the visibility of messages', () => {
  it('gives each message its own seconds, in one request', async () => {
    const { queue, requests } = queueOver(() => ({}));
    await Promise.all([0, 30, 900].map((seconds, n) => queue.changeVisibility(delivery(n), seconds)));
    expect(requests).to.have.length(1);
    expect(
      requests[0]?.input.Entries.map((entry: { VisibilityTimeout: number }) => entry.VisibilityTimeout),
    ).to.deep.equal([0, 30, 900]);
  });

  it('rejects when the seconds are more than SQS allows', async () => {
    const { queue } = queueOver(request => ({
      Failed: [
        {
          Id: request.input.Entries[0].Id,
          Code: 'InvalidParameterValue',
          SenderFault: true,
          Message: 'Total VisibilityTimeout for the message is beyond the limit [43200 seconds]',
        },
      ],
    }));
    expect(await outcomeOf(queue.changeVisibility(delivery(0), 43_200))).to.match(/beyond the limit/);
  });
});

describe('parking a message', () => {
  const why = { reason: 'invalid', detail: 'payload is missing' } as const;

  it('deletes it only after the dead-letter queue took it', async () => {
    const { queue, requests, clock } = queueOver((_, n) => {
      if (n === 0) throw noAnswer('ECONNRESET');
      return {};
    });
    const parked = queue.park(delivery(0), why);
    await clock.advance(1_000);
    await parked;
    expect(requests.map(({ command }) => command)).to.deep.equal([
      'SendMessageCommand',
      'SendMessageCommand',
      'DeleteMessageBatchCommand',
    ]);
  });

  it('leaves it in its queue when the dead-letter queue does not take it', async () => {
    const { queue, requests } = queueOver(() => {
      throw sdkError('AccessDenied', 403);
    });
    expect(await outcomeOf(queue.park(delivery(0), why))).to.match(/AccessDenied/);
    expect(requests.map(({ command }) => command)).to.deep.equal(['SendMessageCommand']);
  });

  it('says in the log what 1 MiB left no room for', async () => {
    const { queue, requests, lines } = queueOver(() => ({}));
    await queue.park({ ...delivery(0), body: 'x'.repeat(1_048_576) }, why);
    expect(requests[0]?.input.MessageAttributes).to.deep.equal({});
    expect(lines).to.have.length(1);
    expect(lines[0]).to.include({ messageId: 'message-0' });
    expect(lines[0]?.msg).to.contain('invalid: payload is missing');
  });
});
