import type { Clock } from '../clock.ts';
import type { Logger } from '../log.ts';
import type { Delivery, Queue } from './port.ts';

/** SQS hides a message for twelve hours in all, counted from its receive, which was a moment before `hold`. */
const LONGEST_HOLD_SECONDS = 12 * 60 * 60 - 10;

export interface Heartbeat {
  /** Keeps the message hidden until it is released: call it when the message has just been received. */
  hold(delivery: Delivery): Hold;
}

export interface Hold {
  /**
   * Ends the renewals; resolves when none is under way, at once unless one is. Settle the message after that: a renewal
   * that overtook the settling would hide again what was given back, or bring back early what was postponed.
   */
  release(): Promise<void>;
}

interface Held {
  delivery: Delivery;
  heldAt: number;
  renewAt: number;
  renewal: Promise<void>;
}

/**
 * Renews each held message when half its visibility time has passed, message by message: sqs-consumer's heartbeat
 * renews a whole receive, also what is already settled. There is no timer while nothing is held.
 */
export function createHeartbeat({
  queue,
  visibilitySeconds,
  clock,
  log,
}: {
  queue: Pick<Queue, 'changeVisibility'>;
  visibilitySeconds: number;
  clock: Clock;
  log: Logger;
}): Heartbeat {
  const held = new Set<Held>();
  const halfMs = (visibilitySeconds * 1_000) / 2;
  // A look at every eighth of the visibility time, rather than a timer a message, makes full batches; a renewal that
  // failed has three more tries in the half that remains.
  const lookEveryMs = halfMs / 4;
  let looking = false;
  let look = new AbortController();

  async function lookWhileHolding(): Promise<void> {
    looking = true;
    while (held.size > 0) {
      look = new AbortController();
      await clock.sleep(lookEveryMs, look.signal).catch(() => undefined);
      for (const message of held) {
        if (clock.now() >= message.renewAt) message.renewal = renew(message);
      }
    }
    looking = false;
  }

  async function renew(message: Held): Promise<void> {
    const { delivery, heldAt } = message;
    const now = clock.now();
    const seconds = Math.min(visibilitySeconds, LONGEST_HOLD_SECONDS - Math.floor((now - heldAt) / 1_000));
    if (seconds * 1_000 <= halfMs) {
      held.delete(message);
      log.warn(
        { messageId: delivery.messageId },
        'SQS hides a message no longer than twelve hours: it will come again',
      );
      return;
    }
    message.renewAt = Number.POSITIVE_INFINITY;
    try {
      await queue.changeVisibility(delivery, seconds);
      message.renewAt = now + halfMs;
    } catch (error) {
      message.renewAt = clock.now();
      log.warn({ messageId: delivery.messageId, err: error }, 'visibility not renewed: the message may come again');
    }
  }

  return {
    hold: delivery => {
      const now = clock.now();
      const message: Held = { delivery, heldAt: now, renewAt: now + halfMs, renewal: Promise.resolve() };
      held.add(message);
      if (!looking) void lookWhileHolding();
      return {
        release: () => {
          held.delete(message);
          if (held.size === 0) look.abort();
          return message.renewal;
        },
      };
    },
  };
}
