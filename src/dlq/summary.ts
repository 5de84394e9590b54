import type { Letter, Reason } from './letter.ts';
import type { DeadLetterQueue } from './queue.ts';
import { nameOf } from './queue.ts';
import { shapeOf } from './shape.ts';

/** A detail is a sentence of ours with a few variables; a queue of strangers' letters must not fill the memory. */
const MOST_SHAPES = 500;
const OTHER_SHAPES = '(other details)';
const NO_DETAIL = '(no detail)';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Upper bounds, each with its name. */
const AGES = [
  ['under an hour', HOUR],
  ['an hour to a day', DAY],
  ['1 to 3 days', 3 * DAY],
  ['3 to 7 days', 7 * DAY],
  ['over 7 days', Number.POSITIVE_INFINITY],
] as const;

export interface Summary {
  /** Name of the dead-letter queue. */
  queue: string;
  source: string;
  /** Letters of our queue, and those of unknown origin. */
  letters: number;
  reasons: Record<Reason, number>;
  /** Largest first; `detail` stands for all of its shape, `example` is one of them. */
  details: { reason: Reason; detail: string; count: number; example: string }[];
  /** Youngest first, empty ones left out. Of a letter that SQS moved, since it was first sent. */
  ages: { age: string; count: number }[];
  /** ISO 8601 UTC; `expiresAt` is when the queue's retention ends. */
  oldest: { sentAt: string; expiresAt: string } | undefined;
  newest: { sentAt: string } | undefined;
  /** How many letters were replayed how often. */
  replays: Record<string, number>;
  /** Letters of another queue, by its name: counted here and nowhere else. */
  otherQueues: Record<string, number>;
  /** Among `letters`: nothing tells which queue they came from. */
  unknownOrigin: number;
  /** Why there may be more letters than these. */
  partial: string[];
}

/** Takes letters one by one and keeps only counts. */
export function summarise(queue: DeadLetterQueue, now: number) {
  const shapes = new Map<string, Summary['details'][number]>();
  const ages = new Map<string, number>();
  const summary: Summary = {
    queue: nameOf(queue.arn),
    source: nameOf(queue.source.arn),
    letters: 0,
    reasons: { invalid: 0, conflict: 0, exhausted: 0 },
    details: [],
    ages: [],
    oldest: undefined,
    newest: undefined,
    replays: {},
    otherQueues: {},
    unknownOrigin: 0,
    partial: [],
  };

  function add(letter: Letter): void {
    if (letter.origin === 'other') {
      increment(summary.otherQueues, nameOf(letter.originArn ?? ''));
      return;
    }
    summary.letters++;
    if (letter.origin === 'unknown') summary.unknownOrigin++;
    summary.reasons[letter.reason]++;
    increment(summary.replays, String(letter.replays));
    addDetail(letter);
    const sentAt = Date.parse(letter.sentAt);
    const age = AGES.find(([, most]) => now - sentAt < most)?.[0] ?? '';
    ages.set(age, (ages.get(age) ?? 0) + 1);
    if (!summary.oldest || letter.sentAt < summary.oldest.sentAt) {
      const expiresAt = new Date(sentAt + queue.retentionSeconds * 1_000).toISOString();
      summary.oldest = { sentAt: letter.sentAt, expiresAt };
    }
    if (!summary.newest || letter.sentAt > summary.newest.sentAt) summary.newest = { sentAt: letter.sentAt };
  }

  function addDetail({ reason, detail }: Letter): void {
    const shape = detail === '' ? NO_DETAIL : shapeOf(detail);
    const known = shapes.size < MOST_SHAPES || shapes.has(`${reason} ${shape}`);
    const shown = known ? shape : OTHER_SHAPES;
    const group = shapes.get(`${reason} ${shown}`) ?? { reason, detail: shown, count: 0, example: detail };
    group.count++;
    shapes.set(`${reason} ${shown}`, group);
  }

  return {
    add,
    summary: (partial: string[]): Summary => ({
      ...summary,
      details: [...shapes.values()].sort((a, b) => b.count - a.count || (a.detail < b.detail ? -1 : 1)),
      ages: AGES.flatMap(([age]) => (ages.has(age) ? [{ age, count: ages.get(age) ?? 0 }] : [])),
      partial,
    }),
  };
}

function increment(counts: Record<string, number>, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1;
}
