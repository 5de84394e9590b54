import { startDynalite } from '../../src/local/dynalite.ts';
import { findDynoxide, startDynoxide } from '../../src/local/dynoxide.ts';
import { startFauxqs } from '../../src/local/fauxqs.ts';
import type { Reliant, Subject } from './property.ts';
import { makeQueuePlace, type QueuePlace } from './queue-place.ts';
import { makeStorePlace, type OwnPlace, type StorePlace } from './store-place.ts';

const BATCH_AND_SINGLE: Reliant[] = ['every worker', 'batch writes', 'single writes'];
const SINGLE: Reliant[] = ['every worker', 'single writes'];
const QUEUE: Reliant[] = ['every worker', 'FIFO queues'];
const EMBEDDED = { region: 'us-east-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };

export interface Backends {
  stores: Subject<StorePlace>[];
  queues: Subject<QueuePlace>[];
  stop(): Promise<void>;
}

export interface Endpoint {
  name: string;
  url: string;
}

/**
 * The embedded emulators, which are started here, and what else there is.
 * @param given with credentials and region from the environment
 */
export async function openBackends(given: { stores: Endpoint[]; queues: Endpoint[] }): Promise<Backends> {
  const ends: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (const end of ends.reverse()) await end();
  };

  async function subject<Place>(name: string, opening: Promise<OwnPlace<Place>>, reliants: Reliant[]) {
    const { place, leave } = await opening;
    ends.push(leave);
    return { name, place, reliants };
  }
  async function embedded(starting: Promise<{ endpoint: string; stop(): Promise<void> }>): Promise<string> {
    const emulator = await starting;
    ends.push(emulator.stop);
    return emulator.endpoint;
  }

  try {
    const stores: Subject<StorePlace>[] = [];
    const queues: Subject<QueuePlace>[] = [];
    const binary = findDynoxide();
    if (binary) {
      const endpoint = await embedded(startDynoxide({ binary }));
      stores.push(await subject('dynoxide', makeStorePlace(endpoint, EMBEDDED), BATCH_AND_SINGLE));
    }
    const dynalite = await embedded(startDynalite({}));
    stores.push(await subject('dynalite', makeStorePlace(dynalite, EMBEDDED), SINGLE));
    const fauxqs = await embedded(startFauxqs({}));
    queues.push(await subject('fauxqs', makeQueuePlace(fauxqs, EMBEDDED), QUEUE));
    for (const { name, url } of given.stores) {
      stores.push(await subject(name, makeStorePlace(url, {}), BATCH_AND_SINGLE));
    }
    for (const { name, url } of given.queues) queues.push(await subject(name, makeQueuePlace(url, {}), QUEUE));
    return { stores, queues, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
