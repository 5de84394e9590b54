import type { Message } from '@aws-sdk/client-sqs';
import { parkingNoteOf } from '../queue/dead-letter.ts';
import { toDelivery } from '../queue/delivery.ts';
import type { ParkingNote } from '../queue/parking-note.ts';
import type { Delivery } from '../queue/port.ts';

/** `exhausted`: no attribute `onefold` gives a reason, so SQS's own redrive brought it. */
export type Reason = 'invalid' | 'conflict' | 'exhausted';
export const REASONS: readonly Reason[] = ['invalid', 'conflict', 'exhausted'];

/** Whose letter it is: a dead-letter queue may serve several queues. */
export type Origin = 'ours' | 'other' | 'unknown';

/** One message of the dead-letter queue. */
export interface Letter extends Delivery {
  reason: Reason;
  /** Why it is here, as far as anybody wrote it down. */
  detail: string;
  origin: Origin;
  /** The ARN of the queue that it came from. */
  originArn: string | undefined;
  /** How often it was replayed before. */
  replays: number;
  /** The id that it had in the source queue. */
  sourceMessageId: string;
  note: Partial<ParkingNote>;
  /** SQS's own attributes, as they came. */
  system: Record<string, string>;
}

export function letterOf(message: Message, sourceArn: string): Letter {
  return describeLetter(toDelivery(message), (message.Attributes ?? {}) as Record<string, string>, sourceArn);
}

export function describeLetter(delivery: Delivery, system: Record<string, string>, sourceArn: string): Letter {
  const note = parkingNoteOf(delivery.attributes);
  // SQS's own word is the later one: it is set when SQS moves a message, and a note may be of an earlier life.
  const originArn = system.DeadLetterQueueSourceArn ?? note.queue;
  return {
    ...delivery,
    reason: note.reason ?? 'exhausted',
    detail: note.detail ?? '',
    origin: originArn === undefined ? 'unknown' : originArn === sourceArn ? 'ours' : 'other',
    originArn,
    replays: note.replays ?? 0,
    sourceMessageId: note.messageId ?? delivery.messageId,
    note,
    system,
  };
}

/** The client id that a body names, also one that breaks the contract otherwise. */
export function clientFeatureIdOf(body: string): string | undefined {
  try {
    const { clientFeatureId } = JSON.parse(body);
    return typeof clientFeatureId === 'string' ? clientFeatureId : undefined;
  } catch {
    return undefined; // no JSON, or none with members
  }
}
