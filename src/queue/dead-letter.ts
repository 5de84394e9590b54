import { type ParkingNote, readNote, writeNote } from './parking-note.ts';
import type { Delivery, MessageAttribute, ParkingReason } from './port.ts';

/** SQS's limit on the body and the names, types and values of all attributes together. */
const MAX_BYTES = 1_048_576;
/** SQS's limit. Emulators do not enforce it. */
const MAX_ATTRIBUTES = 10;
/** The attribute that says why a message is parked. */
const NOTE = 'onefold';

type Attributes = Record<string, MessageAttribute>;

export interface DeadLetter {
  body: string;
  attributes: Attributes;
  groupId?: string;
  deduplicationId?: string;
}

/**
 * The message as it is parked: all that it carried, plus the attribute `onefold`, which says why.
 * @param context `queue` is the source queue's ARN, `parkedAt` ISO 8601 UTC
 * @returns the letter, and a sentence for each thing that 1 MiB left no room for
 */
export function deadLetterOf(
  delivery: Delivery,
  why: ParkingReason,
  context: { queue: string; fifo: boolean; parkedAt: string },
): { message: DeadLetter; losses: string[] } {
  const own = restoreAttributes(delivery.attributes);
  const note: ParkingNote = {
    reason: why.reason,
    detail: why.detail,
    queue: context.queue,
    receiveCount: delivery.receiveCount,
    sentAt: delivery.sentAt,
    parkedAt: context.parkedAt,
    messageId: delivery.messageId,
    featureId: why.featureId,
    replays: parkingNoteOf(delivery.attributes).replays,
  };
  const { attributes, losses } = fitInto(MAX_BYTES - bytes(delivery.body), own, note);
  return {
    message: {
      body: delivery.body,
      attributes,
      ...(delivery.groupId === undefined ? {} : { groupId: delivery.groupId }),
      // A content-based id would make SQS swallow the second parking of one body within five minutes.
      ...(context.fifo ? { deduplicationId: delivery.messageId } : {}),
    },
    losses,
  };
}

/** The attributes that a dead letter had before it was parked: without `onefold`, with what had to move into it. */
export function restoreAttributes(attributes: Attributes): Attributes {
  const { [NOTE]: _, ...own } = attributes;
  return { ...parkingNoteOf(attributes).attributes, ...own };
}

/** What the dead letter's `onefold` attribute says, as far as it can be read. */
export function parkingNoteOf(attributes: Attributes): Partial<ParkingNote> {
  return readNote(attributes[NOTE]?.StringValue);
}

/** Shortens the detail first, then drops attributes, the largest first, then the note. Never the body. */
function fitInto(room: number, own: Attributes, note: ParkingNote): { attributes: Attributes; losses: string[] } {
  const bySize = Object.entries(own).sort(([, a], [, b]) => attributeBytes(b) - attributeBytes(a));
  for (let dropped = 0; dropped <= bySize.length; dropped++) {
    const kept = Object.fromEntries(bySize.slice(dropped));
    const noted = withLongestDetail(kept, note, room);
    if (!noted) continue;
    const losses = bySize.slice(0, dropped).map(([name]) => `dropped the attribute ${name}`);
    if (noted.shortened) losses.unshift('shortened the detail');
    return { attributes: noted.attributes, losses };
  }
  return { attributes: own, losses: [`dropped the note, which said ${note.reason}: ${note.detail}`] };
}

function withLongestDetail(own: Attributes, note: ParkingNote, room: number) {
  const whole = withNote(own, note);
  if (totalBytes(whole) <= room) return { attributes: whole, shortened: false };
  const shortenedTo = (length: number) => withNote(own, { ...note, detail: shorten(note.detail, length) });
  if (totalBytes(shortenedTo(0)) > room) return undefined;
  let fits = 0;
  let tooLong = note.detail.length;
  while (tooLong - fits > 1) {
    const middle = Math.floor((fits + tooLong) / 2);
    if (totalBytes(shortenedTo(middle)) <= room) fits = middle;
    else tooLong = middle;
  }
  return { attributes: shortenedTo(fits), shortened: true };
}

/** With ten attributes there already, the last by name moves into the note. */
function withNote(own: Attributes, note: ParkingNote): Attributes {
  const byName = Object.entries(own).sort(([a], [b]) => (a < b ? -1 : 1));
  const moved = byName.splice(MAX_ATTRIBUTES - 1);
  const StringValue = writeNote(moved.length > 0 ? { ...note, attributes: Object.fromEntries(moved) } : note);
  return { ...Object.fromEntries(byName), [NOTE]: { DataType: 'String', StringValue } };
}

const shorten = (text: string, length: number): string => (length === 0 ? '' : `${text.slice(0, length - 1)}…`);

const bytes = (text: string): number => Buffer.byteLength(text);

const attributeBytes = ({ DataType, StringValue = '', BinaryValue }: MessageAttribute): number =>
  bytes(DataType) + bytes(StringValue) + (BinaryValue?.byteLength ?? 0);

const totalBytes = (attributes: Attributes): number =>
  Object.entries(attributes).reduce((sum, [name, value]) => sum + bytes(name) + attributeBytes(value), 0);
