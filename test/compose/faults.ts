import type { Clock } from '../../src/clock.ts';
import type { Project } from './project.ts';

/** Longer than the ten seconds after which a store is called down. */
const PAUSE_MS = 20_000;
const BREATH_MS = 3_000;
const FREEZE_ATTEMPTS = 10;
export const WORKERS = 4;

export interface Striking {
  project: Project;
  clock: Clock;
  signal: AbortSignal;
}

export interface Fault {
  name: string;
  strike(at: Striking): Promise<void>;
}

export const scaleTo = (project: Project, workers: number): Promise<string> =>
  project.compose('up', '--detach', '--wait', '--no-recreate', '--scale', `worker=${workers}`);

/** What only containers show. Each ends with all workers running again. */
export const FAULTS: Fault[] = [
  {
    name: 'stop worker, then start',
    strike: async ({ project, clock, signal }) => {
      await project.compose('stop', 'worker');
      await clock.sleep(BREATH_MS, signal);
      await project.compose('start', 'worker');
    },
  },
  {
    name: 'docker kill of one worker',
    strike: async ({ project, clock, signal }) => {
      const [victim = ''] = (await project.compose('ps', '--quiet', 'worker')).split('\n');
      await project.docker('kill', victim);
      await clock.sleep(BREATH_MS, signal);
      await scaleTo(project, WORKERS);
    },
  },
  {
    name: 'scale 1 → 4 → 1',
    strike: async ({ project, clock, signal }) => {
      for (const workers of [1, 4, 1]) {
        await scaleTo(project, workers);
        await clock.sleep(BREATH_MS, signal);
      }
      await scaleTo(project, WORKERS);
    },
  },
  {
    name: 'restart dynamodb',
    strike: async ({ project }) => {
      await project.compose('restart', 'dynamodb');
    },
  },
  { name: 'pause dynamodb for 20 s', strike: pause('dynamodb') },
  { name: 'pause localstack for 20 s', strike: pause('localstack') },
];

function pause(service: string): Fault['strike'] {
  return async ({ project, clock, signal }) => {
    await freeze(service, { project, clock, signal });
    await clock.sleep(PAUSE_MS, signal);
    await project.compose('unpause', service);
  };
}

/** With cgroups of version 1 an engine now and then answers "unable to freeze" for a container with much to do. */
async function freeze(service: string, { project, clock, signal }: Striking): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await project.compose('pause', service);
      return;
    } catch (error) {
      if (attempt === FREEZE_ATTEMPTS || !String(error).includes('unable to freeze')) throw error;
      await clock.sleep(300, signal);
    }
  }
}
