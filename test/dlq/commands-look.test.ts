import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect } from 'chai';
import { Command } from 'commander';
import { filterFrom, withFilters } from '../../src/cli/dlq/filter-options.ts';
import { addDlq } from '../../src/cli/dlq.ts';
import { OperatorMistake } from '../../src/errors.ts';
import { message } from '../stored.ts';
import { type CommandStage, createCommandStage, objectsIn } from './command-stage.ts';
import { park } from './dead-letters.ts';

const MAIN = new URL('../../src/main.ts', import.meta.url).pathname;
const OTHER = 'arn:aws:sqs:us-east-1:000000000000:orders';

describe('onefold dlq, looking', function () {
  this.timeout(60_000);
  let stage: CommandStage;

  beforeEach(async () => {
    stage = await createCommandStage();
  });
  afterEach(() => stage.strike());

  it('summary counts them, and gives all back', async () => {
    await park(stage.queue, [
      { body: '{', detail: 'not JSON: at 1' },
      { body: '[', detail: 'not JSON: at 27' },
      { body: message('a'), reason: 'conflict', detail: 'another' },
      { body: message('b'), queue: OTHER },
    ]);
    const json = await stage.dlq('summary', '--json');
    expect(JSON.parse(json.out)).to.deep.include({
      ...{ letters: 3, unknownOrigin: 0, otherQueues: { orders: 1 }, partial: [] },
      reasons: { invalid: 2, conflict: 1, exhausted: 0 },
    });
    expect(JSON.parse(json.out).details[0]).to.include({ detail: 'not JSON: at N', count: 2 });
    expect(await stage.deadLetters()).to.deep.equal({ visible: 4, hidden: 0 });
    expect(json.code).to.equal(0);
  });

  it('list finds, and show compares a conflict with what is stored', async () => {
    await stage.store(message('shown', { name: 'A', same: 1 }));
    const body = message('shown', { name: 'B', same: 1 });
    await park(stage.queue, [{ body, reason: 'conflict' }, { body: '{' }, { body: message('b') }]);
    const letters = objectsIn((await stage.dlq('list', '--reason', 'conflict', '--id', 'shown', '--json')).out);
    expect(letters).to.have.length(1);
    expect(letters[0]).to.include({ reason: 'conflict', clientFeatureId: 'shown', origin: 'ours', replays: 0 });
    const { messageId } = letters[0];
    const json = JSON.parse((await stage.dlq('show', messageId.slice(0, 8), '--json')).out);
    expect(json).to.deep.include({ body, differences: [{ member: '/name', letter: 'B', stored: 'A' }] });
    expect(json.history).to.include({ reason: 'conflict', receiveCount: 1 });
    const missing = await stage.dlq('show', 'no-such-letter');
    expect(missing.code).to.equal(1);
    expect(missing.err).to.match(/^error: there is no letter no-such-letter/m);
  });

  it('lets no escape sequence reach the terminal, and cuts what is long', async () => {
    const escapes = '\u009b2J\u007f\u202e';
    const body = `{"clientFeatureId":"\\u001b[31m${escapes}","payload":{"text":"${'*'.repeat(900_000)}"}}`;
    const attributes = { note: { DataType: 'String', StringValue: escapes } };
    await park(stage.queue, [{ body, detail: `why: ${escapes}`, attributes }]);
    const list = (await stage.dlq('list')).out;
    const [id = ''] = list.match(/^ {2}[0-9a-f-]{36}/m) ?? [];
    const show = (await stage.dlq('show', id.trim())).out;
    const replay = (await stage.dlq('replay', '--edit', '{"x":1}')).out;
    for (const out of [list, show, replay]) {
      expect(out).not.to.include('\u202e');
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it is about
      expect(out).not.to.match(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
      expect(out.length).to.be.within(50, 10_000);
    }
  });

  it('gives its letters back at Ctrl-C, and when nobody reads on', async () => {
    await park(
      stage.queue,
      Array.from({ length: 600 }, (_, n) => ({ body: message(String(n)) })),
    );
    for (const end of ['SIGINT', 'close'] as const) {
      const env = { PATH: process.env.PATH, ...stage.env };
      const child = spawn(process.execPath, [MAIN, 'dlq', 'export'], { env, stdio: ['ignore', 'pipe', 'ignore'] });
      await once(child.stdout, 'data');
      if (end === 'close') child.stdout.destroy();
      else child.kill(end);
      child.stdout.resume();
      const [code] = await once(child, 'close');
      expect(code, end).to.equal(1);
      expect(await stage.deadLetters(), end).to.deep.equal({ visible: 600, hidden: 0 });
    }
  });
});

describe('onefold dlq understands', () => {
  it('every filter', () => {
    const args = '--reason conflict --match text --id 06037 --since 90m --limit 5'.split(' ');
    const command = withFilters(new Command()).parse(args, { from: 'user' });
    const filter = { reason: 'conflict', match: 'text', id: '06037', sinceMs: 5_400_000, limit: 5 };
    expect(filterFrom(command.opts())).to.deep.equal(filter);
  });

  it('--json and --local on every command, and --dry-run where it is the default', () => {
    const program = new Command();
    addDlq(program, { with: () => {}, now: () => {} });
    const commands = program.commands[0]?.commands ?? [];
    expect(commands.map(command => command.name()).join()).to.equal('summary,list,show,replay,resolve,export,cancel');
    for (const command of commands) {
      const options = command.options.map(({ long }) => long);
      expect(options, command.name()).to.include.members(['--json', '--local']);
      expect(options.includes('--dry-run'), command.name()).to.equal(options.includes('--yes'));
    }
  });
});

describe('onefold dlq explains', () => {
  const wrong: [string, RegExp][] = [
    ['list --reason tired', /"tired" is no reason/],
    ['list --since fortnight', /"fortnight" is not a duration/],
    ['list --limit 0', /"0" is not a number of letters/],
    ['replay --edit {', /the patch is not JSON/],
    ['replay --edit {} --from x', /--edit and --from both correct bodies/],
    ['replay --rate 0', /"0" is not a rate/],
    ['replay --via gcp', /--via gcp is not known/],
    ['replay --via aws --id x --verify', /does not go with --id and --verify/],
    ['replay --via aws --rate 501', /SQS moves 1 to 500 letters a second/],
    ['resolve --accept mine', /--accept mine is not known/],
  ];
  for (const [args, explanation] of wrong) {
    it(`what is wrong with ${args}, before it connects to anything`, async () => {
      const program = new Command().exitOverride();
      addDlq(program, { with: () => {}, now: () => {} });
      const mistake = await program.parseAsync(['dlq', ...args.split(' ')], { from: 'user' }).catch(error => error);
      expect(mistake).to.be.instanceOf(OperatorMistake);
      expect(mistake.message).to.match(explanation);
    });
  }
});
