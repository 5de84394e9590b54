import { createReadStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { parseTree } from 'jsonc-parser';
import { z } from 'zod';
import { OperatorMistake } from '../errors.ts';
import { linesOf } from '../ndjson.ts';
import { attributeInJson, attributesInJson } from '../queue/parking-note.ts';
import { describeLetter, type Letter } from './letter.ts';

/** Problems shown of a file that has a thousand of them. */
const MOST_PROBLEMS = 5;

/** A letter as one line of a file keeps it: everything, the body as it came and binary attributes in base64. */
export function toArchive(letter: Letter): object {
  const { messageId, body, attributes, groupId, reason, detail, originArn, replays, receiveCount, sentAt } = letter;
  return {
    messageId,
    body,
    attributes: attributesInJson(attributes),
    groupId,
    reason,
    detail,
    queue: originArn,
    replays,
    receiveCount,
    sentAt,
    history: letter.note,
    system: letter.system,
  };
}

/** Letters in a file, by message id: what `export` wrote, or corrections with no more than `messageId` and `body`. */
export interface Archive {
  has(messageId: string): boolean;
  /** Undefined when the file does not know it. */
  bodyOf(messageId: string): Promise<string | undefined>;
  /** In the file's order. A letter without its queue is of unknown origin. */
  letters(): AsyncGenerator<Letter, void, undefined>;
  close(): Promise<void>;
}

const line = z.object({
  messageId: z.string().min(1),
  /** The body as a string; an object stands for its own text, which is easier to write. */
  body: z.union([z.string(), z.record(z.string(), z.unknown())]),
  attributes: z.record(z.string(), attributeInJson).default({}),
  groupId: z.string().optional(),
  queue: z.string().optional(),
  receiveCount: z.number().default(1),
  sentAt: z.iso.datetime().default(() => new Date(0).toISOString()),
  system: z.record(z.string(), z.string()).default({}),
});

/**
 * Reads the file once to check it, and keeps only where each letter stands: its bodies may be more than the memory.
 * @throws OperatorMistake that names the first lines which are no letters
 */
export async function openArchive(path: string, sourceArn: string): Promise<Archive> {
  const places = new Map<string, { at: number; bytes: number }>();
  const problems: string[] = [];
  try {
    for await (const { number, text, problem, at, bytes } of linesOf(createReadStream(path))) {
      if (!problem && text.trim() === '') continue;
      const read = problem ? { problem } : readLine(text);
      if ('problem' in read) problems.push(`line ${number}: ${read.problem}`);
      else places.set(read.letter.messageId, { at, bytes });
    }
  } catch (error) {
    throw new OperatorMistake(
      `${path} cannot be read: ${error instanceof Error ? error.message : error}`,
      'name a file with one letter a line, such as `onefold dlq export` writes',
    );
  }
  if (problems.length > 0) {
    const more = problems.length > MOST_PROBLEMS ? [`... and ${problems.length - MOST_PROBLEMS} more`] : [];
    throw new OperatorMistake(
      [`${path} has lines that are no letters`, ...problems.slice(0, MOST_PROBLEMS), ...more].join('\n  '),
      'a line is {"messageId":"...","body":"..."}, with all that `onefold dlq export` writes or without it',
    );
  }
  const file = await open(path);
  return {
    has: messageId => places.has(messageId),
    bodyOf: async messageId => {
      const place = places.get(messageId);
      return place && (await letterAt(file, place, sourceArn)).body;
    },
    letters: async function* () {
      for (const place of places.values()) yield await letterAt(file, place, sourceArn);
    },
    close: () => file.close(),
  };
}

async function letterAt(file: FileHandle, place: { at: number; bytes: number }, sourceArn: string): Promise<Letter> {
  const { buffer } = await file.read({ buffer: Buffer.alloc(place.bytes), position: place.at });
  const read = readLine(new TextDecoder().decode(buffer));
  if ('problem' in read)
    throw new OperatorMistake(`the file changed while it was read: ${read.problem}`, 'run it again');
  const { system, queue, groupId, ...rest } = read.letter;
  const delivery = { ...rest, receiptHandle: '', ...(groupId === undefined ? {} : { groupId }) };
  const letter = describeLetter(delivery, system, sourceArn);
  if (letter.originArn !== undefined || queue === undefined) return letter;
  return { ...letter, originArn: queue, origin: queue === sourceArn ? 'ours' : 'other' };
}

function readLine(
  text: string,
): { letter: Omit<z.output<typeof line>, 'body'> & { body: string } } | { problem: string } {
  try {
    const read = line.safeParse(JSON.parse(text));
    if (!read.success)
      return { problem: read.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`).join('; ') };
    const { body } = read.data;
    return { letter: { ...read.data, body: typeof body === 'string' ? body : textOfBody(text) } };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}

/** As it stands in the line: parsed and written again, its numbers might be others. */
function textOfBody(text: string): string {
  const members = parseTree(text)?.children ?? [];
  const body = members.findLast(({ children }) => children?.[0]?.value === 'body')?.children?.[1];
  return body ? text.slice(body.offset, body.offset + body.length) : '';
}
