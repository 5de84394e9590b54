import { fileURLToPath } from 'node:url';

/** The real worker, as a user starts it. */
export const onefold = [fileURLToPath(new URL('../../src/main.ts', import.meta.url)), 'worker'];
