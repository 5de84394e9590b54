import { pino } from 'pino';
import type { Logger } from '../../src/log.ts';

export interface Line {
  level: number;
  msg: string;
  messageId?: string;
}

/** A log whose lines the test reads. */
export function capturedLog(): { log: Logger; lines: Line[] } {
  const lines: Line[] = [];
  return { log: pino({ level: 'trace' }, { write: line => lines.push(JSON.parse(line)) }), lines };
}
