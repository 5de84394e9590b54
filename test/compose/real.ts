import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { OperatorMistake } from '../../src/errors.ts';
import { findRealBackends } from './real-backends.ts';

/**
 * The whole suite over LocalStack and DynamoDB Local, or whatever the environment names: npm run test:real.
 * What follows `--` goes to mocha, as in `npm run test:real -- -g parking`.
 */
const MOCHA = join(fileURLToPath(import.meta.resolve('mocha')), '..', 'bin', 'mocha.js');

try {
  const env = await findRealBackends(process.env);
  console.log(`over ${env.AWS_ENDPOINT_URL_SQS} and ${env.AWS_ENDPOINT_URL_DYNAMODB}`);
  const mocha = spawn(process.execPath, [MOCHA, ...process.argv.slice(2)], { stdio: 'inherit', env });
  // Ctrl-C reaches it too: it ends its workers and its queues, and then we end.
  process.on('SIGINT', () => {});
  const [code] = await once(mocha, 'close');
  process.exitCode = code ?? 1;
} catch (error) {
  if (!(error instanceof OperatorMistake)) throw error;
  console.error(`error: ${error.message}\nhint:  ${error.hint}`);
  process.exitCode = 2;
}
