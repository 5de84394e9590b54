import type { Letter } from './letter.ts';

/** Twice what fills the requests that letters share. */
const LETTERS_AT_ONCE = 200;
/** In characters: a body may have a million. */
const BODIES_AT_ONCE = 10_000_000;

/**
 * Works on many letters at once, but on those of one FIFO group one after the other, in their order; when one of them
 * did not get through, those behind it stay behind it.
 *
 * A FIFO queue hands out a group's next letters only when those before are deleted: there each batch is finished before
 * the next is asked for.
 * @param signal no work begins after it
 * @param work resolves with whether the letters behind may go on
 * Rejects with the first error of `work`, or of the batches, when nothing is under way any more.
 */
export async function eachLetter(
  batches: AsyncIterable<Letter[]>,
  { fifo, signal }: { fifo: boolean; signal: AbortSignal },
  work: (letter: Letter) => Promise<boolean>,
): Promise<void> {
  const underWay = new Set<Promise<void>>();
  const failures: unknown[] = [];
  let bodies = 0;
  let onEnd = () => {};

  async function inOrder(lane: Letter[]): Promise<void> {
    for (const letter of lane) if (signal.aborted || !(await work(letter))) return;
  }

  function start(lane: Letter[]): void {
    const size = lane.reduce((sum, { body }) => sum + body.length, 0);
    bodies += size;
    const one = inOrder(lane)
      .catch((error: unknown) => void failures.push(error))
      .finally(() => {
        bodies -= size;
        underWay.delete(one);
        onEnd();
      });
    underWay.add(one);
  }

  /** Not a race between all that are under way: asked for every letter, it would leave much garbage at each. */
  const nextEnd = () =>
    new Promise<void>(resolve => {
      onEnd = resolve;
    });

  try {
    for await (const batch of batches) {
      const lanes = fifo ? [...Map.groupBy(batch, ({ groupId }) => groupId).values()] : batch.map(letter => [letter]);
      for (const lane of lanes) {
        while (underWay.size >= LETTERS_AT_ONCE || bodies >= BODIES_AT_ONCE) await nextEnd();
        if (failures.length > 0) break;
        start(lane);
      }
      if (fifo) await Promise.all(underWay);
      if (failures.length > 0) break;
    }
  } finally {
    await Promise.all(underWay);
  }
  if (failures.length > 0) throw failures[0];
}
