import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { MEASURES } from '../../bench/figures.ts';

const run = promisify(execFile);
const main = fileURLToPath(new URL('../../bench/main.ts', import.meta.url));

describe('npm run bench', function () {
  this.timeout(60_000);

  it('measures real workers in processes of their own, and counts what they stored', async () => {
    const argv = '--only onefold,unsafe-batch --messages 300 --duplicates 0.5 --rounds 1 --json'.split(' ');
    const { stdout } = await run(process.execPath, [main, ...argv]);
    const { contenders, ratios } = JSON.parse(stdout);
    expect(contenders).to.have.all.keys('onefold', 'unsafe-batch');
    expect(ratios).to.have.all.keys('onefold', 'unsafe-batch');
    for (const name of ['onefold', 'unsafe-batch']) {
      expect(contenders[name]).to.have.all.keys(...MEASURES, 'stored', 'storedTwice', 'lost');
      for (const measure of MEASURES) expect(contenders[name][measure], `${name} ${measure}`).to.be.a('number');
    }
    expect(contenders.onefold).to.include({ stored: 150, storedTwice: 0, lost: 0 });
    expect(contenders['unsafe-batch'].stored).to.equal(150);
    expect(contenders['unsafe-batch'].storedTwice).to.be.above(0);
    expect(contenders.onefold.clientCpuMicrosPerMessage).to.be.within(50, 20_000);
    expect(contenders.onefold.dynamodbRequestsPer1000).to.be.above(0);
  });

  it('soaks, and leaves a CSV and a plot', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'onefold-bench-'));
    try {
      const out = join(folder, 'soak');
      const argv = `--soak 0.05 --rate 50 --out ${out} --json`.split(' ');
      const { stdout } = await run(process.execPath, [main, ...argv]);
      const { sent, stored, lost } = JSON.parse(stdout);
      expect(sent).to.be.above(50);
      expect({ stored, lost }).to.deep.equal({ stored: sent, lost: 0 });
      expect((await readFile(`${out}.csv`, 'utf8')).trim().split('\n')).to.have.length(2);
      expect(await readFile(`${out}.svg`, 'utf8')).to.include('<polyline');
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
