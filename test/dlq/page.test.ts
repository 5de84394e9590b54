import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { PAGE, printBlocks, withBlocks } from './page.ts';

/** What differs from run to run: ids, times, ages, which letters stand for the others, and the order of all. */
function essence(page: string): string[] {
  return page
    .replaceAll(/^ {11,}.*$/gm, '(one of them)')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z?/g, '(time)')
    .replaceAll(/[0-9a-f]{8}(-[0-9a-f-]{27})?/g, '(id)')
    .replaceAll(/(as|,) feature [\w-]{21}/g, '$1 feature (id)')
    .replaceAll(/\b\d+ (seconds?|minutes?|days)/g, '(age)')
    .replaceAll(/ +/g, ' ')
    .split('```')
    .map(part => part.split('\n').sort().join('\n'));
}

describe('the page about the dead-letter queue', function () {
  this.timeout(90_000);

  it('shows what the commands print; npm run docs:dlq brings it up to date', async () => {
    const page = readFileSync(PAGE, 'utf8');
    expect(essence(page)).to.deep.equal(essence(withBlocks(page, await printBlocks())));
  });
});
