import type { Answer } from './answer.ts';
import type { Item, Table } from './tables.ts';

/** What a create-if-absent did. A backend may keep to itself what it found: then it must be read. */
export type Written = { created: true } | { created: false; existing?: Item };

/** Creates an item unless its key exists: one attempt, every error judged, never a throw. */
export type Write = (table: Table, item: Item) => Promise<Answer<Written>>;
