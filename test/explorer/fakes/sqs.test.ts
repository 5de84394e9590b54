import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  ReceiveMessageCommand,
  type ReceiveMessageResult,
  SendMessageBatchCommand,
  SendMessageCommand,
} from '@aws-sdk/client-sqs';
import { expect } from 'chai';
import { perform } from './operation.ts';
import { createFakeSqs, DEAD_LETTERS, type FakeSqs, type QueuedMessage, SOURCE } from './sqs.ts';

const VISIBILITY_MS = 60_000;

describe('the explorer’s fake SQS', () => {
  let now: number;
  let deleted: QueuedMessage[];
  let sqs: FakeSqs;

  const send = (command: object) => perform(sqs.begin(command));
  const receive = (QueueUrl = SOURCE) =>
    (send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 })) as ReceiveMessageResult).Messages ?? [];
  const remove = (ReceiptHandle: string | undefined) =>
    send(new DeleteMessageBatchCommand({ QueueUrl: SOURCE, Entries: [{ Id: '0', ReceiptHandle }] }));
  const hide = (ReceiptHandle: string | undefined, VisibilityTimeout: number) =>
    send(
      new ChangeMessageVisibilityBatchCommand({
        QueueUrl: SOURCE,
        Entries: [{ Id: '0', ReceiptHandle, VisibilityTimeout }],
      }),
    );

  beforeEach(() => {
    now = 1_000_000;
    deleted = [];
    sqs = createFakeSqs({
      now: () => now,
      visibilitySeconds: VISIBILITY_MS / 1_000,
      maxReceiveCount: 2,
      onDelete: message => deleted.push(message),
    });
    send(new SendMessageCommand({ QueueUrl: SOURCE, MessageBody: 'one' }));
  });

  it('hides what it hands out until the visibility time is over, and counts the receives', () => {
    expect(receive().map(({ Body, Attributes }) => [Body, Attributes?.ApproximateReceiveCount])).to.deep.equal([
      ['one', '1'],
    ]);
    now += VISIBILITY_MS - 1;
    expect(receive()).to.deep.equal([]);
    now += 1;
    expect(receive().map(({ Attributes }) => Attributes?.ApproximateReceiveCount)).to.deep.equal(['2']);
  });

  it('moves a message to the dead-letter queue instead of handing it out once too often', () => {
    for (let n = 0; n < 3; n++) {
      receive();
      now += VISIBILITY_MS;
    }
    expect(receive()).to.deep.equal([]);
    expect(sqs.messages(SOURCE).map(({ state }) => state)).to.deep.equal(['dead']);
    expect(sqs.messages(DEAD_LETTERS).map(({ body }) => body)).to.deep.equal(['one']);
  });

  it('deletes by the handle of the latest receive alone; an earlier one "succeeds" and deletes nothing', () => {
    const [first] = receive();
    now += VISIBILITY_MS;
    const [second] = receive();
    expect(remove(first?.ReceiptHandle)).to.deep.equal({ Failed: [] });
    expect(deleted).to.deep.equal([]);
    expect(remove(second?.ReceiptHandle)).to.deep.equal({ Failed: [] });
    expect(deleted.map(({ body }) => body)).to.deep.equal(['one']);
    now += VISIBILITY_MS;
    expect(receive()).to.deep.equal([]);
  });

  it('postpones a message that is in flight, and says so of one that is not', () => {
    const [message] = receive();
    expect(hide(message?.ReceiptHandle, 5)).to.deep.equal({ Failed: [] });
    now += 5_000;
    const { Failed } = hide(message?.ReceiptHandle, 5) as { Failed: { Code: string; SenderFault: boolean }[] };
    expect(Failed).to.have.length(1);
    expect(Failed[0]).to.deep.include({ Code: 'InvalidParameterValue', SenderFault: true });
    expect(receive()).to.have.length(1);
  });

  it('fails an entry of a batch for itself', () => {
    send(new SendMessageBatchCommand({ QueueUrl: SOURCE, Entries: [{ Id: '0', MessageBody: 'two' }] }));
    const Entries = receive().map(({ ReceiptHandle }, i) => ({ Id: String(i), ReceiptHandle }));
    const { parts, answer } = sqs.begin(new DeleteMessageBatchCommand({ QueueUrl: SOURCE, Entries }));
    parts[0]?.refuse?.();
    parts[1]?.apply();
    expect(deleted.map(({ body }) => body)).to.deep.equal(['two']);
    expect(answer()).to.deep.equal({
      Failed: [{ Id: '0', Code: 'InternalError', Message: 'InternalError', SenderFault: false }],
    });
  });
});
