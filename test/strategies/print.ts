import { styleText } from 'node:util';
import Table from 'cli-table3';
import { tell } from '../explorer/shortest.ts';
import type { Cost } from './cost.ts';
import { FLAWS, type Flaw } from './flaws.ts';
import { BOUNDS, type Verdict } from './judge.ts';

/** What `--json` prints for each design. */
export function plainly({ design, flaws, newMessage, duplicate }: Verdict) {
  return {
    name: `${design.number}. ${design.name}`,
    storesTwice: flaws.storesTwice !== undefined,
    loses: flaws.loses !== undefined,
    sticks: flaws.sticks !== undefined,
    assumes: design.assumes,
    newRequests: newMessage.requests,
    newWriteUnits: newMessage.writeUnits,
    duplicateRequests: duplicate.requests,
    duplicateWriteUnits: duplicate.writeUnits,
  };
}

/** Within 120 columns. */
export function renderTable(verdicts: Verdict[]): string {
  const table = new Table({
    head: ['', 'design', 'stores\ntwice', 'loses', 'sticks', 'own\nid', 'new\nreq/WU', 'dup.\nreq/WU', 'assumes'],
    colWidths: [4, 28, 8, 7, 8, 5, 8, 8, 34],
    wordWrap: true,
    style: { head: [], border: [] },
  });
  const cost = ({ requests, writeUnits }: Cost) => `${requests} / ${writeUnits}`;
  for (const { design, flaws, newMessage, duplicate } of verdicts) {
    table.push([
      design.number,
      design.name,
      ...(Object.keys(FLAWS) as Flaw[]).map(flaw => (flaws[flaw] ? styleText('red', 'yes') : 'no')),
      design.ownId ? 'yes' : styleText('red', 'no'),
      cost(newMessage),
      cost(duplicate),
      design.assumes,
    ]);
  }
  const schedules = verdicts.reduce((sum, verdict) => sum + verdict.schedules, 0).toLocaleString('en-US');
  return [
    String(table),
    'req/WU: DynamoDB requests and write units for one message and, a minute later, its duplicate; items of up to 1 KB.',
    `Each "yes" is a schedule that was found (--show 4 prints those of design 4); for each "no" all were run: ${schedules}.`,
    BOUNDS,
  ].join('\n');
}

/** The shortest schedule for each flaw of a design, as numbered steps. */
export async function renderStories({ design, flaws, schedules }: Verdict): Promise<string> {
  const parts = [styleText('bold', `${design.number}. ${design.name}`), `assumes: ${design.assumes}`];
  for (const flaw of Object.keys(FLAWS) as Flaw[]) {
    const found = flaws[flaw];
    if (found === undefined) continue;
    const { steps, violation } = await tell(design.subject, FLAWS[flaw], found);
    parts.push('', ...steps.map((step, i) => `${String(i + 1).padStart(3)}. ${step}`), `     => ${violation}`);
  }
  if (Object.values(flaws).every(found => found === undefined)) {
    parts.push(
      '',
      `No schedule stores twice, loses or sticks: all ${schedules.toLocaleString('en-US')} were run.`,
      BOUNDS,
    );
  }
  return parts.join('\n');
}
