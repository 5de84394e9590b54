import { createHash, createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { BatchExecuteStatementCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DeleteMessageBatchCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { expect } from 'chai';
import fc from 'fast-check';
import { composeOnce } from '../src/compose-once.ts';
import { toAttributeValue } from '../src/store/attribute-value.ts';
import type { JsonObject } from '../src/store/port.ts';

interface Sent {
  headers: IncomingHttpHeaders;
  body: string;
}

const RECEIVE = new ReceiveMessageCommand({
  QueueUrl: 'http://127.0.0.1/000000000000/queue',
  MaxNumberOfMessages: 10,
  WaitTimeSeconds: 20,
  MessageSystemAttributeNames: ['ApproximateReceiveCount', 'SentTimestamp'],
  MessageAttributeNames: ['All'],
});
const DELETE = new DeleteMessageBatchCommand({
  QueueUrl: 'http://127.0.0.1/000000000000/queue',
  Entries: [{ Id: '0', ReceiptHandle: 'ü "quoted" 🏔' }],
});
const insertOf = (payload: JsonObject) =>
  new BatchExecuteStatementCommand({
    Statements: [
      { Statement: 'INSERT', Parameters: [toAttributeValue(payload)], ReturnValuesOnConditionCheckFailure: 'ALL_OLD' },
    ],
  });

describe('a request composed once', () => {
  /** Answers each request with the next of `answers`, then with `{}`. */
  const sent: Sent[] = [];
  const answers: { status: number; body: string }[] = [];
  const server = createServer(async (request, response) => {
    sent.push({ headers: request.headers, body: await text(request) });
    const { status, body } = answers.shift() ?? { status: 200, body: '{}' };
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end(body);
  });
  const clients: { destroy(): void }[] = [];
  let config: { region: string; endpoint: string; credentials: { accessKeyId: string; secretAccessKey: string } };

  before(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    config = {
      region: 'eu-west-1',
      endpoint: `http://127.0.0.1:${port}`,
      credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI' },
    };
  });
  beforeEach(() => {
    sent.length = 0;
    answers.length = 0;
  });
  afterEach(() => {
    for (const client of clients.splice(0)) client.destroy();
  });
  after(() => {
    server.close();
  });

  for (const [name, command] of Object.entries({ receive: RECEIVE, delete: DELETE })) {
    it(`says what the SDK says of a ${name}`, async () => {
      const sqs = queueClient();
      await sqs.send(command as ReceiveMessageCommand);
      await sqs.send(command as ReceiveMessageCommand);

      const [bySdk, repeated] = sent.map(said);
      expect(repeated).to.deep.equal(bySdk);
      expect(sent.map(isBySdk)).to.deep.equal([true, false]);
    });
  }

  it('says what the SDK says of INSERTs, whatever the payload', async () => {
    const plain = new DynamoDBClient(config);
    const repeating = storeClient();
    clients.push(plain);
    await repeating.send(insertOf({}));
    const payloads = fc.dictionary(fc.string({ unit: 'grapheme', minLength: 1 }), fc.jsonValue());
    await fc.assert(
      fc.asyncProperty(payloads, async payload => {
        sent.length = 0;
        await plain.send(insertOf(payload as JsonObject));
        await repeating.send(insertOf(payload as JsonObject));

        const [bySdk, repeated] = sent.map(said);
        expect(repeated).to.deep.equal(bySdk);
        expect(sent.map(isBySdk)).to.deep.equal([true, false]);
      }),
      { numRuns: 50 },
    );
  });

  it('bears a signature of its own body', async () => {
    const dynamodb = storeClient();
    for (const name of ['Zürich', 'Genève', 'Šibenik']) await dynamodb.send(insertOf({ name }));

    for (const one of sent) expect(one.headers.authorization).to.equal(signatureOf(one, 'dynamodb', 'wJalrXUtnFEMI'));
    expect(new Set(sent.map(({ headers }) => headers.authorization))).to.have.property('size', 3);
  });

  it('is signed with the credentials of the moment', async () => {
    let renewals = 0;
    // Each is over before it is used again, so that the SDK asks for the next.
    const credentials = async () => ({
      accessKeyId: 'AKIDEXAMPLE',
      secretAccessKey: 'secret',
      sessionToken: `token ${++renewals}`,
      expiration: new Date(Date.now() - 1_000),
    });
    const sqs = queueClient({ credentials });
    await sqs.send(RECEIVE);
    const before = sent.at(-1)?.headers['x-amz-security-token'];
    await sqs.send(RECEIVE);

    expect(isBySdk(sent.at(-1) as Sent)).to.equal(false);
    expect(sent.at(-1)?.headers['x-amz-security-token']).to.be.a('string').and.not.equal(before);
  });

  it('brings the same answer, with bytes where the SDK has bytes', async () => {
    const message = {
      MessageId: 'm1',
      ReceiptHandle: 'r1',
      Body: '{"clientFeatureId":"06037"}',
      Attributes: { ApproximateReceiveCount: '2' },
      MessageAttributes: { picture: { DataType: 'Binary', BinaryValue: Buffer.from([0, 255]).toString('base64') } },
    };
    const sqs = queueClient();
    for (let n = 0; n < 2; n++) answers.push({ status: 200, body: JSON.stringify({ Messages: [message] }) });
    const { Messages: bySdk } = await sqs.send(RECEIVE);
    const { Messages: repeated } = await sqs.send(RECEIVE);

    expect(repeated).to.deep.equal(bySdk);
    expect(repeated?.[0]?.MessageAttributes?.picture?.BinaryValue).to.deep.equal(new Uint8Array([0, 255]));
  });

  it('brings the same error, and leaves the next request to the SDK', async () => {
    const dynamodb = storeClient();
    const refusal = {
      status: 400,
      body: '{"__type":"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException","message":"no table"}',
    };
    const errorOf = () =>
      dynamodb
        .send(insertOf({}))
        .catch(({ name, message, $metadata: { httpStatusCode } }) => ({ name, message, httpStatusCode }));
    answers.push(refusal);
    const bySdk = await errorOf();
    await dynamodb.send(insertOf({}));
    answers.push(refusal);
    const repeated = await errorOf();
    await dynamodb.send(insertOf({}));
    await dynamodb.send(insertOf({}));

    expect(bySdk).to.deep.equal({ name: 'ResourceNotFoundException', message: 'no table', httpStatusCode: 400 });
    expect(repeated).to.deep.equal(bySdk);
    expect(sent.map(isBySdk)).to.deep.equal([true, true, false, true, false]);
  });

  it('is tried again by the SDK where its client may try more than once', async () => {
    const sqs = queueClient({ maxAttempts: 3 });
    await sqs.send(DELETE);
    answers.push({ status: 503, body: '{}' });
    await sqs.send(DELETE);
    await sqs.send(DELETE);

    expect(sent.map(isBySdk)).to.deep.equal([true, false, true, false]);
  });

  it('can be aborted, and is not tried again then', async () => {
    const sqs = queueClient({ maxAttempts: 3 });
    await sqs.send(RECEIVE);
    const abort = new AbortController();
    const waiting = sqs.send(RECEIVE, { abortSignal: abort.signal }).catch(error => error.name);
    abort.abort();
    expect(await waiting).to.equal('AbortError');
    expect(sent.filter(isBySdk)).to.have.length(1);
  });

  it('is none where the command is not named', async () => {
    const sqs = composeOnce(new SQSClient(config), ['ReceiveMessageCommand']);
    clients.push(sqs);
    for (let n = 0; n < 2; n++) await sqs.send(DELETE);
    expect(sent.map(isBySdk)).to.deep.equal([true, true]);
  });

  function queueClient(options: object = {}): SQSClient {
    const sqs = new SQSClient({ ...config, cacheMiddleware: true, md5: false, maxAttempts: 1, ...options });
    clients.push(sqs);
    return composeOnce(sqs, ['ReceiveMessageCommand', 'DeleteMessageBatchCommand']);
  }

  function storeClient(): DynamoDBClient {
    const dynamodb = new DynamoDBClient({ ...config, cacheMiddleware: true, maxAttempts: 1 });
    clients.push(dynamodb);
    return composeOnce(dynamodb, ['BatchExecuteStatementCommand']);
  }
});

/** The SDK numbers its attempts. */
const isBySdk = ({ headers }: Sent): boolean => 'amz-sdk-request' in headers;

/** All but what differs from one request to the next of the same kind and body. */
function said({ headers, body }: Sent) {
  const {
    authorization,
    'x-amz-date': date,
    'amz-sdk-invocation-id': id,
    'amz-sdk-request': attempt,
    'x-amz-content-sha256': hash,
    ...rest
  } = headers;
  expect(Number(headers['content-length'])).to.equal(Buffer.byteLength(body));
  expect(hash).to.equal(createHash('sha256').update(body).digest('hex'));
  return { headers: rest, body: JSON.parse(body) };
}

/** The Authorization header that a request ought to have, by https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html */
function signatureOf({ headers, body }: Sent, service: string, secret: string): string {
  const [, credential = '', signedHeaders = ''] =
    headers.authorization?.match(/Credential=(\S+), SignedHeaders=(\S+),/) ?? [];
  const scope = credential.split('/').slice(1);
  const sha256 = (data: string) => createHash('sha256').update(data).digest('hex');
  const hmac = (key: string | Buffer, data: string) => createHmac('sha256', key).update(data).digest();
  const signed = signedHeaders.split(';').map(name => `${name}:${String(headers[name]).trim().replace(/ +/g, ' ')}\n`);
  const canonical = `POST\n/\n\n${signed.join('')}\n${signedHeaders}\n${sha256(body)}`;
  const toSign = `AWS4-HMAC-SHA256\n${headers['x-amz-date']}\n${scope.join('/')}\n${sha256(canonical)}`;
  const [date = '', region = ''] = scope;
  const key = [date, region, service, 'aws4_request'].reduce(hmac, Buffer.from(`AWS4${secret}`));
  return `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${signedHeaders}, Signature=${hmac(key, toSign).toString('hex')}`;
}
