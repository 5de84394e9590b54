import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import { message, takeAll } from '../stored.ts';
import { until } from '../worker-process.ts';
import { createCommandStage } from './command-stage.ts';
import { park } from './dead-letters.ts';

const PROGRAM = new URL('./replay-process.ts', import.meta.url).pathname;
const LETTERS = 90;
const KILLS = 2;

describe('replays as processes', function () {
  this.timeout(60_000);

  it('lose no letter when they are killed at any moment, two at once, and go on where they left off', async () => {
    const stage = await createCommandStage();
    const { queue, env, folder } = stage;
    const bodies = Array.from({ length: LETTERS }, (_, n) => message(`killed ${n}`));
    await park(
      queue,
      bodies.map(body => ({ body })),
    );
    const start = (operator: string, perSecond: number) => {
      const args = [PROGRAM, join(folder, operator), String(perSecond)];
      return spawn(process.execPath, args, { env: { PATH: process.env.PATH, ...env } });
    };

    for (let kill = 0; kill < KILLS; kill++) {
      const operators = [start('one', 40), start('two', 40)];
      await Promise.all(
        operators.map(async child => {
          const ended = once(child, 'close');
          await Promise.race([once(child.stderr, 'data'), ended]);
          await delay(Math.random() * 400);
          child.kill('SIGKILL');
          await ended;
        }),
      );
    }
    // Those of the killed come back within two seconds, and are met by one of these.
    const replayBoth = async () => {
      const operators = [start('one', 1_000), start('two', 1_000)];
      const totals = await Promise.all(operators.map(async child => JSON.parse(await text(child.stdout))));
      expect(totals.map(({ stopped }) => stopped)).to.deep.equal([undefined, undefined]);
    };
    await until(async () => {
      await replayBoth();
      const { visible, hidden } = await stage.deadLetters();
      return visible + hidden === 0;
    }, 'every letter is replayed');

    const sent = (await takeAll(queue, queue.queueUrl)).map(({ Body }) => Body);
    expect(new Set(sent)).to.deep.equal(new Set(bodies));
    // Killed between a send and its line in the checkpoint: a batch of ten, of each process that was killed.
    expect(sent.length).to.be.at.most(LETTERS + KILLS * 2 * 10);
    await replayBoth(); // each sees now that nothing is left
    expect(['one', 'two'].filter(operator => existsSync(join(folder, operator)))).to.deep.equal([]);
    stage.strike();
  });
});
