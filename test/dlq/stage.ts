import type { Checkpoint } from '../../src/dlq/checkpoint.ts';
import { noCheckpoint } from '../../src/dlq/checkpoint.ts';
import { createJudge } from '../../src/dlq/judge.ts';
import { openPass, type Pass, type PassEnding, type PassOptions } from '../../src/dlq/pass.ts';
import type { DeadLetterQueue } from '../../src/dlq/queue.ts';
import { type ReplayOptions, type ReplayReport, replay } from '../../src/dlq/replay.ts';
import type { Replayed } from '../../src/dlq/replay-letter.ts';
import { createSend } from '../../src/dlq/resend.ts';
import { handle } from '../../src/pipeline/handle.ts';
import { deadLetterOf } from '../../src/queue/dead-letter.ts';
import { toDelivery } from '../../src/queue/delivery.ts';
import { createScriptedStore, type ScriptedStore } from '../pipeline/scripted-store.ts';
import { createVirtualClock, type VirtualClock } from '../virtual-clock.ts';
import { createFakeSqs, type FakeMessage, type FakeSqs } from './fake-sqs.ts';

export const SOURCE = { url: 'fake:features', arn: 'arn:aws:sqs:eu-west-1:1:features' };
export const DEAD = { url: 'fake:features-dlq', arn: 'arn:aws:sqs:eu-west-1:1:features-dlq' };

/** A source queue, its dead-letter queue and both tables in memory, on a clock that stands still. */
export interface Stage {
  fake: FakeSqs;
  store: ScriptedStore;
  clock: VirtualClock;
  queue: DeadLetterQueue;
  /** Parks a message as the worker does. */
  park(body: string, reason?: 'invalid' | 'conflict', more?: Partial<FakeMessage> & { replays?: number }): FakeMessage;
  letters(): FakeMessage[];
  messages(): FakeMessage[];
  /** How often its replays' pace was told that SQS throttled or failed. */
  troubles: number;
  pass(options?: Partial<PassOptions>): Pass;
  /** Replays and gives back; `yes` does it. */
  replay(options?: Partial<ReplayOptions> & Doing): Promise<ReplayReport & PassEnding & { replayed: Replayed[] }>;
  /** Handles and settles everything that is in the source queue, as a worker would. */
  work(): Promise<void>;
}

interface Doing {
  yes?: boolean;
  verify?: boolean;
  checkpoint?: Checkpoint;
  pass?: Pass;
}

export function createStage({ fifo = false }: { fifo?: boolean } = {}): Stage {
  const clock = createVirtualClock();
  const fake = createFakeSqs({ now: clock.now, fifo });
  const store = createScriptedStore();
  const { sqs } = fake;
  const queue: DeadLetterQueue = {
    ...DEAD,
    fifo,
    retentionSeconds: 14 * 86_400,
    source: SOURCE,
    servedQueues: ['features'],
    movesOnAfter: undefined,
  };
  const random = () => 0;
  const never = new AbortController().signal;
  let minted = 0;
  const pipeline = { store, mint: () => `f${++minted}`, now: clock.now };

  const stage: Stage = {
    fake,
    store,
    clock,
    queue,
    letters: () => fake.queue(DEAD.url),
    messages: () => fake.queue(SOURCE.url),
    troubles: 0,
    park: (body, reason = 'invalid', { replays, ...more } = {}) => {
      const delivery = {
        ...{ messageId: `source of ${body}`, receiptHandle: '', body, attributes: {}, receiveCount: 1 },
        sentAt: new Date(clock.now()).toISOString(),
      };
      const { message } = deadLetterOf(
        { ...delivery, attributes: { onefold: { DataType: 'String', StringValue: JSON.stringify({ replays }) } } },
        { reason, detail: 'parked by a test' },
        { queue: SOURCE.arn, fifo, parkedAt: delivery.sentAt },
      );
      return fake.put(DEAD.url, { body, attributes: message.attributes, ...(fifo && { groupId: 'g' }), ...more });
    },
    pass: options => openPass({ sqs, queue, clock, random, signal: never, longPollSeconds: 0, ...options }),
    replay: async ({
      yes = false,
      verify = false,
      checkpoint = noCheckpoint,
      pass = stage.pass(),
      ...options
    } = {}) => {
      const { signal = never } = options;
      const replayed: Replayed[] = [];
      const pace = {
        ...{ turn: async () => signal.throwIfAborted(), rate: 1, slowed: undefined },
        trouble: () => void stage.troubles++,
      };
      const send = createSend({ sqs, queue, clock, random, onTrouble: pace.trouble });
      const report = await replay({
        ...{ pass, filter: {}, judge: createJudge({ store, now: clock.now }), force: false, fifo, clock, signal },
        commit: yes ? { send, pace, checkpoint, verify } : undefined,
        onLetter: one => replayed.push(one),
        ...options,
      });
      return { ...report, replayed, ...(await pass.end()) };
    },
    work: async () => {
      for (const message of fake.queue(SOURCE.url).splice(0)) {
        const delivery = toDelivery({
          ...{ MessageId: message.id, ReceiptHandle: '', Body: message.body, MessageAttributes: message.attributes },
          Attributes: message.groupId ? { MessageGroupId: message.groupId } : {},
        });
        const outcome = await handle(delivery, pipeline);
        if (outcome.kind !== 'conflict' && outcome.kind !== 'invalid') continue;
        const parkedAt = new Date(clock.now()).toISOString();
        const why = { reason: outcome.kind, detail: outcome.detail };
        const { message: letter } = deadLetterOf(delivery, why, { queue: SOURCE.arn, fifo, parkedAt });
        fake.put(DEAD.url, { ...letter, groupId: message.groupId });
      }
    },
  };
  return stage;
}

export const message = (clientFeatureId: string, payload: object = { name: clientFeatureId }): string =>
  JSON.stringify({ clientFeatureId, payload });

/** Stores a feature as a worker did before. */
export async function storeFeature(stage: Stage, body: string): Promise<void> {
  stage.fake.put(SOURCE.url, { body });
  await stage.work();
}

/** Time goes by, and a worker, if there is one, takes what arrives. */
export async function untilOver<T>(stage: Stage, running: Promise<T>, worker: boolean): Promise<T> {
  let over = false;
  const result = running.finally(() => {
    over = true;
  });
  result.catch(() => {});
  while (!over) {
    await stage.clock.advance(250);
    if (worker) await stage.work();
  }
  return result;
}
