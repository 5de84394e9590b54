import { createSqsClient } from '../src/queue/client.ts';
import { fillQueue } from './queue.ts';
import { serve } from './service.ts';

const TICK_MS = 100;

/**
 * Sends at a constant rate, the features `feature-0`, `feature-1`, …, until it is asked with `stop`. Every answer is the
 * number sent so far.
 */
if (import.meta.main) {
  const [queueUrl = '', rate = '0', payloadBytes = '0'] = process.argv.slice(2);
  const sqs = createSqsClient();
  const startedAt = performance.now();
  let sent = 0;
  let sending: Promise<void> | undefined;

  const send = async () => {
    const due = Math.floor(((performance.now() - startedAt) / 1_000) * Number(rate));
    const ids = Array.from({ length: due - sent }, (_, i) => `feature-${sent + i}`);
    await fillQueue(sqs, { queueUrl }, ids, { payloadBytes: Number(payloadBytes) });
    sent = due;
  };
  const ticking = setInterval(() => {
    // What a slow tick did not send, the next one does.
    sending ??= send().finally(() => {
      sending = undefined;
    });
  }, TICK_MS);

  serve(null, {
    answer: async question => {
      if (question === 'stop') clearInterval(ticking);
      if (question === 'stop') await sending;
      return sent;
    },
    stop: () => {
      clearInterval(ticking);
      sqs.destroy();
    },
  });
}
