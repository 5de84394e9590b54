import type { BatchHandler } from './contender.ts';

/** Stores nothing: what receiving and deleting alone cost. */
export function receiveDelete(): BatchHandler {
  return async messages => messages;
}
