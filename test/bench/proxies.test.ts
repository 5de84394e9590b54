import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { expect } from 'chai';
import { startAccountingProxy } from '../../bench/accounting-proxy.ts';
import { startDelayProxy } from '../../bench/delay-proxy.ts';

/** A store that answers every call with what it was asked, and reports two units when it is asked to. */
async function startStore(): Promise<{ server: Server; url: URL }> {
  const server = createServer(async (request, response) => {
    const asked = (await json(request)) as Record<string, unknown>;
    const ConsumedCapacity = asked.ReturnConsumedCapacity === 'TOTAL' ? { CapacityUnits: 2 } : undefined;
    response.end(JSON.stringify({ asked, ConsumedCapacity }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`) };
}

async function call(port: number, operation: string, input: object) {
  const response = await fetch(`http://127.0.0.1:${port}`, {
    method: 'POST',
    headers: { 'x-amz-target': `DynamoDB_20120810.${operation}`, 'content-type': 'application/x-amz-json-1.0' },
    body: JSON.stringify(input),
  });
  return (await response.json()) as { asked: object };
}

describe('the proxies of the bench', () => {
  let store: Awaited<ReturnType<typeof startStore>>;

  before(async () => {
    store = await startStore();
  });

  after(() => {
    store.server.close();
    store.server.closeAllConnections();
  });

  it('delay each answer, and many at once no longer than one', async () => {
    const { port, stop } = await startDelayProxy(store.url, 100);
    try {
      const startedAt = performance.now();
      const answers = await Promise.all(Array.from({ length: 30 }, (_, n) => call(port, 'PutItem', { n })));
      const ms = performance.now() - startedAt;
      expect(answers.map(({ asked }) => asked)).to.deep.equal(Array.from({ length: 30 }, (_, n) => ({ n })));
      expect(ms)
        .to.be.at.least(99)
        .and.below(30 * 100);
    } finally {
      stop();
    }
  });

  it('add up the units that a contender did not ask for, and leave the rest of the call as it is', async () => {
    const { port, take, stop } = await startAccountingProxy(store.url);
    try {
      const { asked } = await call(port, 'PutItem', { Item: { id: { S: 'a' } } });
      expect(asked).to.deep.equal({ Item: { id: { S: 'a' } }, ReturnConsumedCapacity: 'TOTAL' });
      await call(port, 'GetItem', { Key: { id: { S: 'a' } } });
      const described = await call(port, 'DescribeTable', { TableName: 'a' });
      expect(described.asked).to.deep.equal({ TableName: 'a' });

      const requests = { reported: 2, rule: 0, unknown: 0 };
      expect(take()).to.deep.equal({ writeUnits: 2, readUnits: 2, requests });
      expect(take()).to.deep.include({ writeUnits: 0, readUnits: 0 });
    } finally {
      stop();
    }
  });
});
