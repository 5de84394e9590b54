import { styleText } from 'node:util';
import { clientFeatureIdOf } from '../../dlq/letter.ts';
import { type DeadLetterQueue, nameOf } from '../../dlq/queue.ts';
import type { ReplayReport, ReplayTotals } from '../../dlq/replay.ts';
import type { Replayed } from '../../dlq/replay-letter.ts';
import type { Staying } from '../../dlq/replay-rules.ts';
import { jsonLine } from '../json.ts';
import { bold, columns, dim, letters, printNotes, shown } from './screen.ts';

/** Letters shown of each kind. */
const SAMPLE = 3;

const KINDS = [
  ['wouldCreate', 'would create'],
  ['wouldFinish', 'would finish a half-done one'],
  ['alreadyStored', 'already stored'],
  ['stillConflict', 'still a conflict'],
  ['stillInvalid', 'still invalid'],
  ['otherQueue', 'of another queue'],
] as const satisfies [keyof ReplayTotals, string][];

const STAYING: Record<Staying, string> = {
  otherQueue: 'of another queue',
  unknownOrigin: 'nothing tells which queue they came from; --force takes them',
  replayedOften: 'replayed three times and back again; --force takes them',
  stillConflict: 'another payload is stored; `dlq resolve` decides',
  stillInvalid: 'they break the contract; --edit or --from corrects',
  uncorrectable: 'the patch does not apply; --from corrects in a file',
  notJudged: 'the tables could not be asked about them',
  notStored: 'sent, but not stored in the time; the same command looks again',
  refused: 'SQS refused them',
};

/** Shows a replay: each letter as it comes with --json, else totals and a sample at the end. */
export function createReplayScreen(options: { yes: boolean; json: boolean }) {
  const { yes, json } = options;
  const samples = new Map<string, string[][]>();
  const staying = new Map<Staying, number>();
  let count = 0;
  let sentBefore = 0;
  let wouldAct = 0;

  function keepSample(replayed: Replayed): void {
    const kind = replayed.verdict ?? 'otherQueue';
    const sample = samples.get(kind) ?? [];
    if (sample.length < SAMPLE) samples.set(kind, [...sample, describe(replayed)]);
  }

  function end({ totals, cameBack }: ReplayReport, queue: DeadLetterQueue): void {
    if (json) console.log(jsonLine(totals));
    else printTotals(totals, nameOf(queue.source.arn));
    if (cameBack > 0) printNotes([`${letters(cameBack)} that this replay had sent came back already, and stay`]);
    if (sentBefore > 0) printNotes([`${letters(sentBefore)} had been sent by an interrupted replay: not sent again`]);
  }

  function printTotals(totals: ReplayTotals, source: string): void {
    console.log(
      yes ? bold(`Replay to ${source}`) : bold(`Dry run of a replay to ${source}: nothing is sent or deleted`),
    );
    console.log(`${letters(totals.examined)} examined`);
    for (const [kind, name] of KINDS) {
      if (kind === 'otherQueue' && totals.otherQueue === 0) continue;
      console.log(`${number(totals[kind]).padStart(9)}  ${name}`);
      for (const line of samples.get(kind)?.flat() ?? []) console.log(line);
    }
    if (yes) console.log(`\n${result(totals)}`);
    for (const [why, stay] of staying) {
      if (why !== 'otherQueue') console.log(`${letters(stay)} ${yes ? 'left' : 'to be left'}: ${STAYING[why]}`);
    }
    if (!yes) {
      const does =
        wouldAct > 0 ? 'The same command with --yes does it.' : 'With --yes nothing would be sent or deleted.';
      console.log(`\n${does}`);
    }
  }

  return {
    count: () => count,
    letter: (replayed: Replayed) => {
      count++;
      if (replayed.sentBefore) sentBefore++;
      if (replayed.action === 'send' || replayed.action === 'delete') wouldAct++;
      if (replayed.why) staying.set(replayed.why, (staying.get(replayed.why) ?? 0) + 1);
      if (json) console.log(jsonLine(toJson(replayed)));
      else keepSample(replayed);
    },
    end,
  };
}

function toJson({ letter, verdict, action, why, detail, correctedBody, sentBefore }: Replayed): object {
  const { messageId, body, reason, replays } = letter;
  const correction = correctedBody === undefined ? {} : { before: body, after: correctedBody };
  return {
    messageId,
    clientFeatureId: clientFeatureIdOf(body),
    reason,
    replays,
    verdict,
    action,
    why,
    detail,
    sentBefore,
    ...correction,
  };
}

function describe({ letter, detail, correctedBody }: Replayed): string[] {
  const width = (columns() ?? 200) - 1;
  const id = clientFeatureIdOf(correctedBody ?? letter.body);
  const about = [letter.messageId.slice(0, 8), id, detail ?? letter.detail].filter(Boolean).join('  ');
  const line = dim(`           ${shown(about, width - 11)}`);
  if (correctedBody === undefined) return [line];
  const [before, after] = [letter.body, correctedBody].map(body => shown(body, width - 20));
  return [line, `             before ${before}`, `             after  ${after}`];
}

function result({ sent, deleted, left, failed }: ReplayTotals): string {
  const text = `${number(sent)} sent, ${number(deleted)} deleted here, ${number(left)} left`;
  return failed > 0 ? styleText('red', `✘ ${text}, ${number(failed)} failed`) : styleText('green', `✔ ${text}`);
}

const number = (count: number): string => count.toLocaleString('en');
