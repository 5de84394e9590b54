import type { Command } from 'commander';
import { messageJsonSchema } from '../pipeline/message.ts';
import { printJson } from './json.ts';

export function addSchema(program: Command): void {
  program
    .command('schema')
    .description('print the JSON Schema of the message, for producers in any language')
    .option('--json', 'accepted everywhere; this command prints nothing but JSON')
    .action(() => printJson(messageJsonSchema(), { pretty: true }));
}
