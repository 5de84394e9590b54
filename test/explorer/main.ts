import { CommanderError } from 'commander';
import { printJson } from '../../src/cli/json.ts';
import { startProgress } from '../../src/cli/progress.ts';
import { OperatorMistake } from '../../src/errors.ts';
import { LARGE, SMALL } from './bounds.ts';
import { explore } from './explore.ts';
import { type Caught, findMutant, hunt } from './hunt.ts';
import { mutants } from './mutants.ts';
import { onefold } from './onefold.ts';
import { type Options, readOptions } from './options.ts';
import { exploredAsJson, renderExplored, renderSchedule } from './print.ts';
import { promises } from './promises.ts';
import { formatSchedule, parseSchedule, type Schedule } from './replay.ts';
import { tell } from './shortest.ts';
import type { Subject } from './subject.ts';

async function run(options: Options): Promise<number> {
  switch (options.kind) {
    case 'explore':
      return exploreAll(options);
    case 'show': {
      const { by } = await hunt(mutantNamed(options.mutant));
      if (by === undefined) throw new OperatorMistake(`${options.mutant} survived`, 'run the whole exploration');
      return show(mutantNamed(options.mutant), by, options.json);
    }
    case 'replay': {
      const subject = options.mutant === undefined ? onefold() : mutantNamed(options.mutant);
      return show(subject, parseSchedule(options.schedule), options.json);
    }
  }
}

function mutantNamed(text: string): Subject {
  const mutant = findMutant(text);
  if (mutant) return mutant;
  const names = mutants.map(({ name }, i) => `${i + 1} ${name}`).join('\n       ');
  throw new OperatorMistake(`there is no mutant ${text}`, `one of\n       ${names}`);
}

async function show(subject: Subject, schedule: Schedule, json: boolean): Promise<number> {
  const told = await tell(subject, promises, schedule);
  if (json) printJson({ subject: subject.name, ...told, replay: formatSchedule(schedule) }, { pretty: false });
  else console.log(renderSchedule(subject.name, told, schedule));
  return 0;
}

async function exploreAll({ schedules, minutes, seed, threads, small, json }: Options & { kind: 'explore' }) {
  const startedAt = Date.now();
  const progress = startProgress('schedules', schedules);
  try {
    const explored = await explore({
      bounds: small ? SMALL : [...SMALL, ...LARGE],
      schedules,
      seed,
      threads,
      deadline: startedAt + minutes * 60_000,
      onProgress: progress.reached,
    });
    progress.stop();
    const caught: Caught[] = [];
    const hunting = startProgress('mutants', mutants.length);
    for (const mutant of mutants) {
      caught.push(await hunt(mutant));
      hunting.reached(caught.length);
    }
    hunting.stop();
    const result = { explored, caught, seed, seconds: (Date.now() - startedAt) / 1_000 };
    if (json) printJson(exploredAsJson(result), { pretty: false });
    else console.log(await renderExplored(result));
    return explored.found.length === 0 && caught.every(({ by }) => by !== undefined) ? 0 : 1;
  } finally {
    progress.stop();
  }
}

async function main(argv: string[]): Promise<number> {
  try {
    return await run(readOptions(argv));
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2; // commander has said it
    if (error instanceof OperatorMistake) {
      console.error(`error: ${error.message}\nhint:  ${error.hint}`);
      return 2;
    }
    console.error(error);
    return 1;
  }
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));
