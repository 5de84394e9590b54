import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { backendsEnvironment } from '../src/local/backends.ts';
import { startDynalite } from '../src/local/dynalite.ts';
import { startFauxqs } from '../src/local/fauxqs.ts';
import { onFreePort } from '../src/local/free-port.ts';
import { until } from './worker-process.ts';

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const freePort = () => onFreePort(undefined, async port => port);

describe('setup before its backends are up', () => {
  async function setup(seconds: number, ports: { sqs: number; dynamodb: number }) {
    const env = backendsEnvironment({
      sqsEndpoint: `http://127.0.0.1:${ports.sqs}`,
      dynamodbEndpoint: `http://127.0.0.1:${ports.dynamodb}`,
      writes: 'single',
    });
    const child = spawn(process.execPath, [MAIN, 'setup', '--wait', String(seconds)], {
      env: { PATH: process.env.PATH, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let err = '';
    child.stderr.setEncoding('utf8').on('data', (more: string) => {
      err += more;
    });
    const ended = Promise.all([text(child.stdout), once(child, 'close')]).then(([out, [code]]) => ({ code, out }));
    return { said: () => err, ended };
  }

  it('names what it waits for every few seconds, and gives up with exit code 1', async () => {
    const { said, ended } = await setup(5, { sqs: await freePort(), dynamodb: await freePort() });
    expect((await ended).code).to.equal(1);
    const lines = said().trim().split('\n');
    expect(lines.filter(line => /^waiting: DynamoDB does not answer/.test(line))).to.have.length(2);
    expect(lines.at(-1)).to.match(/^error: gave up after 5 s: DynamoDB does not answer/);
  });

  it('names the one that is still missing, and makes everything when that is there too', async () => {
    const ports = { sqs: await freePort(), dynamodb: await freePort() };
    const { said, ended } = await setup(25, ports);
    await until(() => /waiting: DynamoDB/.test(said()), 'it waits for DynamoDB');
    const dynamodb = await startDynalite({ port: ports.dynamodb });
    try {
      await until(() => /waiting: SQS/.test(said()), 'it waits for SQS');
      const sqs = await startFauxqs({ port: ports.sqs });
      try {
        const { code, out } = await ended;
        expect(out).to.match(/queue onefold-dlq\n.*queue onefold\n/);
        expect(code).to.equal(0);
      } finally {
        await sqs.stop();
      }
    } finally {
      await dynamodb.stop();
    }
  });
});
