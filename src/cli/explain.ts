import { CommanderError } from 'commander';
import { BackendUnreachable, CommandFailed, OperatorMistake } from '../errors.ts';

/** How a command ended that did not come to its end. */
export interface Explanation {
  code: 1 | 2;
  /** For standard error. */
  text: string;
}

/** Node's codes for a request that got no answer. */
const NO_ANSWER = /^(ECONN|ENOTFOUND|EAI_|EHOST|ENET|EPIPE|ETIMEDOUT)/;

/** Says what went wrong: message and hint for a mistake, a stack only for what nobody foresaw. */
export function explain(error: unknown): Explanation {
  if (error instanceof CommanderError) return { code: 2, text: '' }; // commander has said it
  if (error instanceof OperatorMistake) return mistake(error.message, error.hint);
  if (error instanceof CommandFailed) return { code: 1, text: `error: ${error.message}` };
  if (error instanceof BackendUnreachable) return unreachable(error.message, error.cause);
  if (!(error instanceof Error)) return { code: 1, text: String(error) };

  const { code, $fault, $metadata } = error as { code?: unknown; $fault?: string; $metadata?: unknown };
  if (NO_ANSWER.test(String(code)) || (error.name === 'TimeoutError' && $metadata)) {
    return unreachable('a backend does not answer', error);
  }
  if (error.message === 'Region is missing') return mistake('no AWS region is set', 'set AWS_REGION');
  if (error.name === 'CredentialsProviderError') {
    return mistake(
      'no AWS credentials were found',
      'give the process a role, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; an emulator takes any',
    );
  }
  if ($fault === 'client') {
    return mistake(
      `${error.name}: ${error.message}`,
      'check ONEFOLD_QUEUE_URL, the table names, AWS_REGION and permissions',
    );
  }
  return { code: 1, text: error.stack ?? error.message };
}

const mistake = (message: string, hint: string): Explanation => ({
  code: 2,
  text: `error: ${message}\nhint:  ${hint}`,
});

function unreachable(what: string, cause: unknown): Explanation {
  const why = cause instanceof Error ? ` (${cause.name}: ${cause.message})` : '';
  return { code: 1, text: `error: ${what}${why}` };
}
