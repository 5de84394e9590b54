import { createScanner } from 'jsonc-parser';
import { numberDefect } from './exact-number.ts';
import { excerpt, pointer } from './excerpt.ts';

/**
 * DynamoDB's 32 levels of nesting count the values, so the last level has room for scalars alone: AWS, dynoxide and
 * DynamoDB Local's PutItem all take 31 containers around a scalar and refuse 32 (its PartiQL takes one more).
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
 */
const LEVELS = 32;
/** Of an attribute's name, nested ones too: the same page. */
export const MAX_NAME_BYTES = 65_535;

/** An object or list that has not ended yet. */
interface Container {
  /** The member names so far; a list has none. */
  names: Set<string> | undefined;
  /** Where in it the scanner stands. */
  name: string;
  index: number;
}

/**
 * The first thing in a JSON text that could not be stored exactly as it was sent, with its place; undefined when all
 * can. `JSON.parse` bends each of these without a word, or a store refuses it later along with its neighbours.
 *
 * One pass, linear in the text, no recursion. The text must be valid JSON: what is in the wrong place goes unnoticed.
 */
export function findDefect(json: string): string | undefined {
  const scanner = createScanner(json, true);
  // A surrogate enters as an escape, or where a queue carried broken UTF-16. Most bodies know neither.
  const surrogates = /\\u[dD]/.test(json) || !json.isWellFormed();
  const open: Container[] = [];
  let inside: Container | undefined;
  // What an object begins with, and what follows its commas, is a name; any other string is a value.
  let startsEntry = false;

  for (;;) {
    scanner.scan();
    const first = json[scanner.getTokenOffset()];
    switch (first) {
      case undefined:
        return undefined;
      case '{':
      case '[':
        // The message itself is level 0, its payload level 1.
        if (open.length === LEVELS) return at(open, `nested deeper than DynamoDB's ${LEVELS} levels`);
        inside = { names: first === '{' ? new Set() : undefined, name: '', index: 0 };
        open.push(inside);
        startsEntry = true;
        break;
      case '}':
      case ']':
        open.pop();
        inside = open.at(-1);
        break;
      case ',':
        if (inside) inside.index++;
        startsEntry = true;
        break;
      case '"': {
        const text = scanner.getTokenValue();
        if (startsEntry && inside?.names) {
          inside.name = text;
          const problem = nameDefect(text, inside.names);
          if (problem) return at(open, problem);
          inside.names.add(text);
          startsEntry = false;
        }
        if (surrogates && !text.isWellFormed()) return at(open, loneSurrogate(text));
        break;
      }
      case ':':
      case 't':
      case 'f':
      case 'n':
        break;
      default: {
        const problem = numberDefect(scanner.getTokenValue());
        if (problem) return at(open, problem);
      }
    }
  }
}

function nameDefect(name: string, seen: ReadonlySet<string>): string | undefined {
  if (seen.has(name)) return 'this member is there twice in one object, and only one of the two could be stored';
  if (name === '') return 'a member has an empty name, which DynamoDB does not allow';
  if (name === '__proto__') {
    return "a member is called __proto__, which readers that use the AWS SDK's unmarshall would lose; rename it";
  }
  // A UTF-16 unit is 3 bytes of UTF-8 at most.
  if (name.length * 3 > MAX_NAME_BYTES && Buffer.byteLength(name) > MAX_NAME_BYTES) {
    return `a member's name is longer than DynamoDB's ${MAX_NAME_BYTES} bytes`;
  }
  return undefined;
}

function loneSurrogate(text: string): string {
  const [lone = ''] = text.match(/\p{Cs}/u) ?? [];
  return `a lone surrogate, ${excerpt(lone, 8)}, is half a character: UTF-8 has no place for it`;
}

function at(open: readonly Container[], problem: string): string {
  return `${pointer(open.map(({ names, name, index }) => (names ? name : index)))}: ${problem}`;
}
