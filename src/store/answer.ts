/**
 * What one request told about one item. Errors inside an HTTP 200 and errors of a whole request are judged alike.
 */
export type Answer<T> = { kind: 'answered'; value: T } | Trouble;

export type Trouble =
  /** May pass, and may have been applied: ask again. */
  | { kind: 'transient'; error: Error }
  /** Will not pass by asking again. Never proof that the message is at fault: a wrong key schema has an oversized item's code. */
  | { kind: 'refused'; error: Error };

/** DynamoDB's codes that pass by themselves, with and without the suffix that statements leave out. */
const TRANSIENT = new Set([
  'InternalServerError',
  'InternalFailure',
  'ProvisionedThroughputExceeded',
  'ReplicatedWriteConflict',
  'RequestLimitExceeded',
  'ServiceUnavailable',
  'Throttling',
  'ThrottlingError',
  'TimeoutError',
  'TransactionConflict',
  'TransactionInProgress',
]);

/** Node's and the SDK's names for a request that got no answer. */
const NO_ANSWER = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
  'ECONNABORTED',
]);

/** Judges an error thrown by the SDK for a whole request. */
export function judge(thrown: unknown): Trouble {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  const { code, $metadata } = error as { code?: unknown; $metadata?: { httpStatusCode?: number } };
  const passes =
    isTransient(error.name) ||
    NO_ANSWER.has(String(code)) ||
    NO_ANSWER.has(error.name) ||
    ($metadata?.httpStatusCode ?? 0) >= 500;
  return { kind: passes ? 'transient' : 'refused', error };
}

/** Judges an error code that arrived for one statement inside an HTTP 200. */
export function judgeCode(code: string, message: string | undefined): Trouble {
  const error = new Error(message ?? code);
  error.name = code;
  return { kind: isTransient(code) ? 'transient' : 'refused', error };
}

function isTransient(name: string): boolean {
  return TRANSIENT.has(name) || TRANSIENT.has(name.replace(/Exception$/, ''));
}
