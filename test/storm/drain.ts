import { countItems, countMessages } from '../../src/demo/truth.ts';
import type { Field } from './field.ts';
import type { Scene } from './storm.ts';

const LOOK_EVERY_MS = 500;
/** Counting a table reads all of it. */
const COUNT_EVERY_MS = 3_000;
/** An emulator's counts are exact; those of SQS itself settle after a while. */
const EMPTY_LOOKS = 3;
/**
 * Nothing that is waited for takes so long: an outage takes a minute, a frozen worker seven seconds, an emulator's long
 * poll for a worker that is gone twenty. Only a message that was postponed seven times might.
 */
const STANDSTILL_MS = 90_000;

/**
 * Shows how far it is until the queue is empty.
 * @param on.complete whether everything has been sent and has arrived
 * @returns false when nothing moves any more
 */
export async function untilDrained(
  on: Scene & { field: Field; sent: () => number; complete: () => boolean },
): Promise<boolean> {
  const { stack, screen, clock, signal, field } = on;
  let [emptyLooks, last, movedAt, stored, countAt] = [0, '', clock.now(), 0, clock.now()];
  while (emptyLooks < EMPTY_LOOKS) {
    await clock.sleep(LOOK_EVERY_MS, signal);
    const { visible, hidden } = await countMessages(stack.sqs, stack.queueUrl);
    if (clock.now() >= countAt) {
      stored = await countItems(stack.dynamodb, stack.names.featuresTable);
      countAt = clock.now() + COUNT_EVERY_MS;
    }
    screen.reached({ sent: on.sent(), stored, workers: field.fleet.running() });
    emptyLooks = on.complete() && visible + hidden === 0 ? emptyLooks + 1 : 0;
    const now = [on.sent(), stored, visible, hidden].join();
    if (now !== last) movedAt = clock.now();
    last = now;
    if (clock.now() - movedAt > STANDSTILL_MS) return false;
  }
  return true;
}
