import { type Logger, pino } from 'pino';

export type { Logger };

/** JSON lines on standard output; readable lines when that is a terminal and pino-pretty, which is optional, is there. */
export async function createLog(level: string): Promise<Logger> {
  if (process.stdout.isTTY) {
    const pretty = await import('pino-pretty').catch(() => undefined);
    if (pretty) return pino({ level }, pretty.default({ sync: true, ignore: 'pid,hostname' }));
  }
  return pino({ level });
}
