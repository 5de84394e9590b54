import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Clock } from '../clock.ts';
import { batchWrites } from '../store/batch-writes.ts';
import { singleWrites } from '../store/single-writes.ts';
import { mappingItem, type Tables } from '../store/tables.ts';
import { toFeature } from './judge.ts';
import type { TableReader } from './read-tables.ts';

/**
 * Gives each feature that has no mapping the one it must have had, create-if-absent: where a worker was quicker, or a
 * second feature has the client id, nothing is done and a person must decide.
 * @returns how many mappings were created
 */
export async function repairMappings(options: {
  client: Pick<DynamoDBClient, 'send'>;
  tables: Tables;
  reader: TableReader;
  writes: 'batch' | 'single';
  /** Whether several features without a mapping have this client id. */
  isRepeated: (clientFeatureId: string) => boolean;
  clock: Clock;
}): Promise<number> {
  const { client, tables, reader, isRepeated, clock } = options;
  const shared = { client, soon: clock.soon, onRequest: () => {} };
  const write = options.writes === 'batch' ? batchWrites(shared) : singleWrites(shared);
  let created = 0;

  await reader.scan(tables.features, tables.features.attributes, async item => {
    const feature = toFeature(tables.features, item);
    if ('kind' in feature) return;
    const { clientFeatureId, featureId } = feature;
    if (isRepeated(clientFeatureId) || (await reader.lookUp(tables.mappings, clientFeatureId))) return;
    const createdAt = new Date(clock.now()).toISOString();
    const mapping = mappingItem({ clientFeatureId, featureId, createdAt });
    await reader.ask(() => write(tables.mappings, mapping));
    // Reading it back tells also where the answer to an earlier attempt was lost.
    const now = await reader.lookUp(tables.mappings, clientFeatureId);
    if (now?.featureId === featureId) created++;
  });
  return created;
}
