import { fileURLToPath } from 'node:url';
import packageJson from '../../package.json' with { type: 'json' };
import { compiled } from '../compiled.ts';

const [, ...flagsAndProgram] = packageJson.scripts.onefold.split(' ');

/** The real worker, as the image starts it, with the limits on V8's memory of the image and of `npm run onefold`. */
export const onefold = [
  ...flagsAndProgram.map(arg => (arg.startsWith('-') ? arg : fileURLToPath(compiled(arg)))),
  'worker',
];
