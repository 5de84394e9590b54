const WIDTH = 800;
const PANEL = 180;
const MARGIN = { left: 70, right: 20, top: 40, bottom: 30 };
const BARS = '▁▂▃▄▅▆▇█';

export interface Series {
  label: string;
  values: number[];
}

/** One line for a terminal, from zero to the largest value. */
export function sparkline(values: number[], width = 60): string {
  const most = Math.max(...values, 1e-9);
  // As many characters as there is room for: each shows the mean of its share.
  const step = Math.max(1, values.length / width);
  let line = '';
  for (let at = 0; at < values.length; at += step) {
    const share = values.slice(Math.floor(at), Math.max(Math.floor(at) + 1, Math.floor(at + step)));
    const mean = share.reduce((sum, value) => sum + value, 0) / share.length;
    line += BARS[Math.min(BARS.length - 1, Math.floor((mean / most) * BARS.length))];
  }
  return line;
}

/** A standalone SVG: the series below each other over the same minutes, each axis from zero. */
export function plotSvg(title: string, seconds: number[], series: Series[]): string {
  const height = MARGIN.top + series.length * (PANEL + MARGIN.bottom) + 10;
  const panels = series.map(({ label, values }, i) =>
    panel({ label, values, seconds, top: MARGIN.top + i * (PANEL + MARGIN.bottom) }),
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" font-family="sans-serif" font-size="12">
<title>${escaped(title)}</title>
<rect width="100%" height="100%" fill="white"/>
<text x="${MARGIN.left}" y="18" font-size="14">${escaped(title)}</text>
${panels.join('\n')}
</svg>
`;
}

function panel({ label, values, seconds, top }: Series & { seconds: number[]; top: number }): string {
  const most = niceCeiling(Math.max(...values, 1e-9));
  const end = Math.max(...seconds, 1);
  const x = (second: number) => MARGIN.left + (second / end) * (WIDTH - MARGIN.left - MARGIN.right);
  const y = (value: number) => top + PANEL - (value / most) * (PANEL - 20);
  const ticks = [0, 0.5, 1].map(share => {
    const at = y(share * most);
    return `<line x1="${MARGIN.left}" x2="${WIDTH - MARGIN.right}" y1="${at}" y2="${at}" stroke="#ddd"/><text x="${MARGIN.left - 6}" y="${at + 4}" text-anchor="end">${share * most}</text>`;
  });
  const minutes = [0, 0.25, 0.5, 0.75, 1].map(
    share =>
      `<text x="${x(share * end)}" y="${top + PANEL + 16}" text-anchor="middle">${Number(((share * end) / 60).toFixed(1))} min</text>`,
  );
  const points = values.map((value, i) => `${x(seconds[i] ?? 0).toFixed(1)},${y(value).toFixed(1)}`).join(' ');
  return [
    ...ticks,
    ...minutes,
    `<text x="${MARGIN.left}" y="${top + 10}">${escaped(label)}</text>`,
    `<polyline points="${points}" fill="none" stroke="#2563eb" stroke-width="1.5"/>`,
  ].join('\n');
}

/** The next of 1, 2, 5, 10, 20, … */
export function niceCeiling(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 5, 10].find(step => step * power >= value) ?? 10) * power;
}

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
