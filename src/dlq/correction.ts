import type { Archive } from './archive.ts';
import type { Letter } from './letter.ts';
import { mergePatch } from './merge-patch.ts';

/** The body with which a letter is to be replayed, or why there is none. */
export type Correction = { body: string } | { problem: string };
export type Correct = (letter: Letter) => Promise<Correction>;

export const uncorrected: Correct = async ({ body }) => ({ body });

/** @param patch JSON merge patch (RFC 7396), as text */
export function correctByPatch(patch: string): Correct {
  return async ({ body }) => {
    try {
      return { body: mergePatch(body, patch) };
    } catch (error) {
      const why = error instanceof SyntaxError ? 'it is not JSON' : 'it is nested too deep';
      return { problem: `${why}, so that a patch does not apply: correct it in a file, with --from` };
    }
  };
}

export function correctFrom(archive: Archive): Correct {
  return async letter => ({ body: (await archive.bodyOf(letter.messageId)) ?? letter.body });
}
