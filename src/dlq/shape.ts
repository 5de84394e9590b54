/** What differs between two details that say the same: times, hashes, what is quoted, numbers. */
const PARTICULARS = [
  [/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '…'],
  [/v1:[0-9a-f]{64}/g, '…'],
  [/"(?:[^"\\]|\\.)*"/g, '"…"'],
  [/(?:\/\d+)+(?=[/:]|$)/g, '/N'],
  [/\d[\d,.]*(?![\w-])/g, 'N'],
] as const;

/** Details of one shape are one group: `payload.items.3 is 12` and `payload.items.4 is 7` both are `payload.items.N is N`. */
export function shapeOf(detail: string): string {
  return PARTICULARS.reduce((text, [pattern, stand]) => text.replace(pattern, stand), detail);
}
