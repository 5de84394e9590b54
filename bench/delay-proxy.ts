import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { serve } from './service.ts';

/**
 * Passes bytes on as they come, and each answer `delayMs` late: a fixed service time on every call, for as many calls at
 * once as there are connections. HTTP/1.1 clients have one call under way on each.
 */
export async function startDelayProxy(upstream: URL, delayMs: number): Promise<{ port: number; stop(): void }> {
  const sockets = new Set<Socket>();
  const server = createServer(client => {
    const store = connect(Number(upstream.port || 80), upstream.hostname);
    const close = () => {
      client.destroy();
      store.destroy();
    };
    for (const socket of [client, store]) {
      sockets.add(socket.setNoDelay(true));
      socket.once('close', () => {
        sockets.delete(socket);
        close();
      });
      socket.on('error', close);
    }
    client.on('data', chunk => store.write(chunk));
    store.on('data', chunk => setTimeout(() => client.write(chunk), delayMs));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    stop: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

if (import.meta.main) {
  const [upstream = '', delayMs = '0'] = process.argv.slice(2);
  const { port, stop } = await startDelayProxy(new URL(upstream), Number(delayMs));
  serve({ endpoint: `http://127.0.0.1:${port}` }, { stop });
}
