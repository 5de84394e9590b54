/** Runs what `start` starts until the last is done; when one fails, the others are ended and waited for. */
export async function together(ends: AbortSignal, start: (signal: AbortSignal) => Promise<unknown>[]): Promise<void> {
  const failing = new AbortController();
  const underWay = start(AbortSignal.any([ends, failing.signal]));
  try {
    await Promise.all(underWay);
  } finally {
    failing.abort();
    await Promise.allSettled(underWay);
  }
}
