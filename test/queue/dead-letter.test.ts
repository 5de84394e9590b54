import { expect } from 'chai';
import { deadLetterOf, parkingNoteOf, restoreAttributes } from '../../src/queue/dead-letter.ts';
import type { Delivery, MessageAttribute, ParkingReason } from '../../src/queue/port.ts';

const MIB = 1_048_576;
const context = {
  queue: 'arn:aws:sqs:eu-west-1:123456789012:onefold',
  fifo: false,
  parkedAt: '2026-01-01T00:00:09.000Z',
};
const why: ParkingReason = { reason: 'invalid', detail: 'payload is missing' };

function delivery(changes: Partial<Delivery> = {}): Delivery {
  return {
    messageId: 'ab8d-1',
    receiptHandle: 'receipt',
    body: '{"clientFeatureId":"06037"}',
    attributes: {},
    receiveCount: 3,
    sentAt: '2026-01-01T00:00:00.000Z',
    ...changes,
  };
}

const text = (StringValue: string): MessageAttribute => ({ DataType: 'String', StringValue });
const named = (count: number, value = 'v') =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`a${i}`, text(`${value}${i}`)]));
const noteOf = (attributes: Record<string, MessageAttribute>) => JSON.parse(attributes.onefold?.StringValue ?? '');
const sizeOf = (body: string, attributes: Record<string, MessageAttribute>) =>
  Object.entries(attributes).reduce(
    (sum, [name, { DataType, StringValue = '', BinaryValue = '' }]) =>
      sum + [name, DataType, StringValue, BinaryValue].reduce((bytes, part) => bytes + Buffer.byteLength(part), 0),
    Buffer.byteLength(body),
  );

describe('a dead letter', () => {
  it('carries the body, the attributes and the group, and says why it was parked', () => {
    const binary = { DataType: 'Binary.png', BinaryValue: new Uint8Array([0, 255, 3]) };
    const body = ' {"clientFeatureId":"06037", "payload":{"s":"\\ud800 é 🗺"}}\n';
    const { message, losses } = deadLetterOf(
      delivery({ body, attributes: { source: text('census'), icon: binary }, groupId: 'CA' }),
      { reason: 'conflict', detail: 'another payload is stored', featureId: 'V1StGXR8_Z5jdHi6B-myT' },
      context,
    );
    expect(losses).to.deep.equal([]);
    expect(message).to.deep.equal({
      body,
      groupId: 'CA',
      attributes: {
        source: text('census'),
        icon: binary,
        onefold: text(
          JSON.stringify({
            reason: 'conflict',
            detail: 'another payload is stored',
            queue: context.queue,
            receiveCount: 3,
            sentAt: '2026-01-01T00:00:00.000Z',
            parkedAt: '2026-01-01T00:00:09.000Z',
            messageId: 'ab8d-1',
            featureId: 'V1StGXR8_Z5jdHi6B-myT',
          }),
        ),
      },
    });
  });

  it('has the message id as its deduplication id on a FIFO queue, so that two parkings of one body are two letters', () => {
    const { message } = deadLetterOf(delivery({ groupId: 'CA' }), why, { ...context, fifo: true });
    expect(message).to.include({ groupId: 'CA', deduplicationId: 'ab8d-1' });
  });

  it('replaces an earlier note, and carries on its count of replays', () => {
    const attributes = { onefold: text('{"reason":"conflict","detail":"old","replays":2,"featureId":"old"}') };
    const note = noteOf(deadLetterOf(delivery({ attributes }), why, context).message.attributes);
    expect(note).to.include({ reason: 'invalid', detail: 'payload is missing', replays: 2 });
    expect(note).to.not.have.property('featureId');
  });

  it('replaces a note that is not ours, whatever it says', () => {
    for (const junk of ['', 'not JSON', 'null', '7', '{"replays":"2"}', '{"replays":-1}', '{"attributes":[1]}']) {
      const { message } = deadLetterOf(delivery({ attributes: { onefold: text(junk) } }), why, context);
      expect(noteOf(message.attributes), junk).to.have.all.keys(
        ...['reason', 'detail', 'queue', 'receiveCount', 'sentAt', 'parkedAt', 'messageId'],
      );
    }
  });

  it('writes what SQS refuses in an attribute as escapes', () => {
    const detail = 'member "\uFFFE\uFFFF\u0000\ud800" is there twice';
    const { message } = deadLetterOf(delivery(), { reason: 'invalid', detail }, context);
    expect(message.attributes.onefold?.StringValue).to.match(/^[\x20-\x7e]*$/);
    expect(noteOf(message.attributes).detail).to.equal(detail);
  });
});

describe('a dead letter of a message with ten attributes', () => {
  const ten = {
    ...named(8),
    z: { DataType: 'Binary.sha256', BinaryValue: new Uint8Array([1, 2, 250]) },
    m: { DataType: 'Number.int', StringValue: '7' },
  };

  it('has room for the note, since the last by name has moved into it', () => {
    const { message, losses } = deadLetterOf(delivery({ attributes: ten }), why, context);
    expect(losses).to.deep.equal([]);
    expect(Object.keys(message.attributes)).to.have.members(['onefold', 'm', ...Object.keys(named(8))]);
    expect(noteOf(message.attributes).attributes).to.deep.equal({
      z: { DataType: 'Binary.sha256', BinaryValue: 'AQL6' },
    });
  });

  it('gives back all ten as they were', () => {
    const { message } = deadLetterOf(delivery({ attributes: ten }), why, context);
    expect(restoreAttributes(message.attributes)).to.deep.equal(ten);
  });

  it('loses none when it is parked again by way of a redrive that knows nothing of the note', () => {
    const once = deadLetterOf(delivery({ attributes: ten }), why, context).message;
    const twice = deadLetterOf(delivery({ attributes: once.attributes }), why, context).message;
    expect(restoreAttributes(twice.attributes)).to.deep.equal(ten);
  });
});

describe('a dead letter that 1 MiB leaves little room for', () => {
  const long: ParkingReason = { reason: 'invalid', detail: `é"🗺`.repeat(200) };
  /** A body that leaves `room` bytes for attributes. */
  const bodyLeaving = (room: number) => `"${'x'.repeat(MIB - room - 2)}"`;

  it('is whole when it fits to the byte', () => {
    const small = deadLetterOf(delivery({ body: '' }), why, context).message;
    const body = bodyLeaving(sizeOf('', small.attributes));
    const { message, losses } = deadLetterOf(delivery({ body }), why, context);
    expect(sizeOf(message.body, message.attributes)).to.equal(MIB);
    expect(losses).to.deep.equal([]);
  });

  it('has a shorter detail, and keeps the attributes', () => {
    const attributes = named(3);
    const { message, losses } = deadLetterOf(delivery({ body: bodyLeaving(700), attributes }), long, context);
    expect(losses).to.deep.equal(['shortened the detail']);
    expect(restoreAttributes(message.attributes)).to.deep.equal(attributes);
    expect(sizeOf(message.body, message.attributes)).to.be.within(MIB - 8, MIB);
    const { detail } = noteOf(message.attributes);
    expect(long.detail.startsWith(detail.slice(0, -1)), detail).to.equal(true);
    expect(detail).to.match(/…$/);
  });

  it('loses attributes, the largest first, when an empty detail is not enough', () => {
    const attributes = { ...named(3), large: text('l'.repeat(200)), larger: text('l'.repeat(300)) };
    const { message, losses } = deadLetterOf(delivery({ body: bodyLeaving(600), attributes }), why, context);
    expect(losses).to.deep.equal(['dropped the attribute larger']);
    expect(restoreAttributes(message.attributes)).to.deep.equal({ ...named(3), large: attributes.large });
    expect(sizeOf(message.body, message.attributes)).to.be.at.most(MIB);
  });

  it('loses the note alone when nothing makes room for it', () => {
    const attributes = named(3);
    const { message, losses } = deadLetterOf(delivery({ body: bodyLeaving(60), attributes }), why, context);
    expect(losses).to.deep.equal(['dropped the note, which said invalid: payload is missing']);
    expect(message.attributes).to.deep.equal(attributes);
  });

  it('never touches the body', () => {
    for (const room of [0, 1, 60, 200, 250, 300, 350, 400, 500, 900, 5_000]) {
      const body = bodyLeaving(room);
      const attributes = room > 100 ? { ...named(10), z: text('z'.repeat(40)) } : {};
      const { message } = deadLetterOf(delivery({ body, attributes }), long, context);
      expect(message.body === body, `room ${room}`).to.equal(true);
      expect(sizeOf(body, message.attributes), `room ${room}`).to.be.at.most(Math.max(MIB, sizeOf(body, attributes)));
    }
  });
});

describe('the note of a dead letter', () => {
  it('is read member by member, since anybody may have written it', () => {
    const attributes = {
      onefold: text('{"reason":"invalid","detail":7,"replays":1,"attributes":{"a":{"DataType":1}}}'),
    };
    expect(parkingNoteOf(attributes)).to.deep.include({ reason: 'invalid', replays: 1 });
    expect(parkingNoteOf(attributes).detail).to.equal(undefined);
    expect(restoreAttributes(attributes)).to.deep.equal({});
    expect(parkingNoteOf({})).to.deep.equal({});
  });
});
