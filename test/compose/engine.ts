import { OperatorMistake } from '../../src/errors.ts';
import { run } from './run.ts';

/** The first whose `up --wait` and `pull_policy` do what docker-compose.yml needs of them. */
const OLDEST_COMPOSE = { major: 2, minor: 17 };

/**
 * Makes sure that there is a Docker engine that answers, and a docker compose that is new enough.
 * @throws OperatorMistake that says what to do
 */
export async function requireCompose(env?: NodeJS.ProcessEnv): Promise<void> {
  const compose = await run('docker', ['compose', 'version', '--short'], { env });
  if (compose.code === 127) {
    throw new OperatorMistake('there is no docker command here', 'install Docker; `npm test` needs none');
  }
  const [, major, minor] = /(\d+)\.(\d+)/.exec(compose.out) ?? [];
  if (compose.code !== 0 || major === undefined) {
    throw new OperatorMistake(
      'docker is here, but `docker compose` is not',
      'install the compose plugin: https://docs.docker.com/compose/install/',
    );
  }
  const wanted = `${OLDEST_COMPOSE.major}.${OLDEST_COMPOSE.minor}`;
  if (
    Number(major) < OLDEST_COMPOSE.major ||
    (Number(major) === OLDEST_COMPOSE.major && Number(minor) < OLDEST_COMPOSE.minor)
  ) {
    throw new OperatorMistake(
      `docker compose ${compose.out.trim()} is too old`,
      `update it to ${wanted} or newer: https://docs.docker.com/compose/install/`,
    );
  }
  const engine = await run('docker', ['version', '--format', '{{.Server.Version}}'], { env });
  if (engine.code !== 0) {
    throw new OperatorMistake(
      `no Docker engine answers: ${engine.err.trim().split('\n').at(-1)}`,
      'start Docker, or name an engine in DOCKER_HOST; `npm test` needs none',
    );
  }
}
