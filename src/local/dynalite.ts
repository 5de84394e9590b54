import { once } from 'node:events';
import type { DynamoDBEmulator } from './dynoxide.ts';
import { onFreePort } from './free-port.ts';

/** In memory unless `folder` says where LevelDB keeps it. No PartiQL: single writes only. */
export async function startDynalite(options: { folder?: string; port?: number }): Promise<DynamoDBEmulator> {
  // A development dependency: the production image has none.
  const { default: dynalite } = await import('dynalite');
  return onFreePort(options.port, async port => {
    const server = dynalite({
      ...(options.folder ? { path: options.folder } : {}),
      createTableMs: 0,
      deleteTableMs: 0,
      updateTableMs: 0,
    });
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return {
      endpoint: `http://127.0.0.1:${port}`,
      stop: () =>
        new Promise((resolve, reject) => {
          server.close(error => (error ? reject(error) : resolve()));
          server.closeAllConnections();
        }),
    };
  });
}
