import { createHash } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Which letters a replay has sent and may not have deleted yet, so that the next one deletes them without sending them
 * again. A line is written when SQS has confirmed the send, before the delete; killed between send and line, the letter
 * is sent twice, which is harmless.
 */
export interface Checkpoint {
  /** Whether an interrupted replay had sent the letter, with this body. */
  has(messageId: string, body: string): boolean;
  /** Whether an interrupted replay had sent the letter, under whatever body. */
  knows(messageId: string): boolean;
  add(messageId: string, body: string): void;
  /** @param complete no letter is left that was sent: the file is removed, unless another replay writes to it */
  close(complete: boolean): void;
}

/** @throws Error when the file cannot be written */
export function openCheckpoint(path: string): Checkpoint {
  mkdirSync(dirname(path), { recursive: true });
  const file = openSync(path, 'a+');
  const before = readFileSync(path, 'utf8');
  const sent = new Set(before.split('\n').slice(0, -1)); // after the last line feed: nothing, or a torn line
  // A line torn by a kill or a full disk must not spoil the next one.
  let size = Buffer.byteLength(before);
  if (before !== '' && !before.endsWith('\n')) size += writeSync(file, '\n');
  const ids = new Set([...sent].map(entry => entry.split(' ')[0]));
  return {
    knows: messageId => ids.has(messageId),
    has: (messageId, body) => sent.has(entryOf(messageId, body)),
    add: (messageId, body) => {
      size += writeSync(file, `${entryOf(messageId, body)}\n`);
    },
    close: complete => {
      const alone = statSync(path, { throwIfNoEntry: false })?.size === size;
      closeSync(file);
      if (complete && alone) rmSync(path, { force: true });
    },
  };
}

/** For a dry run, and where nothing can be written. */
export const noCheckpoint: Checkpoint = {
  has: () => false,
  knows: () => false,
  add: () => {},
  close: () => {},
};

/** With the body: a letter that was sent under another correction was not sent under this one. */
function entryOf(messageId: string, body: string): string {
  return `${messageId} ${createHash('sha256').update(body).digest('hex').slice(0, 16)}`;
}
