const THROTTLED =
  /^(.+\.)?(RequestThrottled|Throttling|ThrottlingException|TooManyRequestsException|OverLimit|KmsThrottled)$/;

/** Node's codes for a request that got no answer: ECONNREFUSED, ENOTFOUND, EAI_AGAIN … but not ERR_INVALID_ARG_VALUE. */
const NO_ANSWER = /^(?!ERR_)E[A-Z_]+$/;

/** Whether the same request may succeed later: no answer, throttled, or the queue's own fault. */
export function isTransient(error: unknown): boolean {
  const { name, code, $metadata } = error as { name?: string; code?: unknown; $metadata?: { httpStatusCode?: number } };
  const status = $metadata?.httpStatusCode ?? 0;
  return (
    status >= 500 ||
    status === 429 ||
    name === 'TimeoutError' ||
    THROTTLED.test(name ?? '') ||
    NO_ANSWER.test(String(code))
  );
}
