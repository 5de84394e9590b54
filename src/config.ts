import { z } from 'zod';
import { OperatorMistake } from './errors.ts';

const name = z.string().regex(/^[\w.-]{3,255}$/, 'a DynamoDB table name has 3 to 255 of a-z, A-Z, 0-9, _, - and .');
const whole = (least: number, most: number, fallback: number) =>
  z.coerce.number(`must be a whole number from ${least} to ${most}`).int().min(least).max(most).default(fallback);

const schema = z.object({
  ONEFOLD_QUEUE_URL: z.url(
    'must be the URL of the source queue, such as https://sqs.eu-west-1.amazonaws.com/123456789012/onefold',
  ),
  ONEFOLD_IDEMPOTENCY_TABLE: name.default('onefold-idempotency'),
  ONEFOLD_FEATURES_TABLE: name.default('onefold-features'),
  ONEFOLD_POLLERS: whole(1, 100, 8),
  ONEFOLD_WRITES: z.enum(['batch', 'single']).default('batch'),
  ONEFOLD_ON_CONFLICT: z.enum(['park', 'keep-first']).default('park'),
  ONEFOLD_DRAIN_SECONDS: whole(0, 43_200, 25),
  ONEFOLD_ADMIN_PORT: z.literal('off').or(whole(0, 65_535, 9464)),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
});

export interface Config {
  readonly queueUrl: string;
  readonly idempotencyTable: string;
  readonly featuresTable: string;
  readonly pollers: number;
  readonly writes: 'batch' | 'single';
  readonly onConflict: 'park' | 'keep-first';
  readonly drainSeconds: number;
  readonly adminPort: number | 'off';
  readonly logLevel: string;
}

/**
 * The configuration, from the environment alone. Region, credentials and endpoints are the AWS SDK's own variables.
 * @throws OperatorMistake that names every problem at once
 */
export function readConfig(env: Record<string, string | undefined>): Config {
  // `X=` in a compose file or a shell means "not set", not "the empty string".
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const read = schema.safeParse(given);
  if (!read.success) {
    const problems = read.error.issues.map(
      issue =>
        `  ${String(issue.path[0])}: ${given[String(issue.path[0])] === undefined ? 'is required: ' : ''}${issue.message}`,
    );
    throw new OperatorMistake(
      `the configuration is not usable\n${problems.join('\n')}`,
      'set these in the environment; `onefold worker --help` lists every variable, and --local needs none of them',
    );
  }
  const value = read.data;
  return Object.freeze({
    queueUrl: value.ONEFOLD_QUEUE_URL,
    idempotencyTable: value.ONEFOLD_IDEMPOTENCY_TABLE,
    featuresTable: value.ONEFOLD_FEATURES_TABLE,
    pollers: value.ONEFOLD_POLLERS,
    writes: value.ONEFOLD_WRITES,
    onConflict: value.ONEFOLD_ON_CONFLICT,
    drainSeconds: value.ONEFOLD_DRAIN_SECONDS,
    adminPort: value.ONEFOLD_ADMIN_PORT,
    logLevel: value.LOG_LEVEL,
  });
}
