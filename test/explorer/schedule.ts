import { type Choice, choicesOf, THE_END } from './choices.ts';
import { SOURCE } from './fakes/sqs.ts';
import { fingerprint } from './fingerprint.ts';
import type { Facts, Rules } from './rules.ts';
import { bodyOf, FAULTS, type Scenario, settingOf } from './scenario.ts';
import { CLIENT_ID, FEATURES, type Subject } from './subject.ts';
import { clientIdOf, createWorld, type World } from './world.ts';

/** What became of one schedule. */
export interface Run {
  /** The choices taken, by their place among those there were. */
  decisions: number[];
  /** Which rule was broken, in a sentence. */
  violation: string | undefined;
  /** Nobody wanted to see the end of it. */
  abandoned: boolean;
  /** Each step, when they were asked for. */
  story: string[];
  /** Of the steps and of all that they depend on but the faults that did not strike: equal for equal schedules alone. */
  fingerprint: number;
  facts: Facts;
}

/** Takes one of the choices by its place, or none of them: then the schedule is abandoned. */
export type Choose = (choices: Choice[], step: number) => number | undefined;

/** A system at work on as few messages as these comes to rest after some tens of steps, or never. */
const MOST_STEPS = 1_000;

/** Runs one schedule from the first receive until nothing is left to do, or a rule is broken. */
export async function runSchedule(
  scenario: Scenario,
  subject: Subject,
  rules: Rules,
  choose: Choose,
  { tellsStory = false } = {},
): Promise<Run> {
  const world = createWorld(scenario, subject, rules);
  const decisions: number[] = [];
  const story: string[] = [];
  const print = fingerprint();
  for (const part of settingOf(scenario)) print.add(part);

  const step = async (choice: Choice) => {
    choice.run();
    await world.settle();
    if (tellsStory) story.push(choice.told());
  };

  await world.settle();
  for (let choices = choicesOf(world); choices.length > 0 && !world.violation; choices = choicesOf(world)) {
    const place = choose(choices, decisions.length);
    const choice = place === undefined ? undefined : choices[place];
    if (place === undefined || choice === undefined) return ended(true);
    decisions.push(place);
    print.add(choice.id());
    await step(choice);
    if (decisions.length > MOST_STEPS) world.violation ??= `it does not come to rest within ${MOST_STEPS} steps`;
    if (choice === THE_END) break;
  }
  world.violation ??= rules.atRest?.(world.facts);
  if (rules.probes && !world.violation) {
    await probe(world, step, line => story.push(line));
    world.violation ??= rules.atRest?.(world.facts);
  }
  return ended(false);

  function ended(abandoned: boolean): Run {
    const { violation, facts } = world;
    return { decisions, violation, abandoned, story, fingerprint: print.value(), facts };
  }
}

/** Sends one more message for each id that has no feature, on a calm day hours later. */
async function probe(world: World, step: (choice: Choice) => Promise<void>, say: (line: string) => void) {
  const stored = new Set([...world.dynamodb.items(FEATURES).values()].map(item => item[CLIENT_ID]?.S));
  const valid = world.scenario.messages.filter(message => !message.endsWith('!'));
  const unfinished = valid.filter((message, i) => {
    const id = clientIdOf(bodyOf(message));
    return !stored.has(id) && valid.findIndex(other => clientIdOf(bodyOf(other)) === id) === i;
  });
  if (unfinished.length === 0) return;
  for (const fault of FAULTS) world.budget[fault] = 0;
  world.advanceTo(world.now() + 24 * 3_600_000);
  world.dynamodb.expire(world.now() / 1_000);
  for (const message of unfinished) {
    const { id } = world.sqs.send(SOURCE, bodyOf(message));
    world.facts.probed.push(clientIdOf(bodyOf(message)));
    say(`a day later, a calm one, the same feature is sent once more: ${id}`);
  }
  for (let left = MOST_STEPS; left > 0; left--) {
    const [choice] = choicesOf(world);
    if (choice === undefined || choice === THE_END) return;
    await step(choice);
  }
}
