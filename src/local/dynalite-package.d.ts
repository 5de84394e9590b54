declare module 'dynalite' {
  import type { Server } from 'node:http';

  /** The part that Onefold uses: https://github.com/architect/dynalite */
  export default function dynalite(options: {
    /** A folder for LevelDB; in memory without it. */
    path?: string;
    createTableMs?: number;
    deleteTableMs?: number;
    updateTableMs?: number;
  }): Server;
}
