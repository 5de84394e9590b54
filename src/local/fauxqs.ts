import { onFreePort } from './free-port.ts';

/**
 * fauxqs listens on every interface when its own `startFauxqs` starts it, and names that address in its queue URLs. So
 * its parts are put together here, as `startFauxqs` does, from modules that the package does not export: the version
 * is pinned.
 */
interface Parts {
  buildApp(options: { logger: boolean; stores: { sqsStore: Store } }): App;
  SqsStore: new () => Store;
  PersistenceManager: new (directory: string) => Persistence;
  INVALID_MESSAGE_BODY_CHAR: RegExp;
}

interface App {
  listen(address: { host: string; port: number }): Promise<string>;
  close(): Promise<void>;
}

interface Store {
  host: string;
  persistence: Persistence | undefined;
  allQueues(): Iterable<{ persistence: Persistence | undefined }>;
}

interface Persistence {
  db: import('node:sqlite').DatabaseSync;
  updateMessageReady(messageId: string): void;
  loadSqsQueues(store: Store): void;
  close(): void;
}

export interface SqsEmulator {
  endpoint: string;
  stop(): Promise<void>;
}

/** The account that fauxqs names in its queue URLs and ARNs. */
export const ACCOUNT = '000000000000';

/** In memory unless `folder` says where to keep queues and messages. */
export async function startFauxqs(options: { folder?: string; port?: number }): Promise<SqsEmulator> {
  const parts = await loadParts();
  return onFreePort(options.port, async port => {
    const store = new parts.SqsStore();
    store.host = ''; // else queue URLs name sqs.us-east-1.localhost instead of the host that was asked
    const app = parts.buildApp({ logger: false, stores: { sqsStore: store } });
    const persistence = options.folder ? openPersistence(parts, options.folder) : undefined;
    const stop = async (): Promise<void> => {
      await app.close();
      persistence?.close();
    };
    const endpoint = `http://127.0.0.1:${port}`;
    try {
      if (persistence) restore(store, persistence, endpoint);
      await app.listen({ host: '127.0.0.1', port });
    } catch (error) {
      await stop();
      throw error;
    }
    return { endpoint, stop };
  });
}

async function loadParts(): Promise<Parts> {
  const app = import.meta.resolve('fauxqs');
  const modules = await Promise.all(
    ['./app.js', './sqs/sqsStore.js', './persistence.js', './sqs/sqsTypes.js'].map(
      file => import(new URL(file, app).href),
    ),
  );
  const parts: Parts = Object.assign({}, ...modules);
  // Without the `u` flag fauxqs takes each half of an emoji for a character that SQS refuses.
  const refused = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/u;
  parts.INVALID_MESSAGE_BODY_CHAR.test = body => refused.test(body);
  return parts;
}

function openPersistence(parts: Parts, folder: string): Persistence {
  const persistence = new parts.PersistenceManager(folder);
  // Without an fsync for each message: the death of a process loses nothing, only that of the machine would.
  persistence.db.exec('PRAGMA synchronous = NORMAL');
  // fauxqs also empties the receive count, a column that must not be empty: giving a message back failed and lost it.
  const makeReady = persistence.db.prepare(
    'UPDATE sqs_messages SET receipt_handle = NULL, visibility_deadline = NULL WHERE message_id = ?',
  );
  persistence.updateMessageReady = messageId => makeReady.run(messageId);
  return persistence;
}

/** Loads before the store is told to persist: what is loaded would be written again, and drop its messages. */
function restore(store: Store, persistence: Persistence, endpoint: string): void {
  // Queue URLs carry the port of the run that created them.
  persistence.db.prepare('UPDATE sqs_queues SET url = ? || name').run(`${endpoint}/${ACCOUNT}/`);
  persistence.loadSqsQueues(store);
  store.persistence = persistence;
  for (const queue of store.allQueues()) queue.persistence = persistence;
}
