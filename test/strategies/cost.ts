import { choicesOf } from '../explorer/choices.ts';
import { SOURCE } from '../explorer/fakes/sqs.ts';
import { scenario } from '../explorer/scenario.ts';
import { FEATURES, type Subject } from '../explorer/subject.ts';
import { createWorld } from '../explorer/world.ts';

/** What one message costs in DynamoDB, on a calm day, with items of up to one kilobyte. */
export interface Cost {
  requests: number;
  writeUnits: number;
}

/** As counted by the fake: a new message, and a minute later its duplicate, at a worker that did not see the first. */
export async function measure(subject: Subject): Promise<{ newMessage: Cost; duplicate: Cost }> {
  let requests = 0;
  const counted: Subject = {
    ...subject,
    start: surroundings => {
      const send = (command: object) => {
        requests++;
        return surroundings.dynamodb.send(command as never);
      };
      return subject.start({ ...surroundings, dynamodb: { send } as typeof surroundings.dynamodb });
    },
  };
  const world = createWorld(scenario(['a1', 'a1'], { workers: 2 }), counted, { probes: false });

  const cost = async (place: number): Promise<Cost> => {
    const process = world.processes[place];
    const message = world.sqs.messages(SOURCE)[place];
    if (process === undefined || message === undefined) throw new Error('the scenario has no such message');
    const before = { requests, writeUnits: world.dynamodb.writeUnits() };
    world.deliver([message], process);
    await world.settle();
    while (process.requests.length > 0) {
      choicesOf(world)[0]?.run();
      await world.settle();
    }
    const { size } = world.dynamodb.items(FEATURES);
    if (message.state !== 'deleted' || size !== 1) throw new Error(`${subject.name} does not work on a calm day`);
    return { requests: requests - before.requests, writeUnits: world.dynamodb.writeUnits() - before.writeUnits };
  };

  const newMessage = await cost(0);
  world.advanceTo(world.now() + 60_000);
  return { newMessage, duplicate: await cost(1) };
}
