import { once } from 'node:events';
import { joinLocal } from '../../src/local/join.ts';

/** A process that joins a folder's backends, prints its environment, and leaves when standard input ends. */
const [directory = ''] = process.argv.slice(2);
const local = await joinLocal(directory);
console.log(JSON.stringify(local.env));
process.stdin.resume();
await once(process.stdin, 'end');
await local.leave();
