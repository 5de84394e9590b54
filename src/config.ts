import { z } from 'zod';
import { OperatorMistake } from './errors.ts';

const name = z.string().regex(/^[\w.-]{3,255}$/, 'must be 3 to 255 of a-z, A-Z, 0-9, _, - and .');
const whole = (least: number, most: number, fallback: number) =>
  z.coerce
    .number(`must be a whole number from ${least} to ${most}`)
    .int(`must be a whole number from ${least} to ${most}`)
    .min(least, `must be at least ${least}`)
    .max(most, `must be at most ${most}`)
    .default(fallback);

const schema = z.object({
  ONEFOLD_QUEUE_URL: z.url(
    'must be the URL of the source queue, such as https://sqs.eu-west-1.amazonaws.com/123456789012/onefold',
  ),
  ONEFOLD_IDEMPOTENCY_TABLE: name.default('onefold-idempotency'),
  ONEFOLD_FEATURES_TABLE: name.default('onefold-features'),
  ONEFOLD_POLLERS: whole(1, 100, 16),
  ONEFOLD_WRITES: z.enum(['batch', 'single'], 'must be batch or single').default('batch'),
  ONEFOLD_ON_CONFLICT: z.enum(['park', 'keep-first'], 'must be park or keep-first').default('park'),
  ONEFOLD_DRAIN_SECONDS: whole(0, 43_200, 25),
  ONEFOLD_ADMIN_PORT: z.union([z.literal('off'), whole(0, 65_535, 9464)], 'must be off or a port from 0 to 65535'),
  ONEFOLD_ADMIN_HOST: z.string().default('127.0.0.1'),
  LOG_LEVEL: z
    .enum(
      ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'],
      'must be trace, debug, info, warn, error, fatal or silent',
    )
    .default('info'),
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
  /** Loopback, so that a worker on a laptop is not on show; the image sets 0.0.0.0. */
  readonly adminHost: string;
  readonly logLevel: string;
}

/**
 * The configuration, from the environment alone. Region, credentials and endpoints are the AWS SDK's own variables.
 * @throws OperatorMistake that names every problem at once
 */
export function readConfig(env: Record<string, string | undefined>): Config {
  const value = check(schema, env);
  return Object.freeze({
    queueUrl: value.ONEFOLD_QUEUE_URL,
    idempotencyTable: value.ONEFOLD_IDEMPOTENCY_TABLE,
    featuresTable: value.ONEFOLD_FEATURES_TABLE,
    pollers: value.ONEFOLD_POLLERS,
    writes: value.ONEFOLD_WRITES,
    onConflict: value.ONEFOLD_ON_CONFLICT,
    drainSeconds: value.ONEFOLD_DRAIN_SECONDS,
    adminPort: value.ONEFOLD_ADMIN_PORT,
    adminHost: value.ONEFOLD_ADMIN_HOST,
    logLevel: value.LOG_LEVEL,
  });
}

/** The part that commands need which only look at the tables, or make a queue that has no URL yet. */
export function readStoreConfig(env: Record<string, string | undefined>) {
  const value = check(schema.partial({ ONEFOLD_QUEUE_URL: true }), env);
  return Object.freeze({
    queueUrl: value.ONEFOLD_QUEUE_URL,
    idempotencyTable: value.ONEFOLD_IDEMPOTENCY_TABLE,
    featuresTable: value.ONEFOLD_FEATURES_TABLE,
    writes: value.ONEFOLD_WRITES,
  });
}

function check<Shape extends z.ZodType>(shape: Shape, env: Record<string, string | undefined>): z.output<Shape> {
  // `X=` in a compose file or a shell means "not set", not "the empty string".
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const read = shape.safeParse(given);
  if (read.success) return read.data;
  const problems = read.error.issues.map(({ path, message }) => {
    const name = String(path[0]);
    return `  ${name} ${given[name] === undefined ? 'is required: it ' : `is ${JSON.stringify(given[name])}: it `}${message}`;
  });
  throw new OperatorMistake(
    `the configuration is not usable\n${problems.join('\n')}`,
    'set these in the environment; `onefold worker --help` lists every variable, and --local needs none of them',
  );
}
