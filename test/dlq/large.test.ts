import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect } from 'chai';

const PROGRAM = new URL('./large-process.ts', import.meta.url).pathname;
const METER = new URL('./peak-memory.ts', import.meta.url).pathname;

describe('a pass over 100,000 letters', function () {
  this.timeout(60_000);

  it('holds no bodies and stays under 200 MB; npm run dlq:large shows it on a queue', async () => {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, ['--import', METER, PROGRAM, '100000']);
    expect(JSON.parse(stdout)).to.include({ letters: 100_000 });
    expect(Number(stderr)).to.be.within(20, 200);
  });
});
