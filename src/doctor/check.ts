import { BackendUnreachable, OperatorMistake } from '../errors.ts';
import { judge } from '../store/answer.ts';

/** What a check found, in one sentence; a hint says what to do about it. */
export type Result =
  | { status: 'ok'; detail: string }
  | { status: 'warning' | 'failure'; detail: string; hint: string }
  /** Could not be looked at, for a reason that another check reports in full. */
  | { status: 'skipped'; detail: string };

export interface Check {
  name: string;
  /** What it throws becomes a result. */
  run(): Promise<Result>;
}

export type Examined = { name: string } & Result;

export const ok = (detail: string): Result => ({ status: 'ok', detail });
export const warning = (detail: string, hint: string): Result => ({ status: 'warning', detail, hint });
export const failure = (detail: string, hint: string): Result => ({ status: 'failure', detail, hint });

/** Runs every check, whatever the others find: results in the order of the checks. Never rejects. */
export function examine(checks: Check[]): Promise<Examined[]> {
  return Promise.all(checks.map(async ({ name, run }) => ({ name, ...(await run().catch(resultOf)) })));
}

/** What a check must know first, and does not: another check says why. */
class NotKnown extends Error {
  override name = 'NotKnown';
}

/** @throws NotKnown with `otherwise` where the answer is an error */
export async function need<T>(ask: () => Promise<T>, otherwise: string): Promise<T> {
  return ask().catch(() => {
    throw new NotKnown(otherwise);
  });
}

/** Asks once, for all checks that need the answer. */
export function once<T>(ask: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | undefined;
  return () => {
    answer ??= ask();
    return answer;
  };
}

/** Whether AWS refused a request for want of a permission: DynamoDB does so with status 400, SQS with 403. */
export function isDenied(error: unknown): boolean {
  const { name = '', $metadata } = error as { name?: string; $metadata?: { httpStatusCode?: number } };
  return name.startsWith('AccessDenied') || $metadata?.httpStatusCode === 403;
}

function resultOf(error: Error): Result {
  if (error instanceof NotKnown) return { status: 'skipped', detail: error.message };
  if (error instanceof OperatorMistake) return failure(error.message, error.hint);
  if (error instanceof BackendUnreachable) return unreachable(error.message, error.cause);
  if (judge(error).kind === 'transient') return unreachable('no proper answer', error);
  if (isDenied(error))
    return warning(`not checked: ${error.message}`, 'only this check needs that permission, no worker');
  return failure(`${error.name}: ${error.message}`, 'an answer that nobody foresaw: look it up by its name');
}

function unreachable(what: string, cause: unknown): Result {
  return failure(
    `${what}${cause instanceof Error ? ` (${cause.name}: ${cause.message})` : ''}`,
    'start it, or correct AWS_REGION, AWS_ENDPOINT_URL_SQS and AWS_ENDPOINT_URL_DYNAMODB',
  );
}
