import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { openBackends } from './backends.ts';
import { type Property, probeAll } from './property.ts';
import { renderMarkdown } from './render.ts';
import { missing, observe } from './sections.ts';

/** The cells of Markdown tables, as "backend: property" with what was observed. */
function cellsOf(markdown: string): Record<string, string> {
  const cells: Record<string, string> = {};
  let backends: string[] = [];
  for (const line of markdown.split('\n').filter(line => line.startsWith('| '))) {
    const [property = '', , ...texts] = line.slice(2, -2).split(' | ');
    if (property === 'stores' || property === 'queues') backends = texts;
    else for (const [i, backend] of backends.entries()) cells[`${backend}: ${property}`] = texts[i] ?? '';
  }
  return cells;
}

describe('conformance of the backends', () => {
  it('finds all that a worker relies on in the embedded ones, and else what the page says of them', async () => {
    const backends = await openBackends({ stores: [], queues: [] });
    try {
      const sections = await observe(backends);
      expect(missing(sections)).to.deep.equal([]);
      const page = readFileSync(new URL('README.md', import.meta.url), 'utf8');
      expect(cellsOf(page)).to.deep.include(cellsOf(sections.map(renderMarkdown).join('\n')));
    } finally {
      await backends.stop();
    }
  });

  it('misses what does not hold only where a worker relies on it, and takes an error for a no', async () => {
    const needed: Property<boolean> = {
      name: 'needed',
      reliedOnBy: 'batch writes',
      probe: async holds => {
        if (!holds) throw new TypeError();
        return { holds };
      },
    };
    const note: Property<boolean> = { name: 'note', probe: async holds => ({ holds }) };
    const subjects = [
      { name: 'good', place: true, reliants: ['batch writes' as const] },
      { name: 'poor', place: false, reliants: ['batch writes' as const] },
      { name: 'modest', place: false, reliants: ['single writes' as const] },
    ];
    const rows = await probeAll(subjects, [note, needed], { together: true });
    expect(rows.map(({ property, cells }) => [property, ...cells.map(({ verdict }) => verdict)])).to.deep.equal([
      ['needed', 'holds', 'missing', 'lacks'],
      ['note', 'holds', 'lacks', 'lacks'],
    ]);
    expect(missing([{ title: 'stores', backends: subjects.map(({ name }) => name), rows }])).to.deep.equal([
      'poor: not so: needed (TypeError); relied on by batch writes',
    ]);
  });
});
