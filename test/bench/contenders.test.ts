import type { Message } from '@aws-sdk/client-sqs';
import { expect } from 'chai';
import { handlers, type Name } from '../../bench/contenders/index.ts';
import { messageBody } from '../../bench/features.ts';
import { createTables, dropTables, tally } from '../../bench/tables.ts';
import { anyStore, dynamodbClient } from '../backends.ts';

const ids = Array.from({ length: 5 }, (_, i) => `feature-${i}`);
const messages: Message[] = ids.map(id => ({ MessageId: id, Body: messageBody(id, 600) }));

const idempotent: Name[] = ['get-or-create', 'conditional-put', 'powertools'];
// dynalite knows no transactions.
if (!anyStore().name.startsWith('dynalite')) idempotent.push('transaction');

describe('a contender', () => {
  for (const name of idempotent) {
    it(`stores each feature once, however often it comes: ${name}`, async () => {
      await withHandler(name, async (store, count) => {
        expect(await store(messages)).to.deep.equal(messages);
        expect(await store(messages)).to.deep.equal(messages);
        expect(await count()).to.deep.equal({ stored: 5, storedTwice: 0, lost: 0 });
      });
    });

    it(`keeps a message that failed, and only that one, from deletion: ${name}`, async () => {
      await withHandler(name, async store => {
        const broken = { MessageId: 'broken', Body: '{"clientFeatureId":' };
        expect(await store([broken, ...messages])).to.deep.equal(messages);
      });
    });
  }

  it('stores a feature again when it takes no care: unsafe-batch', async () => {
    await withHandler('unsafe-batch', async (store, count) => {
      await store([...messages, ...messages]);
      expect(await count()).to.deep.equal({ stored: 5, storedTwice: 0, lost: 0 });
      await store(messages);
      expect(await count()).to.deep.equal({ stored: 5, storedTwice: 5, lost: 0 });
    });
  });

  it('stores nothing: receive-delete', async () => {
    await withHandler('receive-delete', async (store, count) => {
      expect(await store(messages)).to.deep.equal(messages);
      expect(await count()).to.deep.equal({ stored: 0, storedTwice: 0, lost: 5 });
    });
  });
});

async function withHandler(
  name: Name,
  work: (store: (messages: Message[]) => Promise<Message[]>, count: () => Promise<object>) => Promise<void>,
): Promise<void> {
  const dynamodb = dynamodbClient(await anyStore().endpoint());
  const tables = await createTables(dynamodb, name);
  const createHandler = handlers[name];
  if (!createHandler) throw new Error(`${name} has no handler`);
  try {
    await work(createHandler({ dynamodb, ...tables }), () => tally(dynamodb, tables, new Set(ids)));
  } finally {
    await dropTables(dynamodb, tables);
  }
}
