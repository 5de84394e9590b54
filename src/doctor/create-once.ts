import { DeleteItemCommand } from '@aws-sdk/client-dynamodb';
import type { Clock } from '../clock.ts';
import type { Answer } from '../store/answer.ts';
import { batchWrites } from '../store/batch-writes.ts';
import { batchReads, type Summary } from '../store/reads.ts';
import { singleWrites } from '../store/single-writes.ts';
import { mappingItem } from '../store/tables.ts';
import type { Written } from '../store/writes.ts';
import { canaryId } from './canary.ts';
import { type Check, failure, need, ok, type Result } from './check.ts';
import type { StoreUnderTest } from './table-permissions.ts';

interface Tried {
  /** A key that is in no table, the same key again, and what is stored then. */
  first: Answer<Written>;
  second: Answer<Written>;
  stored: Answer<Summary | undefined>;
  removed: boolean;
}

/**
 * The promise that everything stands on: a key that exists is refused, and keeps its value. Some stores that speak
 * DynamoDB's API overwrite instead, and say that all went well. Tried as the worker writes, on one item that no message
 * can ask for, which is deleted again.
 */
export function createOnceCheck(store: StoreUnderTest & { clock: Clock; mint: () => string }): Check {
  return {
    name: 'create once',
    run: async () => {
      await need(store.known.mappings, 'the idempotency table cannot be used');
      return judgeStore(await createTwice(store), store.writes);
    },
  };
}

async function createTwice(store: Parameters<typeof createOnceCheck>[0]): Promise<Tried> {
  const { client, tables, writes, clock, mint } = store;
  const alone = { client, soon: clock.soon, onRequest: () => {} };
  const write = writes === 'batch' ? batchWrites(alone) : singleWrites(alone);
  const clientFeatureId = canaryId(mint());
  const createdAt = new Date(clock.now()).toISOString();
  const insert = (featureId: string) => write(tables.mappings, mappingItem({ clientFeatureId, featureId, createdAt }));

  const first = await insert('first');
  const second = await insert('second');
  const stored = await batchReads(alone)(tables.mappings, clientFeatureId);
  const Key = { clientFeatureId: { S: clientFeatureId } };
  const removed = await client.send(new DeleteItemCommand({ TableName: tables.mappings.name, Key })).then(
    () => true,
    () => false, // the worker's role needs no DeleteItem, and audit passes over the item
  );
  return { first, second, stored, removed };
}

function judgeStore({ first, second, stored, removed }: Tried, writes: 'batch' | 'single'): Result {
  for (const answer of [first, second, stored]) {
    if (answer.kind === 'answered') continue;
    return failure(`${answer.error.name}: ${answer.error.message}`, 'no worker can work so; see "may write"');
  }
  const created = (answer: Answer<Written>) => answer.kind === 'answered' && answer.value.created;
  if (!created(first)) return failure('a key that is in no table was refused', 'use another store: this one is broken');
  const kept = stored.kind === 'answered' && stored.value?.featureId === 'first';
  if (created(second) || !kept) {
    return failure(
      `the store ${kept ? 'did not refuse' : 'overwrote'} a key that exists: features would be stored twice, or lost`,
      writes === 'batch'
        ? 'run no worker on it; with ONEFOLD_WRITES=single its conditional PutItem may hold: try that here'
        : 'run no worker on it',
    );
  }
  return ok(`an existing key is refused${removed ? '' : ' (the item it was tried on stays: no DeleteItem)'}`);
}
