import { queueBackends } from '../backends.ts';
import { queueSuite } from '../suites/queue.ts';

for (const backend of queueBackends()) {
  describe(`the queue on ${backend.name}`, () => queueSuite(backend));
}
