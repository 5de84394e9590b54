import { type Durations, median, percentile, type Stretch } from './statistics.ts';
import type { Tally } from './tables.ts';

/** What `--json` prints for each contender. `null` where it was not or cannot be measured. */
export interface Figures {
  messagesPerSecond: number | null;
  clientCpuMicrosPerMessage: number | null;
  dynamodbRequestsPer1000: number | null;
  sqsRequestsPer1000: number | null;
  writeUnitsPerMessage: number | null;
  readUnitsPerMessage: number | null;
  latencyMsP50: number | null;
  latencyMsP99: number | null;
  peakRssMb: number | null;
  stored: number;
  storedTwice: number;
  lost: number;
}

export type Measure = Exclude<keyof Figures, keyof Tally>;

export const MEASURES: readonly Measure[] = [
  'messagesPerSecond',
  'clientCpuMicrosPerMessage',
  'dynamodbRequestsPer1000',
  'sqsRequestsPer1000',
  'writeUnitsPerMessage',
  'readUnitsPerMessage',
  'latencyMsP50',
  'latencyMsP99',
  'peakRssMb',
];

export type Report = { contenders: Record<string, Figures>; ratios: Record<string, Record<Measure, number | null>> };

/** The figures of one round; the units are measured in a pass of their own. */
export function figuresOf(round: {
  stretch: Stretch;
  latencies: Durations[];
  peakRssMb: number;
  tally: Tally;
}): Figures {
  const { stretch, latencies, peakRssMb, tally } = round;
  const each = (figure: number) => number(figure / stretch.deleted);
  return {
    messagesPerSecond: number(stretch.deleted / stretch.seconds),
    clientCpuMicrosPerMessage: each(stretch.cpu),
    dynamodbRequestsPer1000: each(stretch.dynamodbRequests * 1000),
    sqsRequestsPer1000: each(stretch.sqsRequests * 1000),
    writeUnitsPerMessage: null,
    readUnitsPerMessage: null,
    latencyMsP50: number(percentile(latencies, 50)),
    latencyMsP99: number(percentile(latencies, 99)),
    peakRssMb: number(peakRssMb),
    ...tally,
  };
}

/** The median of each measure; of what was stored, the worst round. */
export function medianOf(rounds: Figures[]): Figures {
  const of = (measure: Measure) => {
    const values = rounds.map(round => round[measure]).filter(value => value !== null);
    return values.length === 0 ? null : number(median(values));
  };
  const measures = Object.fromEntries(MEASURES.map(measure => [measure, of(measure)])) as Record<
    Measure,
    number | null
  >;
  return {
    ...measures,
    stored: Math.min(...rounds.map(({ stored }) => stored)),
    storedTwice: Math.max(...rounds.map(({ storedTwice }) => storedTwice)),
    lost: Math.max(...rounds.map(({ lost }) => lost)),
  };
}

/** Each contender's measures divided by Onefold's; nothing without Onefold. */
export function ratiosOf(contenders: Record<string, Figures>): Report['ratios'] {
  const { onefold } = contenders;
  if (!onefold) return {};
  const ratio = (figures: Figures, measure: Measure) => {
    const [ours, theirs] = [onefold[measure], figures[measure]];
    return ours === null || theirs === null ? null : number(theirs / ours);
  };
  return Object.fromEntries(
    Object.entries(contenders).map(([name, figures]) => [
      name,
      Object.fromEntries(MEASURES.map(measure => [measure, ratio(figures, measure)])) as Record<Measure, number | null>,
    ]),
  );
}

/** To four digits, which is more than any of this is good for. */
function number(value: number): number | null {
  return Number.isFinite(value) ? Number(value.toPrecision(4)) : null;
}
