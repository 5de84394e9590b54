import { expect } from 'chai';
import fc from 'fast-check';
import { SMALL } from './bounds.ts';
import { hunt } from './hunt.ts';
import { mutants } from './mutants.ts';
import { onefold } from './onefold.ts';
import { promises } from './promises.ts';
import { searchRandomly } from './random.ts';
import { formatSchedule, parseSchedule, type Schedule } from './replay.ts';
import { type Scenario, scenario } from './scenario.ts';
import { type Run, runSchedule } from './schedule.ts';
import { searchAll } from './search.ts';
import { tell } from './shortest.ts';

const subject = onefold();
const rules = promises;

/** Fails with the schedule as steps. */
async function expectNone(found: (Schedule & { violation: string }) | undefined): Promise<void> {
  if (found === undefined) return;
  const { steps } = await tell(subject, rules, found);
  expect.fail([found.violation, ...steps, formatSchedule(found)].join('\n'));
}

describe('the explorer', function () {
  this.timeout(60_000);
  // Nobody reads the stacks of the errors that the fakes throw, and taking them takes longer than throwing.
  const { stackTraceLimit } = Error;
  before(() => {
    Error.stackTraceLimit = 0;
  });
  after(() => {
    Error.stackTraceLimit = stackTraceLimit;
  });

  for (const { name, scenario } of SMALL) {
    it(`finds no broken promise in any schedule of ${name}`, async () => {
      const { schedules, complete, found } = await searchAll({ scenario, subject, rules });
      await expectNone(found && { ...found, scenario });
      expect(complete).to.equal(true);
      expect(schedules).to.be.greaterThan(10);
    });
  }

  it('finds no broken promise in random schedules of larger scenarios', async () => {
    await expectNone(await searchRandomly({ subject, rules, seed: 1, runs: 500 }));
  });

  for (const mutant of mutants) {
    it(`catches the mutant that ${mutant.name}`, async () => {
      const { by } = await hunt(mutant);
      if (by === undefined) return expect.fail('it survived');
      const { steps, violation } = await tell(mutant, rules, by);
      expect(violation).to.equal(by.violation);
      expect(steps.length).to.be.at.least(3);
      expect((await tell(subject, rules, by)).violation, 'without the mutation').to.equal(undefined);
    });
  }

  it('runs no decision sequence twice, and each to its end', async () => {
    const sequences: string[] = [];
    const fingerprints = new Set<number>();
    const onSchedule = ({ decisions, fingerprint, abandoned }: Run) => {
      expect(abandoned).to.equal(false);
      sequences.push(decisions.join());
      fingerprints.add(fingerprint);
    };
    const given = scenario(['a1', 'a2'], { lost: 1 });
    const { schedules } = await searchAll({ scenario: given, subject, rules, onSchedule });
    expect(schedules).to.equal(sequences.length);
    expect(new Set(sequences).size).to.equal(schedules);
    expect(fingerprints.size).to.equal(schedules);
  });

  it('leaves no schedule out when several searches share the work', async () => {
    const run = async (share: { index: number; of: number }) => {
      const seen: number[] = [];
      const onSchedule = ({ fingerprint }: Run) => seen.push(fingerprint);
      await searchAll({ scenario: scenario(['a1', 'a1'], { late: 1 }), subject, rules, share, onSchedule });
      return seen;
    };
    const whole = await run({ index: 0, of: 1 });
    const shared = [0, 1, 2].map(index => run({ index, of: 3 }));
    expect((await Promise.all(shared)).flat().toSorted()).to.deep.equal(whole.toSorted());
  });

  for (const [messages, faults, of] of [
    [['a1', 'a2'], { lost: 1 }, subject],
    [['a1'], { crashes: 1, late: 1 }, subject],
    [['a1'], { visibility: 'timed', redelivered: 1, maxReceiveCount: 2 }, subject],
    [['a1', 'a1'], {}, mutants[3] ?? subject],
  ] as [string[], Partial<Scenario>, typeof subject][]) {
    const bounds = scenario(messages, faults);
    it(`leaves out only orders of steps that commute: ${of.name}, ${messages.join(' and ')}, ${JSON.stringify(faults)}`, async () => {
      // What each worker asked and was told by each service is the same whichever of the orders is run.
      const seen = async (reduces: boolean) => {
        const set = new Set<string>();
        const options = { scenario: bounds, subject: of, rules: { probes: false }, reduces, tellsStory: true };
        const { schedules } = await searchAll({ ...options, onSchedule: ({ story }) => set.add(lanes(story)) });
        return { schedules, lanes: [...set].toSorted() };
      };
      const reduced = await seen(true);
      const all = await seen(false);
      expect(reduced.lanes).to.deep.equal(all.lanes);
      expect(reduced.schedules).to.be.lessThan(all.schedules);
    });
  }

  it('runs the same schedule the same way every time', async () => {
    const bytes = fc.sample(fc.uint8Array({ minLength: 60, maxLength: 60 }), { seed: 3, numRuns: 60 });
    const bounds = scenario(['a1', 'a2', 'b1'], {
      ...{ crashes: 1, lost: 1, late: 1, throttled: 1, redelivered: 1, waits: 2, stops: 1 },
      visibility: 'timed',
    });
    for (const choices of bytes) {
      const first = await runSchedule(bounds, subject, rules, (all, step) => (choices[step] ?? 0) % all.length, {
        tellsStory: true,
      });
      const schedule = parseSchedule(formatSchedule({ scenario: bounds, decisions: first.decisions }));
      const second = await tell(subject, rules, schedule);
      expect(second.steps).to.deep.equal(first.story);
    }
  });
});

/** The steps of each worker with each service, in their order; the order between them is left out. */
function lanes(story: string[]): string {
  const laneOf = (line: string) => {
    const [, worker = '', sqs] = /^worker (\w+)(: (?:delete|hide|send))?/.exec(line) ?? [];
    return `${worker} ${sqs ? 'SQS' : ''}`;
  };
  return JSON.stringify([...Map.groupBy(story, laneOf)].sort());
}
