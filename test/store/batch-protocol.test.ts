import { BatchExecuteStatementCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { expect } from 'chai';
import fc from 'fast-check';
import { toAttributeValue } from '../../src/store/attribute-value.ts';
import { createDynamoDBClient } from '../../src/store/client.ts';
import type { JsonObject } from '../../src/store/port.ts';

const here = {
  region: 'eu-west-1',
  endpoint: 'http://127.0.0.1:1',
  credentials: { accessKeyId: 'none', secretAccessKey: 'none' },
};

/** What the client would send, as far as it is the command's. */
async function sentBy(client: DynamoDBClient, payload: JsonObject): Promise<{ headers: object; body: unknown }> {
  let sent: { headers: Record<string, string>; body: string | Uint8Array } | undefined;
  client.middlewareStack.add(
    () => args => {
      sent = args.request as typeof sent;
      throw new Error('far enough');
    },
    { step: 'finalizeRequest', priority: 'low', name: 'catch' },
  );
  const Parameters = [{ S: 'an id' }, toAttributeValue(payload)];
  const statement = { Statement: 'INSERT', Parameters, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const };
  await client.send(new BatchExecuteStatementCommand({ Statements: [statement, statement] })).catch(() => undefined);
  client.destroy();
  if (!sent) throw new Error('nothing was sent');
  const { 'content-type': type, 'content-length': length, 'x-amz-target': target } = sent.headers;
  const text = typeof sent.body === 'string' ? sent.body : new TextDecoder().decode(sent.body);
  expect(Number(length)).to.equal(Buffer.byteLength(text));
  return { headers: { type, target }, body: JSON.parse(text) };
}

describe('the batch protocol', () => {
  it('sends a batch of INSERTs as the SDK would, whatever the payload', async () => {
    const payloads = fc.dictionary(fc.string({ unit: 'grapheme', minLength: 1 }), fc.jsonValue());
    await fc.assert(
      fc.asyncProperty(payloads, async payload => {
        const ours = await sentBy(createDynamoDBClient(here), payload as JsonObject);
        expect(ours).to.deep.equal(await sentBy(new DynamoDBClient(here), payload as JsonObject));
      }),
      { numRuns: 50 },
    );
  });
});
