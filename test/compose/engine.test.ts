import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { OperatorMistake } from '../../src/errors.ts';
import { requireCompose } from './engine.ts';
import { createProject } from './project.ts';
import { findRealBackends } from './real-backends.ts';
import { run } from './run.ts';

/** A script stands in for docker: no engine is needed, and none is asked. */
describe('the checks that need containers, where something is missing', () => {
  let folder: string;
  let env: { PATH: string };

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'onefold-docker-'));
    env = { PATH: folder };
  });
  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  async function docker(script: string): Promise<void> {
    const file = join(folder, 'docker');
    await writeFile(file, `#!/bin/sh\n${script}\n`);
    await chmod(file, 0o755);
  }

  async function mistake(made: Promise<unknown>): Promise<string> {
    const error = await made.then(
      () => undefined,
      error => error,
    );
    expect(error).to.be.instanceOf(OperatorMistake);
    return `${error.message}; ${error.hint}`;
  }

  it('says that there is no docker, no compose, none new enough, or no engine, and what to do', async () => {
    expect(await mistake(requireCompose(env))).to.match(/no docker command here; install Docker/);
    await docker('exit 1');
    expect(await mistake(requireCompose(env))).to.match(/`docker compose` is not; install the compose plugin/);
    await docker('echo v2.5.1');
    expect(await mistake(requireCompose(env))).to.match(/docker compose v2\.5\.1 is too old; update it to 2\.17/);
    await docker('[ "$1" = compose ] && echo 2.17.0 && exit; echo "Cannot connect" >&2; exit 1');
    expect(await mistake(requireCompose(env))).to.match(/no Docker engine answers: Cannot connect; .*DOCKER_HOST/);
    await docker('echo 5.1.4');
    await requireCompose(env);
  });

  it('says which port is taken, in the words of either kind of engine', async () => {
    const project = createProject({ env });
    await docker('echo "Bind for 127.0.0.1:4566 failed: port is already allocated" >&2; exit 1');
    expect(await mistake(project.compose('up'))).to.match(/port 127\.0\.0\.1:4566 is taken; .*ONEFOLD_SQS_PORT/);
    await docker('echo "listen tcp4 127.0.0.1:8000: bind: address already in use" >&2; exit 1');
    expect(await mistake(project.compose('up'))).to.match(/port 127\.0\.0\.1:8000 is taken/);
  });

  it('says how to get backends for test:real when no project runs, one is missing, or none answers', async () => {
    await docker('exit 1');
    expect(await mistake(findRealBackends(env))).to.match(/are not running; docker compose up/);
    const given = { ...env, AWS_ENDPOINT_URL_SQS: 'http://127.0.0.1:1' };
    expect(await mistake(findRealBackends(given))).to.match(/only AWS_ENDPOINT_URL_SQS is set/);
    const both = { ...given, AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:1' };
    expect(await mistake(findRealBackends(both))).to.match(/nothing answers at http:\/\/127\.0\.0\.1:1;/);
  });

  it('ends with exit code 2, message and hint, without a stack', async () => {
    for (const script of ['main.ts', 'real.ts']) {
      const program = fileURLToPath(new URL(script, import.meta.url));
      const { code, err } = await run(process.execPath, [program], { env });
      expect(err).to.match(/^error: .*\nhint: .*\n$/);
      expect(code).to.equal(2);
    }
  });
});
