import type { Account } from './accounting-proxy.ts';
import type { Name } from './contenders/index.ts';
import { startService } from './service.ts';

export type Accounts = Map<Name, Account>;

/**
 * Counts the units that each contender uses, in a pass of its own: the proxy that counts would slow down a round that
 * is timed.
 * @param pass runs one contender with this environment; it calls `onStart` when what follows is to be counted
 * @returns undefined where the store checks signatures, as AWS does: the proxy changes what was signed
 */
export async function countUnits(
  dynamodb: URL,
  contenders: Name[],
  pass: (contender: Name, env: Record<string, string>, onStart: () => Promise<unknown>) => Promise<unknown>,
): Promise<Accounts | undefined> {
  if (dynamodb.protocol === 'https:') return undefined;
  const proxy = await startService<{ endpoint: string }>(new URL('./accounting-proxy.ts', import.meta.url), [
    dynamodb.href,
  ]);
  try {
    const accounts: Accounts = new Map();
    for (const contender of contenders) {
      await pass(contender, { AWS_ENDPOINT_URL_DYNAMODB: proxy.ready.endpoint }, () => proxy.ask());
      accounts.set(contender, (await proxy.ask()) as Account);
    }
    return accounts;
  } finally {
    await proxy.stop();
  }
}

/** Where the units come from, in words. */
export function sourcesOf(accounts: Accounts | undefined): string {
  if (!accounts) return 'Units were not counted: a store that checks signatures refuses the counting proxy.';
  const total = (source: keyof Account['requests']) =>
    [...accounts.values()].reduce((sum, { requests }) => sum + requests[source], 0);
  const [reported, rule, unknown] = [total('reported'), total('rule'), total('unknown')];
  const percent = (part: number) => `${Math.round((100 * part) / Math.max(1, reported + rule + unknown))} %`;
  return [
    `Units were counted in a pass of their own: ${percent(reported)} of the requests by ConsumedCapacity, ${percent(rule)} by AWS's`,
    `published rule (refused writes, and what the backend does not report)${unknown > 0 ? `, ${percent(unknown)} not at all` : ''}.`,
  ].join('\n');
}
