import { MultiBar } from 'cli-progress';

/** What is to be seen while the demo runs. */
export interface Screen {
  /** A line that stays, with the seconds since the start. */
  say(line: string): void;
  reached(now: Reached): void;
  /** May be called twice. */
  stop(): void;
}

export interface Reached {
  sent: number;
  stored: number;
  workers: number;
}

const PLAIN_LINE_EVERY_MS = 2_000;

/** Two bars below the lines on a terminal; elsewhere lines alone. All on standard error: reports own standard output. */
export function createScreen(totals: { messages: number; features: number }): Screen {
  const start = Date.now();
  const stamped = (line: string) => `${((Date.now() - start) / 1000).toFixed(1).padStart(5)} s  ${line}`;
  if (!process.stderr.isTTY) return plainScreen(totals, line => console.error(stamped(line)));

  const bars = new MultiBar({
    stream: process.stderr,
    format: '         {what} {bar} {value} of {total} {unit}',
    barsize: 24,
    hideCursor: true,
    clearOnComplete: true,
    // A line above the bars moves them: they are drawn anew even when nothing has changed.
    forceRedraw: true,
    linewrap: true,
    // The demo ends its children first, and then the bars.
    gracefulExit: false,
    barCompleteChar: '█',
    barIncompleteChar: '░',
  });
  const sent = bars.create(totals.messages, 0, { what: 'sent  ', unit: 'messages' });
  const stored = bars.create(totals.features, 0, { what: 'stored', unit: 'features by 0 workers' });
  return {
    say: line => {
      bars.log(`${stamped(line)}\n`);
      bars.update();
    },
    reached: now => {
      sent.update(now.sent);
      stored.update(now.stored, { unit: `features by ${now.workers} workers` });
    },
    stop: () => bars.stop(),
  };
}

function plainScreen(
  { messages, features }: { messages: number; features: number },
  print: (line: string) => void,
): Screen {
  let nextAt = 0;
  return {
    say: print,
    reached: ({ sent, stored, workers }) => {
      if (Date.now() < nextAt) return;
      print(`sent ${sent} of ${messages}, stored ${stored} of ${features}, ${workers} workers`);
      nextAt = Date.now() + PLAIN_LINE_EVERY_MS;
    },
    stop: () => {},
  };
}
