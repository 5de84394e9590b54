import { createServer, type Server } from 'node:http';
import { OperatorMistake } from '../errors.ts';

export interface Health {
  /** `receiving`, or why not. */
  state: 'receiving' | 'paused' | 'stopping';
  reason?: string;
}

export interface AdminServer {
  port: number;
  close(): Promise<void>;
}

/**
 * `/livez` answers 200 as long as the process does: a liveness check. `/health` answers 200 while the worker receives
 * and 503 while it does not: a readiness check. `/metrics` is for Prometheus.
 * Port 0 picks a free one.
 * @throws OperatorMistake when the port is taken
 */
export async function startAdmin(
  { host, port }: { host: string; port: number },
  { health, metrics }: { health: () => Health; metrics: () => string },
): Promise<AdminServer> {
  const server = createServer((request, response) => {
    const answer = (status: number, type: string, body: string) =>
      response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(body);
    if (request.method !== 'GET' && request.method !== 'HEAD') return answer(405, 'text/plain', 'only GET\n');
    switch (request.url?.split('?')[0]) {
      case '/livez':
        return answer(200, 'text/plain', 'alive\n');
      case '/health': {
        const now = health();
        return answer(now.state === 'receiving' ? 200 : 503, 'application/json', `${JSON.stringify(now)}\n`);
      }
      case '/metrics':
        return answer(200, 'text/plain; version=0.0.4', metrics());
      default:
        return answer(404, 'text/plain', 'see /health, /livez and /metrics\n');
    }
  });
  await listen(server, host, port);
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : port,
    close: async () => {
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
    },
  };
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const why = error.code === 'EADDRINUSE' ? 'is taken' : `cannot be listened on: ${error.message}`;
      reject(
        new OperatorMistake(
          `the admin port ${host}:${port} ${why}`,
          'set ONEFOLD_ADMIN_PORT to a free one, 0 to pick one, or off',
        ),
      );
    });
    server.listen(port, host, resolve);
  });
}
