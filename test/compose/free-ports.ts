import { once } from 'node:events';
import { createServer } from 'node:net';

/** For what docker-compose.yml publishes: what the environment says, else ports that were free a moment ago. */
export async function freePorts(
  env = process.env,
): Promise<{ ONEFOLD_SQS_PORT: string; ONEFOLD_DYNAMODB_PORT: string }> {
  const servers = [createServer(), createServer()];
  const [sqs, dynamodb] = await Promise.all(
    servers.map(async server => {
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      const address = server.address();
      return String(typeof address === 'object' ? address?.port : '');
    }),
  );
  // Both at once, so that they differ.
  await Promise.all(servers.map(server => once(server.close(), 'close')));
  return {
    ONEFOLD_SQS_PORT: env.ONEFOLD_SQS_PORT || (sqs ?? ''),
    ONEFOLD_DYNAMODB_PORT: env.ONEFOLD_DYNAMODB_PORT || (dynamodb ?? ''),
  };
}
