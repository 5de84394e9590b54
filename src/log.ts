import { type Logger, pino } from 'pino';

export type { Logger };

/** JSON lines on standard output; readable lines when that is a terminal and pino-pretty is installed. */
export function createLog(level: string): Logger {
  return process.stdout.isTTY && import.meta.resolve ? readable(level) : pino({ level });
}

function readable(level: string): Logger {
  try {
    return pino({ level, transport: { target: 'pino-pretty', options: { ignore: 'pid,hostname' } } });
  } catch {
    return pino({ level }); // pino-pretty is optional, and not in the image
  }
}
