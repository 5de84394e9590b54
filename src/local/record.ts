import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const schema = z.object({
  pid: z.int(),
  /** Where leases are taken, and the word that proves a host to be the one that wrote this file. */
  controlPort: z.int(),
  token: z.string(),
  sqsEndpoint: z.url(),
  dynamodbEndpoint: z.url(),
  writes: z.enum(['batch', 'single']),
  note: z.string().optional(),
});

/** What the host of a folder says of itself; left behind when it ends, so that the next one takes the same ports. */
export type HostRecord = z.infer<typeof schema>;

export const recordFile = (directory: string): string => join(directory, 'backends.json');

/** Undefined when there is none, or none that can be read: then a new host writes it. */
export function readRecord(directory: string): HostRecord | undefined {
  try {
    return schema.parse(JSON.parse(readFileSync(recordFile(directory), 'utf8')));
  } catch {
    return undefined;
  }
}

/** Readers see the old record or the new one, never half of it. */
export function writeRecord(directory: string, record: HostRecord): void {
  const file = recordFile(directory);
  writeFileSync(`${file}.new`, `${JSON.stringify(record, undefined, 2)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}
