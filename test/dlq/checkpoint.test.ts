import { appendFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { openCheckpoint } from '../../src/dlq/checkpoint.ts';

describe('the checkpoint of a replay', () => {
  let folder: string;
  let file: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'onefold-checkpoint-'));
    file = join(folder, 'deep', 'replay.checkpoint');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('knows after a kill what was sent, and under which body', () => {
    const killed = openCheckpoint(file);
    killed.add('a', 'body');
    killed.add('b', 'body');
    const next = openCheckpoint(file);
    expect(next.has('b', 'body')).to.equal(true);
    expect(next.has('a', 'body')).to.equal(true);
    expect(next.has('a', 'another body')).to.equal(false);
    expect(next.has('c', 'body')).to.equal(false);
    next.close(false);
    killed.close(false);
    expect(existsSync(file)).to.equal(true);
  });

  it('survives a line that a kill tore', () => {
    const first = openCheckpoint(file);
    first.add('a', 'body');
    first.close(false);
    appendFileSync(file, 'b 12');
    const second = openCheckpoint(file);
    expect(second.has('a', 'body')).to.equal(true);
    second.add('c', 'body');
    second.close(false);
    const third = openCheckpoint(file);
    expect(third.has('c', 'body')).to.equal(true);
    third.close(true);
    expect(existsSync(file)).to.equal(false);
  });

  it('is removed when the replay is complete, unless another one writes to it', () => {
    const one = openCheckpoint(file);
    const other = openCheckpoint(file);
    one.add('a', 'body');
    other.add('b', 'body');
    one.close(true);
    expect(existsSync(file)).to.equal(true);
    other.close(false);
    const last = openCheckpoint(file);
    expect(last.has('b', 'body')).to.equal(true);
    last.close(true);
    expect(existsSync(file)).to.equal(false);
  });
});
