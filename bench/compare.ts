import type { Name } from './contenders/index.ts';
import { countUnits, sourcesOf } from './count-units.ts';
import { type Figures, medianOf, type Report, ratiosOf } from './figures.ts';
import type { OpenBench } from './open.ts';
import { type RoundOptions, runRound, type Workload } from './round.ts';

/** Enough to tell the units of a message, which are the same under any load. */
const ACCOUNTED_MESSAGES = 500;

export interface Comparison extends Report {
  /** Where the units come from. */
  sources: string;
}

/** The messages that a comparison handles in all. */
export function messagesOf(contenders: Name[], workload: Workload, { rounds, units }: Passes): number {
  return contenders.length * (rounds * workload.messages + (units ? accounted(workload).messages : 0));
}

interface Passes {
  rounds: number;
  /** Whether to count units, which takes one more pass. */
  units: boolean;
}

const accounted = (workload: Workload): Workload => ({
  ...workload,
  messages: Math.min(workload.messages, ACCOUNTED_MESSAGES),
});

/**
 * Interleaved rounds (A B C A B C …), so that what changes on the machine meanwhile falls on all alike, after a pass
 * that counts units.
 * @param options.env what the workers get beside queue and tables
 * @param options.onProgress gets the messages handled so far
 */
export async function compare(
  bench: OpenBench,
  contenders: Name[],
  workload: Workload,
  options: Passes & { env?: Record<string, string>; onProgress(done: number): void },
): Promise<Comparison> {
  const { rounds, env = {}, onProgress } = options;
  let done = 0;
  const run = async (contender: Name, load: Workload, round: RoundOptions) => {
    const before = done;
    const figures = await runRound(bench, contender, load, {
      ...round,
      onProgress: deleted => onProgress(before + deleted),
    });
    done = before + load.messages;
    onProgress(done);
    return figures;
  };

  const accounts = options.units
    ? await countUnits(bench.dynamodbEndpoint, contenders, (contender, proxied, onStart) =>
        run(contender, accounted(workload), { env: { ...env, ...proxied }, onStart }),
      )
    : undefined;
  const results = new Map<Name, Figures[]>(contenders.map(contender => [contender, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [contender, figures] of results) figures.push(await run(contender, workload, { env }));
  }

  const figures: Report['contenders'] = {};
  for (const [contender, rounds] of results) {
    const account = accounts?.get(contender);
    const perMessage = (units: number | undefined) =>
      units === undefined ? null : Number((units / accounted(workload).messages).toPrecision(4));
    figures[contender] = {
      ...medianOf(rounds),
      writeUnitsPerMessage: perMessage(account?.writeUnits),
      readUnitsPerMessage: perMessage(account?.readUnits),
    };
  }
  return { contenders: figures, ratios: ratiosOf(figures), sources: sourcesOf(accounts) };
}
