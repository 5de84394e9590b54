import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const ROOT = new URL('../', import.meta.url);
/** A folder within the project, so that its packages are found. */
const COMPILED = new URL('.onefold/bench/', ROOT);
const COMPILER = new URL('node_modules/typescript/bin/tsc', ROOT);

/**
 * Compiles what the worker processes run, as the image compiles it. To strip types as it loads, Node keeps a parser of
 * 20 MB in each process, which in production nobody has.
 */
export async function compile(): Promise<void> {
  const project = new URL('tsconfig.bench.json', ROOT);
  await promisify(execFile)(process.execPath, [fileURLToPath(COMPILER), '--project', fileURLToPath(project)]);
}

/** @param module its path in the project, `src/main.ts` */
export function compiled(module: string): URL {
  return new URL(module.replace(/\.ts$/, '.js'), COMPILED);
}
