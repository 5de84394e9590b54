import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { ChangeMessageVisibilityCommand, ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { expect } from 'chai';
import { CommandFailed, OperatorMistake } from '../../src/errors.ts';
import { findDynoxide } from '../../src/local/dynoxide.ts';
import { joinLocal, type LocalBackends } from '../../src/local/join.ts';
import { type HostRecord, readRecord, writeRecord } from '../../src/local/record.ts';
import { setUp } from '../../src/setup/setup.ts';
import { dynamodbClient, sqsClient } from '../backends.ts';

describe('the embedded backends of a folder', () => {
  let home: string;
  const members: ChildProcess[] = [];
  const joined: LocalBackends[] = [];
  const strangers: Server[] = [];

  beforeEach(() => {
    home = join(mkdtempSync(join(tmpdir(), 'onefold-local-')), '.onefold');
  });

  afterEach(async () => {
    for (const member of members.splice(0)) member.kill('SIGKILL');
    for (const local of joined.splice(0)) await local.leave();
    for (const stranger of strangers.splice(0)) stranger.close();
    const record = readRecord(home);
    if (record) await untilOver(record);
    rmSync(join(home, '..'), { recursive: true });
  });

  it('are one for two processes that start at the same moment, and listen on 127.0.0.1 alone', async () => {
    const [one, other] = await Promise.all([startMember(), startMember()]);

    expect(one.env).to.deep.equal(other.env);
    const record = recordOf(home);
    expect(record).to.include({ sqsEndpoint: one.env.AWS_ENDPOINT_URL_SQS });
    for (const port of portsOf(record)) {
      expect(await accepts('127.0.0.1', port)).to.equal(true);
      // What listens on every interface answers here too.
      expect(await accepts('127.0.0.2', port)).to.equal(false);
    }
  });

  it('have one host: another for the same folder ends at once and changes nothing', async () => {
    await joinHere();
    const record = recordOf(home);
    const another = spawnProgram('../../src/local/host.ts');
    const [code] = await once(another, 'close');
    expect(code).to.equal(0);
    expect(recordOf(home)).to.deep.equal(record);
  });

  it('keep messages and items when the last process leaves, and use the same ports again', async () => {
    const first = await joinHere();
    const names = await setUpIn(first);
    const { url, sqs, dynamodb } = clientsOf(first);
    const Key = { featureId: { S: 'f1' } };
    await dynamodb.send(new PutItemCommand({ TableName: names.featuresTable, Item: Key }));
    await sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: '{"name":"Zürich 🏔"}' }));
    const [given] = await receive(first);
    const back = { QueueUrl: url, ReceiptHandle: given?.ReceiptHandle, VisibilityTimeout: 0 };
    await sqs.send(new ChangeMessageVisibilityCommand(back));
    const record = recordOf(home);
    await first.leave();
    await untilOver(record);

    const second = await joinHere();
    expect(second.env).to.deep.equal(first.env);
    const [message] = await receive(second);
    expect(message?.Body).to.equal('{"name":"Zürich 🏔"}');
    expect(message?.Attributes?.ApproximateReceiveCount).to.equal('2');
    const { Item } = await dynamodb.send(new GetItemCommand({ TableName: names.featuresTable, Key }));
    expect(Item).to.deep.equal(Key);
  });

  it('name the ports of the current run in queue URLs when the old ones are taken', async () => {
    const first = await joinHere();
    await setUpIn(first);
    await first.leave();
    const record = recordOf(home);
    await untilOver(record);
    await startStranger(Number(new URL(record.sqsEndpoint).port));

    const second = await joinHere();
    expect(second.sqsEndpoint).not.to.equal(first.sqsEndpoint);
    expect((await setUpIn(second)).queueUrl).to.equal(second.env.ONEFOLD_QUEUE_URL);
  });

  it('stop by themselves when every process that used them was killed', async () => {
    const processes = await Promise.all([startMember(), startMember()]);
    const record = recordOf(home);
    for (const { child } of processes) child.kill('SIGKILL');

    await untilOver(record);
    for (const port of portsOf(record)) await until(async () => !(await accepts('127.0.0.1', port)), `${port} is free`);
    expect(recordOf(home).pid).to.equal(record.pid);
  });

  it('leave no store behind when their host and all its users are killed', async () => {
    const { child } = await startMember();
    const record = recordOf(home);
    child.kill('SIGKILL');
    process.kill(record.pid, 'SIGKILL');

    for (const port of portsOf(record)) await until(async () => !(await accepts('127.0.0.1', port)), `${port} is free`);
  });

  it('come back under the same addresses when their host is killed in the middle of work', async () => {
    const lines: string[] = [];
    const local = await joinHere({ say: line => lines.push(line) });
    const { created } = await setUpIn(local);
    const { pid } = recordOf(home);
    process.kill(pid, 'SIGKILL');
    await until(async () => lines.includes('the local backends were started again'), 'the backends are back');

    expect(recordOf(home).pid).not.to.equal(pid);
    expect((await setUpIn(local)).existed).to.have.members(created);
  });

  it('are found again by a process that joins while the last host is ending', async () => {
    // These joins fall before, about and after the end of the last host.
    for (const pause of [0, 5, 10, 20, 40]) {
      const local = await joinHere();
      await local.leave();
      await delay(pause);
    }
    const local = await joinHere();
    expect(await setUpIn(local)).to.include({ queueUrl: local.env.ONEFOLD_QUEUE_URL });
  });

  it('are not looked for at a stranger who took the port of a host that is gone', async () => {
    const controlPort = await startStranger(0);
    const first = await joinHere();
    const record = recordOf(home);
    await first.leave();
    await untilOver(record);
    writeRecord(home, { ...record, controlPort });

    await joinHere();
    expect(recordOf(home).controlPort).not.to.equal(controlPort);
  });

  it('start afresh when their record is damaged', async () => {
    const first = await joinHere();
    const record = recordOf(home);
    await first.leave();
    await untilOver(record);
    writeFileSync(join(home, 'backends.json'), '{"pid":');

    await joinHere();
    expect(recordOf(home).token).not.to.equal(record.token);
  });

  it('run on dynalite where told to, with single writes, and say so', async () => {
    const { env, stderr } = await startMember({ ONEFOLD_LOCAL_DYNAMODB: 'dynalite' });
    expect(env.ONEFOLD_WRITES).to.equal('single');
    expect(stderr()).to.equal('ONEFOLD_LOCAL_DYNAMODB=dynalite: using dynalite with single writes (slower)\n');

    const lines: string[] = [];
    const local = await joinHere({ say: line => lines.push(line) });
    const { featuresTable } = await setUpIn(local);
    const Item = { featureId: { S: 'f1' } };
    await clientsOf(local).dynamodb.send(new PutItemCommand({ TableName: featuresTable, Item }));
    expect(lines).to.have.length(1);
    expect(existsSync(join(home, 'dynalite'))).to.equal(true);
    const record = recordOf(home);
    await local.leave();
    members.pop()?.kill('SIGKILL');
    await untilOver(record);

    const again = await joinHere({ dynamodb: 'dynalite', say: () => {} });
    const found = await clientsOf(again).dynamodb.send(new GetItemCommand({ TableName: featuresTable, Key: Item }));
    expect(found.Item).to.deep.equal(Item);
  });

  if (findDynoxide()) {
    it('end, and are started again, when the store dies', async () => {
      const lines: string[] = [];
      await joinHere({ say: line => lines.push(line) });
      const { pid } = recordOf(home);
      process.kill(childOf(childOf(pid)), 'SIGKILL');
      await until(async () => lines.includes('the local backends were started again'), 'the backends are back');

      expect(readFileSync(join(home, 'backends.log'), 'utf8')).to.match(/dynoxide ended \(137\)/);
    });

    it('name their log when the store cannot use its files', async () => {
      const first = await joinHere();
      const record = recordOf(home);
      await first.leave();
      await untilOver(record);
      writeFileSync(join(home, 'dynamodb.db'), 'not a database');

      const failure = await joinHere({ dynamodb: 'dynoxide' }).catch(error => error);
      expect(failure).to.be.instanceOf(CommandFailed);
      expect(failure.message).to.include('not a valid SQLite database').and.to.include(join(home, 'backends.log'));
    });
  }

  it('are refused with a hint in a folder that cannot be written', async () => {
    const file = join(home, '..', 'file');
    writeFileSync(file, '');
    const failure = await joinLocal(join(file, '.onefold')).catch(error => error);
    expect(failure).to.be.instanceOf(OperatorMistake).with.property('hint');
    expect(failure.message).to.include(file);
  });

  it('are refused with a hint where the emulators are not installed', async () => {
    const child = spawnMember({ NODE_OPTIONS: withoutPackage('fauxqs') });
    let stderr = '';
    child.stderr?.on('data', text => {
      stderr += text;
    });
    await once(child, 'close');
    expect(stderr).to.include('OperatorMistake: --local needs the embedded backends, and they are not installed');
  });

  it('fall back to dynalite where npm has no dynoxide for the platform, and say how to get it', async () => {
    const NODE_OPTIONS = withoutPackage('@dynoxide/');
    const { env, stderr } = await startMember({ NODE_OPTIONS, PATH: '/bin' });
    expect(env.ONEFOLD_WRITES).to.equal('single');
    expect(stderr()).to.match(/^no dynoxide binary for \S+: using dynalite with single writes \(slower\); .*\n$/);
  });

  async function joinHere(options: Parameters<typeof joinLocal>[1] = {}): Promise<LocalBackends> {
    const local = await joinLocal(home, options);
    joined.push(local);
    return local;
  }

  /** Something else on a port of ours: it greets everybody. */
  async function startStranger(port: number): Promise<number> {
    const stranger = createServer(socket => void socket.end('welcome\n')).listen(port, '127.0.0.1');
    strangers.push(stranger);
    await once(stranger, 'listening');
    const address = stranger.address();
    return typeof address === 'object' && address ? address.port : 0;
  }

  const spawnMember = (env: Record<string, string> = {}) => spawnProgram('./member.ts', env);

  function spawnProgram(file: string, env: Record<string, string> = {}): ChildProcess {
    const program = fileURLToPath(new URL(file, import.meta.url));
    const child = spawn(process.execPath, [program, home], { env: { ...process.env, ...env } });
    members.push(child);
    return child;
  }

  async function startMember(env: Record<string, string> = {}) {
    const child = spawnMember(env);
    let stderr = '';
    child.stderr?.on('data', text => {
      stderr += text;
    });
    const line = await new Promise<string>((resolve, reject) => {
      child.stdout?.once('data', data => resolve(String(data)));
      child.once('close', () => reject(new Error(stderr)));
    });
    return { child, env: JSON.parse(line) as Record<string, string>, stderr: () => stderr };
  }
});

/** For NODE_OPTIONS: packages whose names begin so are as good as not installed. */
function withoutPackage(name: string): string {
  const hooks = `import { registerHooks } from 'node:module';
    registerHooks({ resolve: (name, context, next) => next(name.startsWith('${name}') ? 'not-there' : name, context) });`;
  return `--import=data:text/javascript,${encodeURIComponent(hooks)}`;
}

function recordOf(home: string): HostRecord {
  const record = readRecord(home);
  if (!record) throw new Error(`no backends.json in ${home}`);
  return record;
}

function clientsOf({ sqsEndpoint, dynamodbEndpoint, env }: LocalBackends) {
  return {
    url: env.ONEFOLD_QUEUE_URL,
    sqs: sqsClient(sqsEndpoint),
    dynamodb: dynamodbClient(dynamodbEndpoint),
  };
}

async function setUpIn(local: LocalBackends) {
  const { sqs, dynamodb } = clientsOf(local);
  const names = { queueName: 'onefold', idempotencyTable: 'onefold-idempotency', featuresTable: 'onefold-features' };
  return { ...(await setUp({ sqs, dynamodb, ...names })), ...names };
}

async function receive(local: LocalBackends) {
  const { sqs, url } = clientsOf(local);
  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({ QueueUrl: url, MessageSystemAttributeNames: ['All'] }),
  );
  return Messages;
}

const portsOf = (record: HostRecord): number[] => [
  record.controlPort,
  Number(new URL(record.sqsEndpoint).port),
  Number(new URL(record.dynamodbEndpoint).port),
];

function accepts(host: string, port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(port, host);
    socket.setTimeout(1_000, () => socket.destroy(new Error('no answer')));
    socket.once('error', () => resolve(false));
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
  });
}

/** It takes the host some milliseconds: a second would be a fault, five allow for a busy machine. */
const untilOver = ({ pid }: HostRecord) => until(async () => !isRunning(pid), `host ${pid} is gone`);

async function until(holds: () => Promise<boolean>, what: string): Promise<void> {
  for (const end = Date.now() + 5_000; !(await holds()); await delay(20)) {
    if (Date.now() > end) throw new Error(`in vain waited until ${what}`);
  }
}

/** A process that has ended, but whose parent has not asked yet, still has an id. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !(existsSync(`/proc/${pid}/stat`) && readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z '));
  } catch {
    return false;
  }
}

function childOf(pid: number): number {
  const list = `/proc/${pid}/task/${pid}/children`;
  const children = existsSync(list)
    ? readFileSync(list, 'utf8')
    : execFileSync('pgrep', ['-P', String(pid)], { encoding: 'utf8' });
  return Number(children.trim().split(/\s/)[0]);
}
