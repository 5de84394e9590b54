import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { openCheckpoint } from '../../src/dlq/checkpoint.ts';
import { correctByPatch } from '../../src/dlq/correction.ts';
import { createStage, message, type Stage, storeFeature, untilOver } from './stage.ts';

/** More than any of these replays has. */
const MOST_CALLS = 200;

const WAYS = [
  { name: 'a replay', fifo: false, verify: false },
  { name: 'a replay that verifies', fifo: false, verify: true },
  { name: 'a replay that corrects', fifo: false, verify: false, correct: correctByPatch('{"payload":{"draft":null}}') },
  { name: 'a replay of a FIFO queue', fifo: true, verify: false },
];

describe('killed between any two calls,', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'onefold-crash-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** Letters of every kind; those that stay hold up no others of a FIFO group. */
  async function dress(fifo: boolean, draft = {}): Promise<{ stage: Stage; ids: string[]; stay: string[] }> {
    const stage = createStage({ fifo });
    await storeFeature(stage, message('stored'));
    await storeFeature(stage, message('contradicted'));
    stage.store.mappingOf.set('half', { clientFeatureId: 'half', featureId: 'f-half', createdAt: '' });
    const ids = [...Array.from({ length: 12 }, (_, n) => `new ${n}`), 'half', 'stored'];
    for (const id of ids) stage.park(message(id, { name: id, ...draft }));
    const stay = [message('contradicted', { other: true }), 'not json'];
    for (const body of stay) stage.park(body, 'invalid', fifo ? { groupId: body } : {});
    return { stage, ids, stay };
  }

  for (const { name, fifo, verify, correct } of WAYS) {
    for (const when of ['before', 'after'] as const) {
      it(`${name} loses no letter and stores none twice: the ${when === 'before' ? 'call' : 'answer'} is lost`, async () => {
        let survived = false;
        for (let fatal = 1; !survived; fatal++) {
          expect(fatal).to.be.below(MOST_CALLS);
          const { stage, ids, stay } = await dress(fifo, correct && { draft: true });
          const file = join(folder, String(fatal));
          const sends: string[] = [];
          let calls = 0;
          stage.fake.calls.length = 0;
          const die = (): void => {
            if (++calls >= fatal) throw new Error('killed');
          };
          stage.fake.before = when === 'before' ? die : () => void (calls >= fatal && die());
          stage.fake.after = (call, input) => {
            if (call === 'SendMessageBatch') {
              sends.push(...(input as { Entries: { MessageBody: string }[] }).Entries.map(one => one.MessageBody));
            }
            if (when === 'after') die();
          };
          stage.store.onCall = () => {
            if (calls >= fatal) throw new Error('killed');
          };

          const options = { yes: true, verify, ...(correct && { correct }) };
          const doomed = openCheckpoint(file);
          const first = stage.replay({ ...options, checkpoint: doomed });
          await untilOver(stage, first, false);
          survived = calls < fatal;
          doomed.close(false);

          stage.fake.before = () => {};
          stage.fake.after = (call, input) => {
            if (call !== 'SendMessageBatch') return;
            sends.push(...(input as { Entries: { MessageBody: string }[] }).Entries.map(one => one.MessageBody));
          };
          stage.store.onCall = () => {};
          await stage.clock.advance(121_000);
          const checkpoint = openCheckpoint(file);
          const { complete, unfinished } = await untilOver(
            stage,
            stage.replay({ ...options, checkpoint }),
            verify || correct !== undefined,
          );
          checkpoint.close(complete && unfinished === 0);
          await stage.work();

          const where = `killed at call ${fatal}`;
          for (const id of ids) expect(stage.store.mappingOf.has(id), `${where}: ${id}`).to.equal(true);
          expect(stage.store.featureOf.size, where).to.equal(stage.store.mappingOf.size);
          expect([...new Set(stage.letters().map(({ body }) => body))], where).to.have.members(stay);
          expect(stage.messages(), where).to.deep.equal([]);
          const often = Object.values(Object.groupBy(sends, body => body)).map(all => all?.length ?? 0);
          expect(Math.max(...often), where).to.be.at.most(when === 'before' ? 1 : 2);
          expect(existsSync(file), where).to.equal(false);
        }
      });
    }
  }

  it('two operators who replay at once lose nothing and store nothing twice', async () => {
    const { stage, ids, stay } = await dress(false);
    for (let n = 0; n < 300; n++) stage.park(message(`more ${n}`));
    const file = join(folder, 'both');
    const checkpoints = [openCheckpoint(file), openCheckpoint(file)];
    const replays = checkpoints.map(checkpoint => stage.replay({ yes: true, checkpoint }));
    const [one, other] = await untilOver(stage, Promise.all(replays), true);
    await stage.work();
    expect((one?.totals.sent ?? 0) + (other?.totals.sent ?? 0)).to.equal(313); // all but the stored one
    for (const id of ids) expect(stage.store.mappingOf.has(id), id).to.equal(true);
    expect(stage.store.featureOf.size).to.equal(stage.store.mappingOf.size);
    expect(stage.letters().map(({ body }) => body)).to.have.members(stay);
    for (const checkpoint of checkpoints) checkpoint.close(true);
  });
});
