import { styleText } from 'node:util';
import { plainTable } from '../../src/cli/plain-table.ts';
import type { Verdict } from '../../src/demo/verdict.ts';
import type { DeadLetters } from './dead-letters.ts';

/** What happened to the messages that were sent while one fault lasted. */
export interface Phase {
  fault: string;
  seconds: number;
  sent: number;
  /** Receives beyond the first of each message. */
  receivedAgain: number;
  /** The most receives that one message needed; SQS gives up after ten. */
  most: number;
}

const FAULTS_SHOWN = 20;

export function renderReport(phases: Phase[], deadLetters: DeadLetters, { figures, faults }: Verdict): string {
  const right = 'right' as const;
  const table = plainTable({
    head: ['while', 'seconds', 'sent', 'received again', 'most receives'],
    colAligns: ['left', right, right, right, right],
  });
  for (const { fault, seconds, sent, receivedAgain, most } of phases) {
    table.push([fault, seconds.toFixed(0), sent, receivedAgain, most]);
  }
  const { parked } = figures;
  const truth = plainTable({ colAligns: ['left', right] });
  truth.push(
    ['messages sent', figures.sent],
    ['features sent', figures.features],
    ['features stored', figures.featuresStored],
    ['features stored twice', figures.storedTwice],
    ['in the dead-letter queue: invalid', parked.invalid],
    ['in the dead-letter queue: conflict', parked.conflict],
    ['in the dead-letter queue: exhausted', parked.exhausted],
    ['messages left in the queue', figures.leftInQueue],
    ['lost', figures.lost],
  );
  const triage = plainTable({ colAligns: ['left', right] });
  triage.push(
    ['then, by onefold dlq: letters', deadLetters.letters],
    ['corrected, and stored', deadLetters.corrected],
    ['in conflict, and resolved', deadLetters.resolved],
    ["moved to the queue by SQS's own redrive", deadLetters.moved],
  );
  return `\n${table}\n\n${truth}\n\n${triage}\n\n${renderVerdict(faults)}`;
}

function renderVerdict(faults: string[]): string {
  if (faults.length === 0)
    return styleText('green', '✔ every feature stored once, nothing lost, no dead letter too many');
  const shown = faults.slice(0, FAULTS_SHOWN).map(fault => `  ${fault}`);
  const more = faults.length > FAULTS_SHOWN ? [`  ... and ${faults.length - FAULTS_SHOWN} more`] : [];
  return [styleText('red', `✘ ${faults.length} wrong:`), ...shown, ...more].join('\n');
}
