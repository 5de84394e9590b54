export interface Line {
  /** 1 for the first. */
  number: number;
  text: string;
  /** Where it begins in the stream, and how long it is without its end, in bytes. */
  at: number;
  bytes: number;
  /** Why the bytes are not text; `text` is then of no use. */
  problem?: string;
}

/**
 * The lines of a stream of UTF-8, each as it stands. Only a line feed ends a line: JSON strings may hold U+2028, at
 * which Node's readline would cut. A byte order mark is passed over on the first line alone.
 */
export async function* linesOf(input: AsyncIterable<Uint8Array>): AsyncGenerator<Line> {
  let number = 0;
  let at = 0;
  let pieces: Uint8Array[] = [];
  const take = (end: Uint8Array): Line => {
    const bytes = Buffer.concat([...pieces, end]);
    pieces = [];
    number++;
    const line = { ...decode(number, bytes.at(-1) === 0x0d ? bytes.subarray(0, -1) : bytes), at, bytes: bytes.length };
    at += bytes.length + 1;
    return line;
  };
  for await (const chunk of input) {
    let from = 0;
    for (let at = chunk.indexOf(0x0a); at >= 0; at = chunk.indexOf(0x0a, from)) {
      yield take(chunk.subarray(from, at));
      from = at + 1;
    }
    if (from < chunk.length) pieces.push(chunk.subarray(from));
  }
  if (pieces.length > 0) yield take(new Uint8Array());
}

function decode(number: number, bytes: Uint8Array): Omit<Line, 'at' | 'bytes'> {
  try {
    // A decoder that is not fatal would put U+FFFD in place of what it cannot read, and nobody would know.
    return { number, text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: number > 1 }).decode(bytes) };
  } catch {
    return { number, text: '', problem: 'the line is not UTF-8' };
  }
}
