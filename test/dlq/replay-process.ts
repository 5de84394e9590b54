import { systemClock as clock } from '../../src/clock.ts';
import { readConfig } from '../../src/config.ts';
import { openCheckpoint } from '../../src/dlq/checkpoint.ts';
import { createJudge } from '../../src/dlq/judge.ts';
import { createPace } from '../../src/dlq/pace.ts';
import { openPass } from '../../src/dlq/pass.ts';
import { findDeadLetterQueue } from '../../src/dlq/queue.ts';
import { replay } from '../../src/dlq/replay.ts';
import { createSend } from '../../src/dlq/resend.ts';
import { createSqsClient } from '../../src/queue/client.ts';
import { createDynamoDBClient } from '../../src/store/client.ts';
import { createDynamoDBStore } from '../../src/store/dynamodb.ts';

/**
 * A replay to be killed: as the command does it, but its letters come back after two seconds instead of two minutes.
 * Prints its totals. Arguments: the checkpoint file, letters a second.
 */
const [file = '', perSecond] = process.argv.slice(2);
const { queueUrl, writes, ...names } = readConfig(process.env);
const sqs = createSqsClient();
const random = Math.random;
const { signal } = new AbortController();
const queue = await findDeadLetterQueue(sqs, queueUrl);
const store = createDynamoDBStore({ client: createDynamoDBClient(), names, writes, clock, random });
const pass = openPass({ sqs, queue, clock, random, signal, visibilitySeconds: 2 });
const pace = createPace({ ceiling: Number(perSecond), backlog: async () => 0, clock, signal });
const checkpoint = openCheckpoint(file);
const { totals, stopped, unfinished } = await replay({
  ...{ pass, filter: {}, judge: createJudge({ store, now: clock.now }), force: false, fifo: queue.fifo, clock, signal },
  commit: {
    ...{ pace, checkpoint, verify: false },
    send: createSend({ sqs, queue, clock, random, onTrouble: pace.trouble }),
  },
  onLetter: ({ letter }) => process.stderr.write(`${letter.messageId}\n`),
});
const { complete } = await pass.end();
checkpoint.close(complete && !stopped && unfinished === 0);
console.log(JSON.stringify({ ...totals, stopped: stopped?.message }));
process.exit(0);
