import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** A process killed a moment ago may hold its port for a few milliseconds; anything longer is a stranger. */
const PATIENCE_MS = 1_000;

/**
 * Runs `start` on a loopback port that was free a moment before: the preferred one if it is, else any. Another process
 * may take the port in between, so two more are tried.
 * @throws what the third `start` threw
 */
export async function onFreePort<T>(preferred: number | undefined, start: (port: number) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    const port = await (attempt === 1 ? settledPort(preferred) : bindOnce(0));
    try {
      return await start(port ?? 0);
    } catch (error) {
      if (attempt === 3) throw error;
    }
  }
}

async function settledPort(preferred: number | undefined): Promise<number | undefined> {
  const until = Date.now() + PATIENCE_MS;
  while (preferred !== undefined && Date.now() < until) {
    const port = await bindOnce(preferred);
    if (port !== undefined) return port;
    await delay(50);
  }
  return bindOnce(0);
}

/** The port that was bound, or undefined when it is taken. */
function bindOnce(port: number): Promise<number | undefined> {
  return new Promise(resolve => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' ? address?.port : undefined));
    });
  });
}
