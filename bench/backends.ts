import { type BackendAddresses, startBackends } from '../src/local/backends.ts';
import { serve } from './service.ts';

/** The embedded backends, in memory. */
if (import.meta.main) {
  const backends = await startBackends();
  const { sqsEndpoint, dynamodbEndpoint, writes, note, stop } = backends;
  serve<BackendAddresses & { note: string | undefined }>({ sqsEndpoint, dynamodbEndpoint, writes, note }, { stop });
}
