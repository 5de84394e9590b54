import { styleText } from 'node:util';
import type { Compared } from '../../dlq/differences.ts';
import type { Verdict } from '../../dlq/judge.ts';
import { nameOf } from '../../dlq/queue.ts';
import { canonicalForm } from '../../pipeline/payload-hash.ts';
import type { MessageAttribute } from '../../queue/port.ts';
import type { JsonValue } from '../../store/port.ts';
import { plainTable } from '../plain-table.ts';
import { bold, columns, dim, shown, trimmed } from './screen.ts';
import type { Shown } from './show.ts';

/** A body may have a megabyte; `--json` prints all of it. */
const BODY_SHOWN = 2_000;
/** A detail's length, and more than that of a group id. */
const FACT_SHOWN = 600;
const FACT_WIDTH = 17;
const MEMBERS_SHOWN = 40;
const VALUE_WIDTH = 60;

/** One letter as text, all that strangers wrote escaped and cut. */
export function renderLetter({ letter, verdict, stored, compared }: Shown): string {
  const { body, note, system } = letter;
  const width = columns();
  const facts = plainTable({
    wordWrap: true,
    wrapOnWordBoundary: false, // else what is longer than the column is cut, such as a hash
    ...(width && { colWidths: [FACT_WIDTH, Math.max(width - FACT_WIDTH, 20)] }),
  });
  const fact = (name: string, value: string | number | undefined) => {
    if (value !== undefined && value !== '') facts.push([name, shown(String(value), FACT_SHOWN)]);
  };
  fact('reason', letter.reason);
  fact('detail', letter.detail);
  fact('now', MEANING[verdict.kind]);
  if ('detail' in verdict && verdict.detail !== letter.detail) fact('', verdict.detail);
  fact('from queue', letter.originArn === undefined ? 'unknown' : nameOf(letter.originArn));
  fact('first sent', note.sentAt ?? letter.sentAt);
  fact('parked', note.parkedAt && `${note.parkedAt}, at receive ${note.receiveCount ?? 'unknown'} there`);
  fact('receives here', `${letter.receiveCount}, each look counted`);
  fact('replayed', letter.replays > 0 ? `${letter.replays} times` : undefined);
  fact('original id', note.messageId);
  fact('group', letter.groupId);
  fact('trace', system.AWSTraceHeader);

  const attributes = plainTable();
  for (const [name, value] of Object.entries(letter.attributes)) {
    attributes.push([
      shown(name, 30),
      value.DataType,
      shown(attributeText(value), Math.max((columns() ?? 400) - 45, 20)),
    ]);
  }

  const cut =
    body.length > BODY_SHOWN ? [dim(`... ${body.length - BODY_SHOWN} more characters: --json prints all of it`)] : [];
  return [
    `${bold('letter')} ${letter.messageId}`,
    trimmed(facts),
    ...(Object.keys(letter.attributes).length > 0 ? ['', bold('Attributes'), trimmed(attributes)] : []),
    '',
    bold('Body'),
    shown(body, BODY_SHOWN),
    ...cut,
    ...(stored
      ? ['', `${bold('Stored')} as feature ${stored.featureId} since ${stored.createdAt}`, ...renderCompared(compared)]
      : []),
  ].join('\n');
}

const MEANING: Record<Verdict['kind'], string> = {
  wouldCreate: 'a replay would create the feature',
  wouldFinish: 'a replay would finish the feature, whose id is fixed already',
  alreadyStored: 'stored already, with the same payload: a replay deletes the letter',
  stillConflict: 'another payload is stored: a replay leaves it',
  stillInvalid: 'still breaks the contract: a replay leaves it',
  failed: 'the tables could not be asked',
};

function renderCompared(compared: Compared[]): string[] {
  const width = Math.min(Math.floor(((columns() ?? 160) - 26) / 2), VALUE_WIDTH);
  const table = plainTable({ colWidths: [4, 22, width, width] });
  table.push(['', '', bold('this letter'), bold('stored')]);
  // Those that differ are what one looks for.
  const inOrder =
    compared.length > MEMBERS_SHOWN ? compared.toSorted((a, b) => Number(b.differs) - Number(a.differs)) : compared;
  for (const { member, letter, stored, differs } of inOrder.slice(0, MEMBERS_SHOWN)) {
    const mark = differs ? styleText('yellow', '≠') : '';
    table.push([mark, shown(member, 20), valueText(letter, width - 3), valueText(stored, width - 3)]);
  }
  const more = compared.length > MEMBERS_SHOWN ? [dim(`... ${compared.length - MEMBERS_SHOWN} more members`)] : [];
  return [trimmed(table), ...more];
}

/** In one order of members, so that equal values look equal. */
const valueText = (value: JsonValue | undefined, width: number): string =>
  value === undefined ? '(none)' : shown(canonicalForm(value), width);

const attributeText = ({ StringValue, BinaryValue }: MessageAttribute): string =>
  StringValue ?? `${Buffer.from(BinaryValue ?? []).toString('base64')} (base64)`;
