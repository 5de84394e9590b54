import { z } from 'zod';
import type { MessageAttribute, ParkingReason } from './port.ts';

/** What the attribute `onefold` of a dead letter says, as JSON. */
export interface ParkingNote {
  reason: ParkingReason['reason'];
  detail: string;
  /** ARN of the queue it came from. */
  queue: string;
  receiveCount: number;
  /** ISO 8601 UTC, as `parkedAt`. */
  sentAt: string;
  parkedAt: string;
  messageId: string;
  featureId?: string | undefined;
  /** How often it was replayed. */
  replays?: number | undefined;
  /** Attributes of the message that found no place beside `onefold`. */
  attributes?: Record<string, MessageAttribute> | undefined;
}

/** A message attribute in JSON: a binary value is base64. */
export const attributeInJson = z
  .object({ DataType: z.string(), StringValue: z.string().optional(), BinaryValue: z.base64().optional() })
  .transform(
    ({ DataType, StringValue, BinaryValue }): MessageAttribute => ({
      DataType,
      ...(StringValue === undefined ? {} : { StringValue }),
      ...(BinaryValue === undefined ? {} : { BinaryValue: new Uint8Array(Buffer.from(BinaryValue, 'base64')) }),
    }),
  );

/** Anybody may have written the attribute: each member is taken for itself, or left out. */
const note = z
  .object({
    reason: z.enum(['invalid', 'conflict']).optional().catch(undefined),
    detail: z.string().optional().catch(undefined),
    queue: z.string().optional().catch(undefined),
    receiveCount: z.number().optional().catch(undefined),
    sentAt: z.string().optional().catch(undefined),
    parkedAt: z.string().optional().catch(undefined),
    messageId: z.string().optional().catch(undefined),
    featureId: z.string().optional().catch(undefined),
    replays: z.int().min(0).optional().catch(undefined),
    attributes: z.record(z.string(), attributeInJson).optional().catch(undefined),
  })
  .catch({});

export function readNote(json: string | undefined): Partial<ParkingNote> {
  try {
    return note.parse(JSON.parse(json ?? '{}')) as Partial<ParkingNote>;
  } catch {
    return {}; // not JSON: not ours
  }
}

export function writeNote(content: ParkingNote): string {
  const { attributes, ...rest } = content;
  const json = JSON.stringify({ ...rest, ...(attributes && { attributes: attributesInJson(attributes) }) });
  // The detail may quote the message, whose JSON may hold what SQS refuses in an attribute: U+FFFE and U+FFFF. What else
  // it refuses (control characters, lone surrogates) JSON.stringify has escaped.
  return json.replace(/[\uFFFE\uFFFF]/g, character => `\\u${character.charCodeAt(0).toString(16)}`);
}

export function attributesInJson(attributes: Record<string, MessageAttribute>): object {
  const inJson = ({ BinaryValue, ...rest }: MessageAttribute) => ({
    ...rest,
    ...(BinaryValue && { BinaryValue: Buffer.from(BinaryValue).toString('base64') }),
  });
  return Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, inJson(value)]));
}
