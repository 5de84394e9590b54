const UNITS: [name: string, seconds: number][] = [
  ['day', 24 * 3_600],
  ['hour', 3_600],
  ['minute', 60],
];

/** For people, in the largest unit of which there are two, or one exactly: `90 seconds`, `14 days`. */
export function duration(seconds: number): string {
  const [name, length] = UNITS.find(([, each]) => seconds >= 2 * each || seconds === each) ?? ['second', 1];
  const count = Math.round(seconds / length);
  return `${count} ${name}${count === 1 ? '' : 's'}`;
}
