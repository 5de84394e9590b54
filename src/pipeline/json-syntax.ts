import { createScanner } from 'jsonc-parser';
import { excerpt } from './excerpt.ts';

/** The first characters of what may come next. */
const VALUE = '{["-0123456789tfn';
const NAME = '"';
const WHITESPACE = ' \t\n\r';

/** Says where a text that `JSON.parse` has refused stops being JSON. V8's own message often has no position, and shows the text as it is. */
export function explainSyntax(text: string): string {
  const offset = syntaxErrorOffset(text);
  if (offset === text.length) return `not JSON: it ends too early, at position ${offset}`;
  return `not JSON: cannot read "${excerpt(text.slice(offset, offset + 20), 30)}" at position ${offset}`;
}

/**
 * Where the first token starts that is broken or stands in the wrong place, in UTF-16 units; the length when one is
 * missing. jsonc-parser's `visit` finds the same place (a test holds the two together), but it recurses, and a megabyte
 * of `[` is more than a stack.
 */
function syntaxErrorOffset(text: string): number {
  const scanner = createScanner(text, false);
  const closers: string[] = [];
  let expected = VALUE;
  for (;;) {
    scanner.scan();
    const offset = scanner.getTokenOffset();
    const first = text[offset];
    if (first === undefined) return offset;
    if (WHITESPACE.includes(first)) continue;
    if (!expected.includes(first) || scanner.getTokenError() !== 0 || !isWhole(first, scanner.getTokenValue())) {
      return offset;
    }
    if (first === '{') {
      closers.push('}');
      expected = `${NAME}}`;
    } else if (first === '[') {
      closers.push(']');
      expected = `${VALUE}]`;
    } else if (first === ':') {
      expected = VALUE;
    } else if (first === ',') {
      expected = closers.at(-1) === '}' ? NAME : VALUE;
    } else if (first === '"' && (expected === NAME || expected === `${NAME}}`)) {
      expected = ':';
    } else {
      if (first === '}' || first === ']') closers.pop();
      const closer = closers.at(-1);
      expected = closer ? `,${closer}` : '';
    }
  }
}

/** Whether a literal is spelt out, and a minus followed by digits: the scanner takes any word, and a lone minus. */
function isWhole(first: string, token: string): boolean {
  switch (first) {
    case 't':
      return token === 'true';
    case 'f':
      return token === 'false';
    case 'n':
      return token === 'null';
    case '-':
      return token !== '-';
    default:
      return true;
  }
}
