import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { parse } from '../../src/pipeline/message.ts';
import { onefold } from '../command.ts';
import { until } from '../worker-process.ts';

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

describe('onefold demo', () => {
  let demo: ChildProcess;
  const start = (...args: string[]) => {
    const child = spawn(process.execPath, [main, 'demo', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    demo = child;
    return child;
  };
  afterEach(() => {
    demo.kill('SIGKILL');
  });

  /** The worker that is left running stores what they send. */
  async function tryDeadLetterCommands(environment: Record<string, string>): Promise<void> {
    const dlq = async (...args: string[]) =>
      JSON.parse((await onefold(['dlq', ...args, '--json'], environment)).out.trimEnd().split('\n').at(-1) ?? '');
    // A letter whose worker was killed before it deleted the message is there twice.
    expect((await dlq('summary')).letters).to.be.at.least(15);
    const patch = '{"clientFeatureId":"corrected","priority":null}';
    const checkpoint = join(tmpdir(), `onefold-demo-${demo.pid}.checkpoint`);
    const replay = await dlq('replay', '--match', '"priority"', '--edit', patch, '--yes', '--checkpoint', checkpoint);
    expect(replay).to.include({ left: 0, failed: 0 });
    expect(replay.deleted).to.be.at.least(1);
  }

  it('kills a worker, finds every feature stored once and every message accounted for, and is left running with --keep', async function () {
    // Seven processes start and five seconds of visibility pass: twice as long on a machine with little time to spare.
    this.timeout(60_000);
    const { stdout, stderr } = start('--features', '200', '--json', '--keep');
    const progress = text(stderr);
    const [printed] = await once(createInterface(stdout), 'line');
    const { reported, environment, ...truth } = JSON.parse(printed);
    expect(truth).to.deep.equal({
      sent: 314,
      features: 200,
      featuresStored: 200,
      repeats: 99,
      storedTwice: 0,
      parked: { invalid: 9, conflict: 6, exhausted: 0 },
      leftInQueue: 0,
      lost: 0,
      faults: [],
    });
    expect(reported.workers.map(({ ended }: { ended: string }) => ended)).to.deep.equal([
      'stopped',
      'killed',
      'stopped',
      'stopped',
    ]);
    expect(reported.received).to.be.within(200, 700);
    expect(reported.created + reported.recovered).to.be.within(100, 200);
    // On given backends the rest of what is needed stands in the shell already.
    await tryDeadLetterCommands({ ...(process.env as Record<string, string>), ...environment });
    demo.kill('SIGINT');
    await once(demo, 'close');
    expect(await progress).to.match(/two producers send 314 messages/);
    expect(demo.exitCode).to.equal(0);
    const { AWS_ENDPOINT_URL_SQS: own } = environment;
    if (own) expect(await fetch(own).catch(error => error.message)).to.equal('fetch failed');
  });

  it('prints its good messages, so that other workers can be fed with them', async () => {
    const { stdout } = start('--feed', '--features', '100');
    const lines = (await text(stdout)).split('\n').slice(0, -1);
    const ids = new Set(lines.map(line => JSON.parse(line).clientFeatureId));
    expect(ids.size).to.equal(100);
    expect(lines.length).to.equal(156);
    expect(lines.filter(line => !parse(line).ok)).to.deep.equal([]);
  });

  for (const signal of ['SIGINT', 'SIGKILL'] as const) {
    it(`leaves no worker running after ${signal}`, async () => {
      const { stderr } = start();
      let said = '';
      stderr.setEncoding('utf8').on('data', (more: string) => {
        said += more;
      });
      await until(() => /they receive: processes [\d, ]+\n/.test(said), 'the workers receive');
      const pids =
        said
          .match(/processes ([\d, ]+)/)?.[1]
          ?.split(', ')
          .map(Number) ?? [];
      expect(pids.filter(isAlive)).to.have.length(3);
      demo.kill(signal);
      await once(demo, 'close');
      await until(() => !pids.some(isAlive), 'the workers have ended');
      if (signal === 'SIGINT') expect(said).to.match(/error: stopped by SIGINT; nothing is left running/);
    });
  }
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
