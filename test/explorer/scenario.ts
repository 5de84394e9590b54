/** What may go wrong in a schedule, and how often. */
export const FAULTS = [
  /** A worker dies; what it had asked for and not got is never applied. */
  'crashes',
  /** A request is applied, its answer never arrives. */
  'lost',
  /** A request gets no answer and lands later, or never. */
  'late',
  /** A request, one statement of a batch or one key of a read is throttled. */
  'throttled',
  /** A message is handed out again while a worker holds it, because its visibility ended, or after it was deleted. */
  'redelivered',
  /** An answer from an index that has not followed its table. */
  'stale',
  /** Time passes while requests are under way: renewals come due. */
  'waits',
  /** An hour in which nothing happens. */
  'hours',
  /** A worker is told to stop: it finishes what it holds or gives it back, and another takes its place. */
  'stops',
] as const;

export type Fault = (typeof FAULTS)[number];

/** The bounds within which schedules are searched. */
export interface Scenario extends Record<Fault, number> {
  /** How Onefold writes; `old` is batch where a refused statement brings back what stood in its way. */
  writes: 'batch' | 'old' | 'single';
  workers: number;
  /** Each a client id and a payload, as in `a1`; payloads 5 to 9 have two kilobytes, and `a!` is no valid message. */
  messages: string[];
  /** What one receive brings: one message, or all that are visible. */
  receives: 'one' | 'all';
  maxReceiveCount: number;
  /**
   * When a message that nobody holds any more comes back. `any`: at any moment, as if it had been received long ago; no
   * time passes for the workers. `timed`: after its visibility time, in which renewals, locks and patience run out.
   */
  visibility: 'any' | 'timed';
}

const NONE = Object.fromEntries(FAULTS.map(fault => [fault, 0])) as Record<Fault, number>;

export function scenario(messages: string[], more: Partial<Scenario> = {}): Scenario {
  return {
    ...NONE,
    writes: 'batch',
    workers: messages.length,
    messages,
    receives: 'one',
    maxReceiveCount: 4,
    visibility: 'any',
    ...more,
  };
}

/** One line that a shell takes without quotes, with all that is not zero. */
export function encode({ messages, ...rest }: Scenario): string {
  const members = Object.entries(rest).filter(([, value]) => value !== 0);
  return [`messages=${messages.join('+')}`, ...members.map(([name, value]) => `${name}=${value}`)].join(',');
}

/** Undefined when it does not come from `encode`. */
export function decode(text: string): Scenario | undefined {
  const {
    messages = '',
    writes = 'batch',
    receives = 'one',
    visibility = 'any',
    ...counts
  } = Object.fromEntries(text.split(',').map(member => member.split('=')));
  const known = new Set<string>([...FAULTS, 'workers', 'maxReceiveCount']);
  const isScenario =
    /^[a-z][\d!](\+[a-z][\d!])*$/.test(messages) &&
    /^(batch|old|single) (one|all) (any|timed)$/.test(`${writes} ${receives} ${visibility}`) &&
    Object.entries(counts).every(([name, count]) => known.has(name) && /^\d{1,3}$/.test(String(count)));
  if (!isScenario) return undefined;
  const numbers = Object.fromEntries(Object.entries(counts).map(([name, count]) => [name, Number(count)]));
  return scenario(messages.split('+'), { writes, receives, visibility, ...numbers } as Partial<Scenario>);
}

/** What makes a scenario beside its faults: the same steps in the same setting are the same schedule. */
export function settingOf({ messages, writes, workers, receives, maxReceiveCount, visibility }: Scenario): string[] {
  return [...messages, writes, String(workers), receives, String(maxReceiveCount), visibility];
}

const LARGE = 'x'.repeat(1_500);

/** The body of a message of a scenario. */
export function bodyOf(message: string): string {
  const [clientFeatureId, payload = ''] = message;
  if (payload === '!') return JSON.stringify({ clientFeatureId });
  const v = Number(payload);
  return JSON.stringify({ clientFeatureId, payload: v < 5 ? { v } : { v, text: LARGE } });
}
