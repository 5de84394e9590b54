import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { serve } from './service.ts';
import { chargeOf, isCharged } from './units.ts';

/** The units that a contender used, and from how many requests they were reported, reckoned by rule, or neither. */
export interface Account {
  writeUnits: number;
  readUnits: number;
  requests: { reported: number; rule: number; unknown: number };
}

/**
 * Stands between a contender and the store, asks for ReturnConsumedCapacity on its behalf and adds up what the answers
 * say. It changes the signed body: the emulators do not mind, AWS would.
 */
export async function startAccountingProxy(upstream: URL): Promise<{ port: number; take(): Account; stop(): void }> {
  const agent = new Agent({ keepAlive: true });
  let account = emptyAccount();

  async function pass(asked: IncomingMessage): Promise<{ status: number; headers: object; body: Buffer }> {
    const operation = String(asked.headers['x-amz-target']).split('.').at(-1) ?? '';
    const input = JSON.parse((await buffer(asked)).toString());
    const body = JSON.stringify(isCharged(operation) ? { ...input, ReturnConsumedCapacity: 'TOTAL' } : input);
    const forwarded = request(upstream, {
      method: 'POST',
      agent,
      headers: { ...asked.headers, host: upstream.host, 'content-length': Buffer.byteLength(body) },
    });
    forwarded.end(body);
    const [answer] = (await once(forwarded, 'response')) as [IncomingMessage];
    const output = await buffer(answer);
    const status = answer.statusCode ?? 500;
    if (isCharged(operation)) {
      const charge = chargeOf(operation, input, status, JSON.parse(output.toString()));
      account.writeUnits += charge.writeUnits;
      account.readUnits += charge.readUnits;
      account.requests[charge.source]++;
    }
    return { status, headers: answer.headers, body: output };
  }

  const server = createServer((asked, answered) => {
    pass(asked).then(
      ({ status, headers, body }) => answered.writeHead(status, { ...headers }).end(body),
      () => answered.destroy(),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    take: () => {
      const taken = account;
      account = emptyAccount();
      return taken;
    },
    stop: () => {
      server.close();
      server.closeAllConnections();
      agent.destroy();
    },
  };
}

const emptyAccount = (): Account => ({ writeUnits: 0, readUnits: 0, requests: { reported: 0, rule: 0, unknown: 0 } });

if (import.meta.main) {
  const { port, take, stop } = await startAccountingProxy(new URL(process.argv[2] ?? ''));
  serve({ endpoint: `http://127.0.0.1:${port}` }, { answer: take, stop });
}
