const MOST_SEGMENT = 40;
const MOST_POINTER = 160;

/**
 * A stranger's text made fit to show: at most `most` characters, cut in the middle, with everything that does not print
 * escaped. An SQS attribute may hold neither control characters nor U+FFFE, and a terminal obeys them.
 */
export function excerpt(text: string, most: number): string {
  const printable = cut(text, most).replace(/[\p{C}\p{Zl}\p{Zp}]/gu, escapeUnits);
  // A cut may have halved a pair.
  return cut(printable, most).toWellFormed();
}

/** Where in a body something stands, as a JSON Pointer (RFC 6901), safe to show; `the message` for its root. */
export function pointer(path: readonly (string | number)[]): string {
  if (path.length === 0) return 'the message';
  const segments = path.map(at => excerpt(String(at), MOST_SEGMENT).replaceAll('~', '~0').replaceAll('/', '~1'));
  return cut(`/${segments.join('/')}`, MOST_POINTER).toWellFormed();
}

function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  return `${text.slice(0, most / 2)}…${text.slice(-most / 2)}`;
}

function escapeUnits(character: string): string {
  return character
    .split('')
    .map(unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');
}
