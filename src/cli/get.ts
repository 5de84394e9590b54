import type { Command } from 'commander';
import { systemClock as clock } from '../clock.ts';
import { readStoreConfig } from '../config.ts';
import { OperatorMistake } from '../errors.ts';
import { createDynamoDBClient } from '../store/client.ts';
import { createDynamoDBStore } from '../store/dynamodb.ts';
import { type Feature, type Store, StoreUnavailable } from '../store/port.ts';
import type { Exit } from './command.ts';
import { joinWhenLocal, withLocal } from './connect.ts';
import { printJson } from './json.ts';

export type Lookup = ({ state: 'stored' } & Feature) | { state: 'idOnly'; featureId: string } | { state: 'absent' };

export function addGet(program: Command, exit: Exit): void {
  withLocal(program.command('get'))
    .description('show the feature stored for a client id')
    .argument('[clientFeatureId]', "the third party's id")
    .option('--feature-id <id>', 'look it up by the id that Onefold gave it')
    .option('--json', 'one line of JSON even on a terminal')
    .addHelpText(
      'after',
      '\nPrints {"state":"stored",...}; exit code 1 with {"state":"absent"} when there is nothing,\nor {"state":"idOnly"} when an id is fixed but its feature is not stored yet.',
    )
    .action(async (clientFeatureId: string | undefined, options: Options) => {
      if ((clientFeatureId === undefined) === (options.featureId === undefined)) {
        throw new OperatorMistake(
          'one id is needed',
          'onefold get <clientFeatureId>, or onefold get --feature-id <id>',
        );
      }
      const joined = await joinWhenLocal(options);
      const client = createDynamoDBClient();
      try {
        const { writes, ...names } = readStoreConfig(process.env);
        const store = createDynamoDBStore({ client, names, writes, clock, random: Math.random });
        const lookup = await look(store, clientFeatureId, options.featureId).catch((error: Error) => {
          throw error instanceof StoreUnavailable ? error.cause : error;
        });
        store.health.stop();
        printJson(lookup, { pretty: process.stdout.isTTY && !options.json });
        exit.with(lookup.state === 'stored' ? 0 : 1);
      } finally {
        client.destroy();
        await joined.leave();
      }
    });
}

interface Options {
  local?: boolean;
  featureId?: string;
  json?: boolean;
}

async function look(store: Store, clientFeatureId: string | undefined, featureId: string | undefined): Promise<Lookup> {
  const id = clientFeatureId === undefined ? featureId : (await store.mappings.read(clientFeatureId))?.featureId;
  if (id === undefined) return { state: 'absent' };
  const feature = await store.readFeature(id);
  if (feature) return { state: 'stored', ...feature };
  return clientFeatureId === undefined ? { state: 'absent' } : { state: 'idOnly', featureId: id };
}
