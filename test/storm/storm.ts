import type { Clock } from '../../src/clock.ts';
import type { PlannedMessage } from '../../src/demo/plan.ts';
import { seededRandom } from '../../src/demo/random.ts';
import type { Screen } from '../../src/demo/screen.ts';
import type { Stack } from '../../src/demo/stack.ts';
import { readTruth } from '../../src/demo/truth.ts';
import type { SentMessage } from '../../src/demo/verdict.ts';
import { type Audit, audit } from './audit.ts';
import { untilDrained } from './drain.ts';
import { type Field, openField } from './field.ts';
import type { Fleet } from './fleet.ts';
import { type Forecast, forecast as forecastOf } from './forecast.ts';
import { produce } from './producer.ts';
import { together } from './together.ts';
import { createWeather, type Struck, type Weather } from './weather.ts';

export interface StormReport extends Audit {
  /** From the first worker's start to the end of the audit. */
  seconds: number;
  struck: Struck & Fleet['struck'] & { outageSeconds: number };
  /** Workers that waited in vain for the store at their start, and ended. */
  gaveUp: number;
  /** The highest receive count that a worker was told. */
  mostReceives: number;
}

export interface StormOptions {
  kills: number;
  workers: number;
  seed: number;
}

/** Where it happens. */
export interface Scene {
  stack: Stack;
  screen: Screen;
  clock: Clock;
  /** Ends the storm: it rejects. */
  signal: AbortSignal;
}

const PRODUCERS = 2;
/** The last message is sent before the storm is over. */
const SENDING_SHARE = 0.85;

/**
 * Workers as real processes, real backends behind proxies that do to requests what networks and outages do, producers,
 * and strikes on the workers. Then the faults cease, the queue drains, and tables and queues are held against what was
 * sent.
 */
export async function runStorm(
  plan: readonly PlannedMessage[],
  options: StormOptions,
  on: Scene,
): Promise<StormReport> {
  const { stack, clock, screen } = on;
  const began = clock.now();
  const forecast = forecastOf(options);
  const weather = createWeather({ forecast, random: seededRandom(options.seed ^ 0xfa7e), now: clock.now });
  const field = await openField({ stack, weather, workers: options.workers });
  const { fleet } = field;
  try {
    await fleet.start();
    screen.say(`${fleet.running()} workers receive; the storm begins: it takes ${forecast.lastsMs / 1000} s`);
    const { sent, drained } = await blow(plan, { ...on, forecast, weather, field });
    screen.say(`${drained ? 'the queue is empty' : 'giving up on what is left'}: stopping the workers`);
    await fleet.stop();
    screen.say('reading both tables and both queues');
    const { complaints, ...figures } = audit(sent, await readTruth(stack));
    const outageSeconds = (forecast.outage.toMs - forecast.outage.fromMs) / 1000;
    return {
      ...figures,
      complaints: [...fleet.crashes, ...complaints],
      seconds: (clock.now() - began) / 1000,
      struck: { ...weather.struck, ...fleet.struck, outageSeconds },
      gaveUp: fleet.gaveUp(),
      mostReceives: field.mostReceives(),
    };
  } finally {
    await field.close();
  }
}

/** The storm, from its first gust until the queue has drained. */
async function blow(
  plan: readonly PlannedMessage[],
  on: Scene & { forecast: Forecast; weather: Weather; field: Field },
): Promise<{ sent: SentMessage[]; drained: boolean }> {
  const { forecast, weather, field, clock, screen, stack } = on;
  const sent: SentMessage[] = [];
  const began = clock.now();
  const sendMs = (SENDING_SHARE * forecast.lastsMs) / plan.length;
  let isOver = false;
  let drained = false;

  weather.begin();
  await together(on.signal, signal => [
    strike(forecast, field.fleet, began, { ...on, signal }),
    produce(PRODUCERS, {
      ...{ clock, signal, sqs: field.sqs, queueUrl: stack.queueUrl },
      messages: plan.map((message, i) => ({ ...message, dueAt: began + i * sendMs })),
      dueAt: ({ dueAt }) => dueAt,
      onSent: ({ dueAt: _, ...message }, messageId) => sent.push({ ...message, messageId }),
    }),
    clock.sleep(forecast.lastsMs, signal).then(() => {
      isOver = true;
      weather.clear();
      screen.say('the storm is over: the queue drains');
    }),
    untilDrained({
      ...{ ...on, signal, sent: () => sent.length },
      complete: () => isOver && sent.length === plan.length && clock.now() > weather.quietAt(),
    }).then(empty => {
      drained = empty;
    }),
  ]);
  return { sent, drained };
}

/** Does what the forecast says to the workers, and says so. */
async function strike(
  { strikes, outage }: Forecast,
  fleet: Fleet,
  began: number,
  { screen: { say }, clock, signal }: Scene,
): Promise<void> {
  const events = [
    ...strikes.map(({ atMs, kind, whom }) => ({
      atMs,
      happen: () => {
        if (kind === 'rollout') {
          void fleet.rollOut();
          return 'rollout: SIGTERM to one worker after the other';
        }
        const worker = fleet[kind](whom)?.worker;
        const what = kind === 'kill' ? 'is killed' : 'freezes for 7 s';
        return worker === undefined ? undefined : `worker ${worker} ${what}`;
      },
    })),
    { atMs: outage.fromMs, happen: () => `the store is down: ${outage.kind}` },
    { atMs: outage.toMs, happen: () => 'the store is back' },
  ].sort((a, b) => a.atMs - b.atMs);
  for (const { atMs, happen } of events) {
    await clock.sleep(Math.max(0, began + atMs - clock.now()), signal);
    const line = happen();
    if (line !== undefined) say(line);
  }
}
