import { clientFeatureIdOf, type Letter, type Reason } from './letter.ts';

/** What is not given lets every letter through. */
export interface Filter {
  reason?: Reason | undefined;
  /** Stands in the body or in the detail, letter by letter. */
  match?: string | undefined;
  /** The body's clientFeatureId. */
  id?: string | undefined;
  /** Sent to the dead-letter queue (those that SQS moved: to the source queue) at most so many milliseconds ago. */
  sinceMs?: number | undefined;
  limit?: number | undefined;
  /** By message id. */
  among?: ((messageId: string) => boolean) | undefined;
}

/**
 * The letters that the filter lets through; ends when the limit is reached.
 * @param options.onLeftOut how many of a batch it does not let through
 */
export async function* select(
  batches: AsyncIterable<Letter[]>,
  filter: Filter,
  { now, onLeftOut }: { now: () => number; onLeftOut?: ((letters: number) => void) | undefined },
): AsyncGenerator<Letter[], void, undefined> {
  const { limit = Number.POSITIVE_INFINITY, sinceMs } = filter;
  const sentAfter = sinceMs === undefined ? undefined : now() - sinceMs;
  let left = limit;
  if (left <= 0) return;
  for await (const batch of batches) {
    const chosen = batch.filter(letter => matches(letter, filter, sentAfter)).slice(0, left);
    left -= chosen.length;
    if (chosen.length < batch.length) onLeftOut?.(batch.length - chosen.length);
    if (chosen.length > 0) yield chosen;
    if (left <= 0) return;
  }
}

function matches(letter: Letter, { reason, match, id, among }: Filter, sentAfter: number | undefined): boolean {
  if (among && !among(letter.messageId)) return false;
  if (reason !== undefined && letter.reason !== reason) return false;
  if (sentAfter !== undefined && Date.parse(letter.sentAt) < sentAfter) return false;
  if (match !== undefined && !letter.body.includes(match) && !letter.detail.includes(match)) return false;
  // Last: it parses the body.
  return id === undefined || clientFeatureIdOf(letter.body) === id;
}

export const isNarrow = (filter: Filter): boolean => Object.values(filter).some(value => value !== undefined);
