/** No message can ask for it: the contract refuses control characters. */
const PREFIX = '\u0001onefold-doctor-';

/** The client id of an item that only tries what the store does. Another each time: two may be tried at once. */
export function canaryId(minted: string): string {
  return PREFIX + minted;
}

/** One stays in the idempotency table where its doctor was not allowed to delete it, or died. */
export function isCanaryId(clientFeatureId: string): boolean {
  return clientFeatureId.startsWith(PREFIX);
}
