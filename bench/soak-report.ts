import { writeFileSync } from 'node:fs';
import { startProgress } from '../src/cli/progress.ts';
import type { OpenBench } from './open.ts';
import type { Options } from './options.ts';
import { plotSvg, sparkline } from './plot.ts';
import { bold } from './print.ts';
import { driftOf, type SoakPoint, soak, toCsv } from './soak.ts';

/** Runs the soak, writes CSV and SVG after every ten seconds so that an end before time loses nothing, and sums up. */
export async function soakAndPlot(
  bench: OpenBench,
  { contenders, workload }: Options,
  { minutes, rate, out }: { minutes: number; rate: number; out: string },
): Promise<{ json: object; text: string }> {
  const [contender = 'onefold'] = contenders;
  const title = `${contender}: ${rate} messages a second`;
  const points: SoakPoint[] = [];
  const progress = startProgress('minutes', minutes);
  const onPoint = (point: SoakPoint) => {
    points.push(point);
    writeFileSync(`${out}.csv`, toCsv(points));
    writeFileSync(`${out}.svg`, plotOf(title, points));
    progress.reached(Number((point.seconds / 60).toFixed(1)));
  };
  const { sent, tally } = await soak(bench, contender, workload, { minutes, rate, onPoint }).finally(progress.stop);

  const [rss, speed] = [points.map(({ rssMb }) => rssMb), points.map(({ messagesPerSecond }) => messagesPerSecond)];
  const drift = { rss: driftOf(rss), messagesPerSecond: driftOf(speed) };
  const line = (label: string, values: number[], unit: string, ratio: number) =>
    `${label.padEnd(12)} ${sparkline(values)}  ${values.at(0)} … ${values.at(-1)} ${unit}, last third ÷ second: ${ratio.toFixed(3)}`;
  return {
    json: { points, drift, sent, ...tally },
    text: [
      bold(title),
      line('throughput', speed, 'messages/s', drift.messagesPerSecond),
      line('memory', rss, 'MB', drift.rss),
      `${sent} messages sent: ${tally.stored} features stored, ${tally.storedTwice} stored twice, ${tally.lost} lost`,
      `${out}.csv and ${out}.svg hold the points.`,
    ].join('\n'),
  };
}

function plotOf(title: string, points: SoakPoint[]): string {
  return plotSvg(
    title,
    points.map(({ seconds }) => seconds),
    [
      { label: 'messages stored a second', values: points.map(({ messagesPerSecond }) => messagesPerSecond) },
      { label: 'resident memory, MB', values: points.map(({ rssMb }) => rssMb) },
    ],
  );
}
