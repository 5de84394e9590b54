import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** Whoever started the host comes within milliseconds, unless it died meanwhile. */
const FIRST_LEASE_MS = 10_000;
/** On the loopback an answer takes less than a millisecond; a busy machine gets the rest. */
const ANSWER_MS = 2_000;

export interface Leases {
  port: number;
  /** Settles when nobody holds a lease any more. From then on none is given. */
  over: Promise<void>;
  stop(): void;
}

/**
 * A lease is an open connection: the system closes it when its holder dies, whatever it died of.
 * Whoever knows the token gets one.
 */
export async function serveLeases(token: string): Promise<Leases> {
  const connections = new Set<Socket>();
  const holders = new Set<Socket>();
  const server = createServer(socket => {
    connections.add(socket);
    socket.setTimeout(ANSWER_MS, () => holders.has(socket) || socket.destroy());
    socket.on('error', () => {}); // `close` follows
    socket.once('close', () => {
      connections.delete(socket);
      if (holders.delete(socket) && holders.size === 0) stop();
    });
    readLine(socket, line => {
      if (line !== token) {
        socket.destroy();
        return;
      }
      holders.add(socket);
      clearTimeout(unwanted);
      socket.write('joined\n');
    });
  });
  let unwanted: NodeJS.Timeout | undefined;
  let settle = (): void => {};
  const over = new Promise<void>(resolve => {
    settle = resolve;
  });

  const stop = (): void => {
    clearTimeout(unwanted);
    server.close();
    for (const socket of connections) socket.destroy();
    settle();
  };

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  unwanted = setTimeout(stop, FIRST_LEASE_MS);
  const address = server.address();
  return { port: typeof address === 'object' && address ? address.port : 0, over, stop };
}

/** An open lease, or undefined when no host with this token answers there. It does not keep the process alive. */
export function takeLease(port: number, token: string): Promise<Socket | undefined> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1');
    socket.setTimeout(ANSWER_MS, () => socket.destroy());
    socket.on('error', () => {}); // `close` follows
    socket.once('close', () => resolve(undefined));
    readLine(socket, line => {
      if (line !== 'joined') {
        socket.destroy();
        return;
      }
      socket.setTimeout(0);
      socket.unref();
      resolve(socket);
    });
    socket.write(`${token}\n`);
  });
}

function readLine(socket: Socket, take: (line: string) => void): void {
  let text = '';
  socket.setEncoding('utf8');
  socket.on('data', function read(chunk: string) {
    text += chunk;
    // A stranger may send anything, and for ever.
    if (text.length > 200) socket.destroy();
    if (!text.includes('\n')) return;
    socket.off('data', read);
    socket.resume(); // else the end of the connection would never be seen
    take(text.slice(0, text.indexOf('\n')));
  });
}
