import { SingleBar } from 'cli-progress';
import type { Clock } from '../../clock.ts';
import { duration } from '../../duration.ts';
import type { Progress } from '../progress.ts';

const BAR_EVERY_MS = 500;
const LINE_EVERY_MS = 10_000;

/**
 * A bar on standard error with rate and time left, or, where that is no terminal, a line every ten seconds.
 * @param options.remark what slows it down just now
 */
export function startReplayProgress(options: {
  total: number;
  clock: Clock;
  remark: () => string | undefined;
}): Progress {
  const { total, clock, remark } = options;
  const startedAt = clock.now();
  let done = 0;
  const figures = () => {
    const seconds = Math.max((clock.now() - startedAt) / 1_000, 0.001);
    const rate = done / seconds;
    const left = rate > 0 ? duration(Math.max(total - done, 0) / rate) : 'unknown time';
    const because = remark();
    return { rate: rate < 10 ? rate.toFixed(1) : rate.toFixed(0), left, slowed: because ? `; slower: ${because}` : '' };
  };

  const terminal = process.stderr.isTTY;
  const bar = new SingleBar({
    format: '  {bar} {value} of {total} letters, {rate}/s, {left} left{slowed}',
    stream: process.stderr,
    clearOnComplete: true,
    hideCursor: true,
    barsize: 20,
  });
  if (terminal) bar.start(total, 0, figures());
  const say = () => {
    const { rate, left, slowed } = figures();
    if (terminal) bar.update(done, { rate, left, slowed });
    else console.error(`${done} of ${total} letters, ${rate}/s, ${left} left${slowed}`);
  };
  const timer = setInterval(say, terminal ? BAR_EVERY_MS : LINE_EVERY_MS);
  return {
    reached: count => {
      done = count;
    },
    stop: () => {
      clearInterval(timer);
      if (terminal) bar.stop();
    },
  };
}
