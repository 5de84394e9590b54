import { SingleBar } from 'cli-progress';
import type { Clock } from '../../clock.ts';
import type { Slowed } from '../../dlq/pace.ts';
import { duration } from '../../duration.ts';
import type { Progress } from '../progress.ts';

const BAR_EVERY_MS = 500;
const LINE_EVERY_MS = 10_000;
/** The rate is that of the last so many looks: the time left is then that of the present pace. */
const LOOKS = 20;

const WHY: Record<Slowed, string> = {
  backlog: 'more than 5,000 messages wait in the source queue',
  throttled: 'SQS throttles',
};

/**
 * A bar on standard error with rate and time left, or, where that is no terminal, a line every ten seconds.
 * @param options.slowed what slows it down just now
 */
export function startReplayProgress(options: {
  total: number;
  clock: Clock;
  slowed: () => Slowed | undefined;
}): Progress {
  const { total, clock, slowed } = options;
  const figures = createFigures(total, clock);
  let done = 0;
  const terminal = process.stderr.isTTY;
  const bar = new SingleBar({
    format: '  {bar} {value}/{total} letters, {rate}/s, {left}{because}',
    stream: process.stderr,
    clearOnComplete: true,
    hideCursor: true,
    barsize: 12,
  });
  if (terminal) bar.start(total, 0, { rate: 0, left: 'time left unknown', because: '' });
  const say = () => {
    const why = slowed();
    const { rate, left } = figures(done);
    if (terminal) bar.update(done, { rate, left, because: why ? `; slowed: ${why}` : '' });
    else console.error(`${done}/${total} letters, ${rate}/s, ${left}${why ? `; slowed: ${WHY[why]}` : ''}`);
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

/** Rate and time left in words, at each look. */
export function createFigures(total: number, clock: Pick<Clock, 'now'>) {
  const looks = [{ at: clock.now(), done: 0 }];
  return (done: number): { rate: string; left: string } => {
    const now = { at: clock.now(), done };
    const since = looks[0] ?? now;
    looks.push(now);
    if (looks.length > LOOKS) looks.shift();
    const rate = (done - since.done) / Math.max((now.at - since.at) / 1_000, 0.001);
    const left = rate > 0 ? `${duration(Math.max(total - done, 0) / rate)} left` : 'time left unknown';
    return { rate: rate < 10 ? rate.toFixed(1) : rate.toFixed(0), left };
  };
}
