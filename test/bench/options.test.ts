import { expect } from 'chai';
import { CommanderError } from 'commander';
import { NAMES } from '../../bench/contenders/index.ts';
import { readOptions } from '../../bench/options.ts';

describe('the options of the bench', () => {
  it('measure everything by default, in three rounds of one worker', () => {
    const options = readOptions([]);
    expect(options.mode).to.deep.equal({ kind: 'compare' });
    expect(options.contenders).to.deep.equal([...NAMES]);
    expect(options.rounds).to.equal(3);
    expect(options.workload).to.include({ duplicates: 0, payloadBytes: 600, workers: 1, redelivered: false });
  });

  it('take what is asked for', () => {
    const argv = '--messages 50 --duplicates 0.25 --payload 900 --rounds 5 --workers 2 --json'.split(' ');
    const options = readOptions(argv);
    expect(options.workload).to.include({ messages: 50, duplicates: 0.25, payloadBytes: 900, workers: 2 });
    expect(options).to.include({ rounds: 5, json: true });
  });

  it('run the chosen contenders in the usual order, each once', () => {
    expect(readOptions(['--only', 'receive-delete,onefold,onefold']).contenders).to.deep.equal([
      'onefold',
      'receive-delete',
    ]);
  });

  it('measure 1, 2 and 4 workers under latency, unless a number is given', () => {
    expect(readOptions(['--latency', '10']).mode).to.deep.equal({ kind: 'latency', delayMs: 10, workers: [1, 2, 4] });
    expect(readOptions(['--latency', '10', '--workers', '3']).mode).to.deep.include({ workers: [3] });
  });

  it('soak onefold alone for any part of a minute', () => {
    const { mode, contenders } = readOptions(['--soak', '0.5', '--rate', '100', '--out', 'elsewhere']);
    expect(mode).to.deep.equal({ kind: 'soak', minutes: 0.5, rate: 100, out: 'elsewhere' });
    expect(contenders).to.deep.equal(['onefold']);
  });

  for (const argv of [
    '--messages 0',
    '--messages many',
    '--duplicates 1.5',
    '--duplicates=-0.1',
    '--payload 1',
    '--rounds 0',
    '--only onefold,nobody',
    '--soak 0',
    '--latency 10 --soak 1',
    '--unknown',
  ]) {
    it(`refuse ${argv}`, () => {
      expect(silently(() => readOptions(argv.split(' ')))).to.be.instanceOf(CommanderError);
    });
  }
});

/** commander says on standard error what is wrong. */
function silently(read: () => unknown): unknown {
  const { write } = process.stderr;
  process.stderr.write = () => true;
  try {
    return read();
  } catch (error) {
    return error;
  } finally {
    process.stderr.write = write;
  }
}
