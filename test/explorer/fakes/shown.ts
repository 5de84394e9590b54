import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { Item } from '../../../src/store/tables.ts';

/** For people: an item on one short line. */
export function shown(item: Item | undefined): string {
  if (item === undefined) return 'nothing';
  const members = Object.entries(item).filter(([name]) => !['createdAt', 'payloadHash'].includes(name));
  return `{${members.map(([name, value]) => `${name}: ${shownValue(value)}`).join(', ')}}`;
}

function shownValue({ S, N, M }: AttributeValue): string {
  if (S !== undefined) return S.length > 24 ? `${S.slice(0, 24)}…` : S;
  if (M !== undefined) return shown(M);
  return N ?? '…';
}
