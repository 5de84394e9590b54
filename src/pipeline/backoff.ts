/** SQS allows 12 hours of visibility in all; a quarter of an hour keeps a failing message within an operator's sight. */
const LONGEST_SECONDS = 900;

/**
 * How long a failed message stays away: full jitter over 2, 4, 8 … 900 seconds.
 * @param receiveCount 1 on the first delivery
 * @param random from 0 up to 1
 * @returns whole seconds
 */
export function postponeSeconds(receiveCount: number, random: () => number): number {
  return Math.floor(random() * (Math.min(LONGEST_SECONDS, 2 * 2 ** (receiveCount - 1)) + 1));
}
