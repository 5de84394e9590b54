import { fileURLToPath } from 'node:url';
import { compiled } from '../compiled.ts';
import { conditionalPut } from './conditional-put.ts';
import type { BatchHandler, Target } from './contender.ts';
import { getOrCreate } from './get-or-create.ts';
import { onefold } from './onefold.ts';
import { powertools } from './powertools.ts';
import { receiveDelete } from './receive-delete.ts';
import { transaction } from './transaction.ts';
import { unsafeBatch } from './unsafe-batch.ts';

export const NAMES = [
  'onefold',
  'get-or-create',
  'conditional-put',
  'powertools',
  'transaction',
  'unsafe-batch',
  'receive-delete',
] as const;

export type Name = (typeof NAMES)[number];

/** Those that `contend.ts` runs. */
export const handlers: Record<string, (target: Target) => BatchHandler> = {
  'get-or-create': getOrCreate,
  'conditional-put': conditionalPut,
  powertools,
  transaction,
  'unsafe-batch': unsafeBatch,
  'receive-delete': receiveDelete,
} satisfies Record<Exclude<Name, 'onefold'>, (target: Target) => BatchHandler>;

/** The arguments with which Node runs the contender. */
export function programOf(name: Name): string[] {
  return name === 'onefold' ? onefold : [fileURLToPath(compiled('bench/contend.ts')), name];
}

/** The key of its idempotency table. */
export function idempotencyKeyOf(name: Name): string {
  return name === 'powertools' ? 'id' : 'clientFeatureId';
}
