import type { Clock } from './clock.ts';

/**
 * Group commit: many callers, each with one item, share requests that carry many.
 *
 * A request leaves at once while few are under way, and fills up while others are: nothing waits at low load, and under
 * load the waiting itself makes the batches full.
 */
export interface GroupCommit<Item, Answer> {
  maxItems: number;
  /** Upper bound on the sum of `sizeOf` in one request; an item larger than that travels alone. */
  maxBytes: number;
  sizeOf(item: Item): number;
  /** Two items of one key never share a request: the later one waits for the next. */
  keyOf(item: Item): string;
  /** A request with room left leaves only while fewer than this many are under way; a full one always leaves. */
  partialsAtOnce: number;
  /** Where given, a request with room left leaves at the earliest `ms` after the last: what that was part of may fill it. */
  apart?: { ms: number; clock: Pick<Clock, 'now' | 'sleep'> };
  /** Answers in the order of the items. A rejection is every caller's rejection. */
  commit(items: Item[]): Promise<Answer[]>;
  /** Defers the look at what is waiting until this turn's promises are settled, so that callers woken together travel together. */
  soon(task: () => void): void;
}

interface Waiting<Item, Answer> {
  item: Item;
  key: string;
  bytes: number;
  resolve(answer: Answer): void;
  reject(error: unknown): void;
}

export function groupCommit<Item, Answer>(options: GroupCommit<Item, Answer>): (item: Item) => Promise<Answer> {
  const { maxItems, maxBytes, partialsAtOnce, apart, commit, soon } = options;
  let waiting: Waiting<Item, Answer>[] = [];
  let underWay = 0;
  let scheduled = false;
  let leftAt = Number.NEGATIVE_INFINITY;
  let lingering = false;

  function schedule(): void {
    if (scheduled) return;
    scheduled = true;
    soon(() => {
      scheduled = false;
      sendWhatMayLeave();
    });
  }

  function sendWhatMayLeave(): void {
    while (waiting.length > 0) {
      const { batch, rest, full } = fill(waiting, maxItems, maxBytes);
      if (!full && (underWay >= partialsAtOnce || tooClose())) return;
      waiting = rest;
      underWay++;
      leftAt = apart?.clock.now() ?? 0;
      void send(batch);
    }
  }

  /** Then it is looked at again when the time is over. */
  function tooClose(): boolean {
    if (!apart) return false;
    const ms = leftAt + apart.ms - apart.clock.now();
    if (ms > 0 && !lingering) {
      lingering = true;
      void apart.clock.sleep(ms).then(() => {
        lingering = false;
        schedule();
      });
    }
    return ms > 0;
  }

  async function send(batch: Waiting<Item, Answer>[]): Promise<void> {
    try {
      const answers = await commit(batch.map(({ item }) => item));
      batch.forEach(({ resolve }, i) => {
        resolve(answers[i] as Answer);
      });
    } catch (error) {
      for (const { reject } of batch) reject(error);
    } finally {
      underWay--;
      schedule();
    }
  }

  return item =>
    new Promise((resolve, reject) => {
      waiting.push({ item, key: options.keyOf(item), bytes: options.sizeOf(item), resolve, reject });
      schedule();
    });
}

/** The first request that the waiting items make, the rest in their order, and whether the request has no room left. */
function fill<W extends { key: string; bytes: number }>(waiting: W[], maxItems: number, maxBytes: number) {
  const batch: W[] = [];
  const passedOver: W[] = [];
  const keys = new Set<string>();
  let bytes = 0;
  let full = false;
  let at = 0;
  for (; at < waiting.length && !full; at++) {
    const next = waiting[at] as W;
    if (keys.has(next.key)) {
      passedOver.push(next);
    } else if (batch.length > 0 && bytes + next.bytes > maxBytes) {
      full = true;
      break;
    } else {
      batch.push(next);
      keys.add(next.key);
      bytes += next.bytes;
      full = batch.length === maxItems;
    }
  }
  return { batch, rest: passedOver.concat(waiting.slice(at)), full };
}
