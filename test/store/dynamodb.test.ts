import { freshTables, storeBackends } from '../backends.ts';
import { describeStore } from '../suites/store.ts';

for (const backend of storeBackends()) {
  describeStore(backend.name, async () => {
    const { dynamodb: client, writes, idempotencyTable, featuresTable } = await freshTables(backend);
    return { client, writes, idempotencyTable, featuresTable };
  });
}
