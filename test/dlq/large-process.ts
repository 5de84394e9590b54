import type { Message } from '@aws-sdk/client-sqs';
import { keepMemorySmall } from '../../src/cli/dlq/memory.ts';
import { systemClock as clock } from '../../src/clock.ts';
import { openPass } from '../../src/dlq/pass.ts';
import { summarise } from '../../src/dlq/summary.ts';
import type { Sqs } from '../../src/queue/client.ts';
import { DEAD, SOURCE } from './stage.ts';

/**
 * A summary as the command makes it, of as many letters as its argument says, from a queue that makes them up as they
 * are received: bodies of 2 KB, and receipt handles of 336 characters, about as many as those of AWS have.
 */
const count = Number(process.argv[2]);
keepMemorySmall();
let received = 0;
const queue = {
  ...{ ...DEAD, fifo: false, retentionSeconds: 1_209_600, source: SOURCE },
  ...{ servedQueues: undefined, movesOnAfter: undefined },
};
const pass = openPass({
  sqs: { send } as unknown as Sqs,
  queue,
  clock,
  random: () => 0,
  signal: new AbortController().signal,
});
const counts = summarise(queue, clock.now());
for await (const batch of pass.letters()) for (const letter of batch) counts.add(letter);
console.log(JSON.stringify(counts.summary((await pass.end()).partial)));

async function send({ constructor: { name } }: object) {
  await new Promise(setImmediate);
  if (name !== 'ReceiveMessageCommand') return { Attributes: {} };
  return { Messages: Array.from({ length: Math.min(10, count - received) }, letter) };
}

function letter(): Message {
  const id = String(++received).padStart(12, '0');
  return {
    MessageId: `6f2d1c5a-2d3c-4d7e-9b0a-${id}`,
    ReceiptHandle: Buffer.from(id.repeat(21)).toString('base64'),
    Body: JSON.stringify({ clientFeatureId: id, payload: { text: id.repeat(160) } }),
    Attributes: { SentTimestamp: String(clock.now()), ApproximateReceiveCount: '1' },
  };
}
