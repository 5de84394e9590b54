import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { expect } from 'chai';
import { anyQueue, anyStore, freshQueue, freshTables, type TestQueue, type TestTables, workerEnv } from './backends.ts';
import { send, storedIn, takeAll } from './stored.ts';
import { killWorkers, startWorker, until } from './worker-process.ts';

const MAIN = new URL('../src/main.ts', import.meta.url).pathname;

async function onefold(args: string[], env: Record<string, string> = {}, input = '') {
  const child = spawn(process.execPath, [MAIN, ...args], { env: { PATH: process.env.PATH, ...env } });
  child.stdin.on('error', () => {}); // a command that refuses its arguments does not read its input
  child.stdin.end(input);
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { code: code as number, out, err };
}

describe('the command line', function () {
  this.timeout(30_000);
  let tables: TestTables;
  let queue: TestQueue;
  let env: Record<string, string>;

  before(async () => {
    tables = await freshTables(anyStore());
  });
  beforeEach(async () => {
    queue = await freshQueue(anyQueue());
    env = workerEnv(tables, queue);
  });
  afterEach(killWorkers);

  const bodies = async () => (await takeAll(queue, queue.queueUrl)).map(({ Body }) => Body);

  describe('enqueue', () => {
    it('sends each line byte for byte, whatever JSON white space and Unicode it has', async () => {
      const lines = [
        '{"clientFeatureId":"a","payload":{}}',
        '  { "payload" : {"n": 1.50, "s":"\u2028é\\u00e9"}, "clientFeatureId" : "b" }  ',
      ];
      const { code, out } = await onefold(['enqueue', '-', '--json'], env, `\ufeff${lines.join('\n')}\n\n`);
      expect(JSON.parse(out)).to.deep.equal({ sent: 2, refused: [] });
      expect(code).to.equal(0);
      expect((await bodies()).sort()).to.deep.equal([...lines].sort());
    });

    it('sends the good lines of a file, lists the bad ones with number and reason, and exits 1', async () => {
      const input = '{"clientFeatureId":"a","payload":{}}\nnot json\n{"clientFeatureId":"","payload":{}}\n';
      const { code, out, err } = await onefold(['enqueue', '-'], env, input);
      expect(code).to.equal(1);
      expect(out).to.equal('1 sent, 2 refused\n');
      expect(err).to.match(/^line 2: not JSON.*\nline 3: .*clientFeatureId/);
      expect(await bodies()).to.deep.equal(['{"clientFeatureId":"a","payload":{}}']);
    });

    it('sends 1,005 lines, each once', async () => {
      const lines = Array.from({ length: 1_005 }, (_, i) => `{"clientFeatureId":"${i}","payload":{}}`);
      const { out } = await onefold(['enqueue', '-'], env, lines.join('\r\n'));
      expect(out).to.equal('1005 sent\n');
      expect((await bodies()).sort()).to.deep.equal([...lines].sort());
    });

    it('says so when there is no such file', async () => {
      const { code, err } = await onefold(['enqueue', '/no/such/file'], env);
      expect(code).to.equal(2);
      expect(err).to.equal(
        'error: there is no file /no/such/file\nhint:  name a file with one JSON message a line, or - for standard input\n',
      );
    });

    it('keeps the order of the lines of one id on a FIFO queue', async () => {
      queue = await freshQueue(anyQueue(), { fifo: true });
      const lines = Array.from({ length: 25 }, (_, i) => `{"clientFeatureId":"same","payload":{"i":${i}}}`);
      await onefold(['enqueue', '-'], workerEnv(tables, queue), lines.join('\n'));
      expect(await bodies()).to.deep.equal(lines);
    });
  });

  describe('get', () => {
    it('shows a stored feature by either id', async () => {
      const worker = startWorker(env);
      await send(queue, ['{"clientFeatureId":"06037","payload":{"name":"Los Angeles","population":9829544}}']);
      await until(async () => (await storedIn(tables)).features.size > 0, 'it is stored');
      worker.signal('SIGTERM');
      const byClientId = await onefold(['get', '06037'], env);
      const found = JSON.parse(byClientId.out);
      expect(found).to.deep.include({
        state: 'stored',
        clientFeatureId: '06037',
        payload: { name: 'Los Angeles', population: 9829544 },
      });
      expect(byClientId.code).to.equal(0);
      const byFeatureId = await onefold(['get', '--feature-id', found.featureId], env);
      expect(JSON.parse(byFeatureId.out)).to.deep.equal(found);
      await worker.ended;
    });

    it('says absent and exits 1 when there is nothing', async () => {
      expect(await onefold(['get', 'nobody', '--json'], env)).to.deep.equal({
        code: 1,
        out: '{"state":"absent"}\n',
        err: '',
      });
    });

    it('says idOnly and exits 1 when an id is fixed but its feature not stored yet', async () => {
      const Item = {
        clientFeatureId: { S: 'half' },
        featureId: { S: 'f-1' },
        createdAt: { S: '2026-01-01T00:00:00.000Z' },
      };
      await tables.dynamodb.send(new PutItemCommand({ TableName: tables.idempotencyTable, Item }));
      const { code, out } = await onefold(['get', 'half'], env);
      expect(code).to.equal(1);
      expect(JSON.parse(out)).to.deep.equal({ state: 'idOnly', featureId: 'f-1' });
    });

    it('lets no escape sequence of a payload reach the terminal', async () => {
      const worker = startWorker(env);
      await send(queue, ['{"clientFeatureId":"esc","payload":{"s":"\\u001b[31m\\u009b2J\\u007f"}}']);
      await until(async () => (await storedIn(tables)).mappings.has('esc'), 'it is stored');
      const { out } = await onefold(['get', 'esc'], env);
      worker.signal('SIGTERM');
      await worker.ended;
      expect(out.trimEnd()).not.to.match(/\p{Cc}/u);
      expect(JSON.parse(out).payload.s).to.equal('\u001b[31m\u009b2J\u007f');
    });

    it('asks for one id, not two', async () => {
      const { code, err } = await onefold(['get', 'a', '--feature-id', 'b'], env);
      expect(code).to.equal(2);
      expect(err).to.match(/^error: one id is needed\nhint:/);
    });
  });

  it('prints the JSON Schema of the message', async () => {
    const { code, out } = await onefold(['schema']);
    expect(code).to.equal(0);
    expect(JSON.parse(out)).to.nested.include({
      'properties.clientFeatureId.type': 'string',
      additionalProperties: false,
    });
  });

  it('teaches: every command has help, and a wrong one exits 2', async () => {
    for (const command of ['worker', 'demo', 'setup', 'doctor', 'enqueue', 'get', 'dlq', 'audit', 'schema']) {
      const { code, out } = await onefold([command, '--help']);
      expect(code, command).to.equal(0);
      expect(out, command).to.include(`Usage: onefold ${command}`);
    }
    expect((await onefold(['wrong'])).code).to.equal(2);
    expect((await onefold([])).code).to.equal(2);
  });
});
