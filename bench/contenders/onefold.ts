import { fileURLToPath } from 'node:url';
import packageJson from '../../package.json' with { type: 'json' };

const [, ...flagsAndProgram] = packageJson.scripts.onefold.split(' ');

/** The real worker, as `npm run onefold -- worker` and the image start it, with its limits on V8's memory. */
export const onefold = [
  ...flagsAndProgram.map(arg => (arg.startsWith('-') ? arg : fileURLToPath(new URL(`../../${arg}`, import.meta.url)))),
  'worker',
];
