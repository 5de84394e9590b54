/** Control characters that JSON.stringify lets through: DEL and the C1 ones, which some terminals obey. */
const RAW_CONTROLS = /[\u007f-\u009f]/g;

const escaped = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** JSON that is safe on a terminal: indented there if `pretty`, else one line. */
export function printJson(value: unknown, { pretty }: { pretty: boolean }): void {
  const text = JSON.stringify(value, undefined, pretty ? 2 : undefined);
  process.stdout.write(`${text.replace(RAW_CONTROLS, escaped)}\n`);
}

/** One line of JSON that is safe on a terminal. */
export function jsonLine(value: unknown): string {
  return JSON.stringify(value).replace(RAW_CONTROLS, escaped);
}

/** Text from a message with every control character escaped, so that none reaches the terminal. */
export function printable(text: string): string {
  return JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replace(RAW_CONTROLS, escaped);
}
