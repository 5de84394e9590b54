import type { Command } from 'commander';
import { toArchive } from '../../dlq/archive.ts';
import { type Compared, compare } from '../../dlq/differences.ts';
import { createJudge, type Verdict } from '../../dlq/judge.ts';
import type { Letter } from '../../dlq/letter.ts';
import type { Pass } from '../../dlq/pass.ts';
import { CommandFailed, OperatorMistake } from '../../errors.ts';
import { parse } from '../../pipeline/message.ts';
import type { Feature } from '../../store/port.ts';
import type { Exit } from '../command.ts';
import { withLocal } from '../connect.ts';
import { printJson } from '../json.ts';
import { renderLetter } from './letter-page.ts';
import { printNotes } from './screen.ts';
import { withDeadLetters } from './session.ts';

/** As SQS writes a message's id in full. */
const WHOLE_ID = 36;

/** Everything that is known of one letter. */
export interface Shown {
  letter: Letter;
  verdict: Verdict;
  /** What the table holds under the letter's client id. */
  stored?: Feature | undefined;
  compared: Compared[];
}

export function addShow(dlq: Command, exit: Exit): void {
  withLocal(dlq.command('show'))
    .description('one letter: its body, its attributes, its history, and beside a conflict what is stored')
    .argument('<messageId>', 'or its beginning, as `dlq list` shows it')
    .option('--json', 'one object on standard output, with the whole body')
    .action((id: string, options: { local?: boolean; json?: boolean }) =>
      withDeadLetters(options, exit, async ({ store, clock, signal, look }) => {
        const { value: letter, partial } = await look(pass => find(pass, id));
        signal.throwIfAborted();
        if (!letter) {
          printNotes(partial);
          throw new CommandFailed(`there is no letter ${id} in the dead-letter queue`);
        }
        const verdict = await createJudge({ store, now: clock.now })(letter);
        const stored = 'featureId' in verdict ? await store.readFeature(verdict.featureId) : undefined;
        const message = parse(letter.body);
        const compared = stored && message.ok ? compare(message.feature.payload, stored.payload) : [];
        if (options.json)
          printJson({ ...toArchive(letter), verdict, stored, differences: differing(compared) }, { pretty: false });
        else console.log(renderLetter({ letter, verdict, stored, compared }));
      }),
    );
}

/** A whole id is found as soon as it is met; of a beginning, one must know that it is the only one. */
async function find(pass: Pass, id: string): Promise<Letter | undefined> {
  const found: Letter[] = [];
  for await (const batch of pass.letters()) {
    found.push(...batch.filter(({ messageId }) => messageId.startsWith(id)));
    if (found.length > 0 && id.length === WHOLE_ID) return found[0];
    if (found.length > 1) {
      const ids = found.map(({ messageId }) => messageId);
      throw new OperatorMistake(`several letters begin with ${id}`, `give more of it: ${ids.join(' or ')}`);
    }
  }
  return found[0];
}

const differing = (compared: Compared[]) =>
  compared.flatMap(({ member, letter, stored, differs }) => (differs ? [{ member, letter, stored }] : []));
