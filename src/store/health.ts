import type { Clock } from '../clock.ts';
import { StoreUnavailable } from './port.ts';

/** With nothing answered for this long the store is down, not slow: no message is to be charged for it. */
const OUTAGE_MS = 10_000;
const PROBE_EVERY_MS = 1_000;

/**
 * Tells an outage or an operator's mistake from one message's bad luck.
 *
 *   up --(nothing answered for ten seconds, or an item and then the probe refused)--> down
 *   down --(the probe passes, asked once a second)--> up
 */
export interface StoreHealth {
  readonly available: boolean;
  /** Why the store is down. */
  readonly reason: string | undefined;
  /** @throws StoreUnavailable while the store is down */
  assertAvailable(): void;
  /** Waits, but not past the moment the store goes down: then it throws StoreUnavailable. */
  sleep(ms: number): Promise<void>;
  /** Something was answered. */
  succeeded(): void;
  /** A request begun at `since` got no answer that counts. */
  troubled(error: Error, since: number): void;
  /**
   * An item was refused: is it the item, or is everything refused?
   * @throws StoreUnavailable when the probe fails too
   */
  verify(error: Error): Promise<void>;
  whenAvailable(): Promise<void>;
  onChange(listener: (available: boolean, reason: string | undefined) => void): void;
  /** Ends the probing of a store that is down. */
  stop(): void;
}

/** `probe` resolves when the store would take a write, and rejects with the reason when it would not. */
export function watchHealth({ probe, clock }: { probe: () => Promise<void>; clock: Clock }): StoreHealth {
  const listeners: ((available: boolean, reason: string | undefined) => void)[] = [];
  let down: { reason: string; recovered: Promise<void> } | undefined;
  let outage = new AbortController();
  let troubledSince: number | undefined;
  let probing: Promise<Error | undefined> | undefined;
  const stopped = new AbortController();

  const probeOnce = (): Promise<Error | undefined> => {
    probing ??= probe()
      .then(() => undefined)
      .catch((error: Error) => error)
      .finally(() => {
        probing = undefined;
      });
    return probing;
  };

  function goDown(reason: string, cause: Error): void {
    if (down) return;
    outage.abort(new StoreUnavailable(reason, { cause }));
    down = { reason, recovered: probeUntilWell() };
    for (const listener of listeners) listener(false, reason);
  }

  async function probeUntilWell(): Promise<void> {
    do {
      await clock.sleep(PROBE_EVERY_MS, stopped.signal);
    } while (await probeOnce());
    down = undefined;
    troubledSince = undefined;
    outage = new AbortController();
    for (const listener of listeners) listener(true, undefined);
  }

  const health: StoreHealth = {
    get available() {
      return down === undefined;
    },
    get reason() {
      return down?.reason;
    },
    assertAvailable: () => outage.signal.throwIfAborted(),
    sleep: ms => clock.sleep(ms, outage.signal),
    succeeded: () => {
      troubledSince = undefined;
    },
    troubled: (error, since) => {
      troubledSince ??= since;
      if (clock.now() - troubledSince >= OUTAGE_MS)
        goDown(`nothing answered for ten seconds: ${describe(error)}`, error);
    },
    verify: async error => {
      const refusal = await probeOnce();
      if (refusal) goDown(`${describe(error)}; and the probe: ${describe(refusal)}`, error);
      health.assertAvailable();
    },
    whenAvailable: async () => {
      await down?.recovered;
    },
    onChange: listener => {
      listeners.push(listener);
    },
    stop: () => stopped.abort(new StoreUnavailable('the worker is stopping')),
  };
  return health;
}

const describe = (error: Error): string => `${error.name}: ${error.message}`;
