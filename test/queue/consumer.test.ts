import { expect } from 'chai';
import { createConsumer } from '../../src/queue/consumer.ts';
import type { Delivery } from '../../src/queue/port.ts';
import { createVirtualClock } from '../virtual-clock.ts';
import { capturedLog } from './captured-log.ts';
import { noAnswer, type Request, scriptedSqs, sdkError } from './scripted-sqs.ts';

const message = (id: string) => ({
  MessageId: id,
  ReceiptHandle: `receipt-${id}`,
  Body: '{}',
  Attributes: { ApproximateReceiveCount: '2', SentTimestamp: '1767225600000' },
});

/** A long poll that the test answers, or that ends when it is aborted. */
function openReceives() {
  const open: { answer(...ids: string[]): void; request: Request }[] = [];
  const receive = (request: Request) =>
    new Promise((resolve, reject) => {
      open.push({ request, answer: (...ids) => resolve({ Messages: ids.map(message) }) });
      request.signal?.addEventListener('abort', () => reject(sdkError('AbortError', undefined)));
    });
  return { open, receive };
}

function consumerOver(
  answer: (request: Request, n: number) => unknown,
  {
    pollers = 2,
    handle = async () => {},
    sleep,
  }: {
    pollers?: number;
    handle?: (deliveries: Delivery[]) => Promise<void>;
    sleep?: (ms: number) => Promise<void>;
  } = {},
) {
  const { sqs, requests } = scriptedSqs(answer);
  const clock = { ...createVirtualClock(), ...(sleep && { sleep }) };
  const { log, lines } = capturedLog();
  const handled: string[] = [];
  const givenBack: string[] = [];
  const consumer = createConsumer({
    sqs,
    queueUrl: 'http://sqs/123456789012/onefold',
    fifo: false,
    pollers,
    handle: async deliveries => {
      handled.push(...deliveries.map(({ messageId }) => messageId));
      await handle(deliveries);
    },
    giveBack: async deliveries => {
      givenBack.push(...deliveries.map(({ messageId }) => messageId));
    },
    clock,
    random: () => 0.5,
    log,
  });
  return { consumer, requests, clock, lines, handled, givenBack };
}

/** sqs-consumer asks again by a timer of its own, of 0 ms. */
async function until(condition: () => boolean): Promise<void> {
  for (let turns = 0; !condition(); turns++) {
    if (turns === 2_000) throw new Error('never came true');
    await new Promise(resolve => setTimeout(resolve, 1));
  }
}

describe('a consumer that is paused', () => {
  it('begins no receive until it is resumed', async () => {
    const { open, receive } = openReceives();
    const { consumer, requests, clock, handled } = consumerOver(receive, { pollers: 1 });
    consumer.start();
    consumer.pause();
    open[0]?.answer();
    await clock.advance(60_000);
    await new Promise(resolve => setTimeout(resolve, 5));
    expect(requests).to.have.length(1);
    consumer.resume();
    await until(() => requests.length === 2);
    open[1]?.answer('a');
    await until(() => handled.length === 1);
    await stop(consumer, clock);
  });

  it('gives back what still arrives, but not while another receive of its own could take it again', async () => {
    const { open, receive } = openReceives();
    const { consumer, clock, handled, givenBack } = consumerOver(receive, { pollers: 3 });
    consumer.start();
    consumer.pause();
    open[0]?.answer('a', 'b');
    open[1]?.answer('c');
    await clock.advance(15_000);
    expect(givenBack).to.deep.equal([]);
    open[2]?.answer();
    await clock.advance(0);
    expect(givenBack).to.deep.equal(['a', 'b', 'c']);
    expect(handled).to.deep.equal([]);
    await stop(consumer, clock);
  });

  it('aborts no receive: SQS would go on answering it, and hide messages from everybody', async () => {
    const { open, receive } = openReceives();
    const { consumer, clock } = consumerOver(receive);
    consumer.start();
    consumer.pause();
    await clock.advance(19_000);
    expect(open.map(({ request }) => request.signal?.aborted)).to.deep.equal([false, false]);
    await stop(consumer, clock);
  });

  it('gives back what it kept as soon as it is resumed, and handles what comes from then on', async () => {
    const { open, receive } = openReceives();
    const { consumer, requests, clock, handled, givenBack } = consumerOver(receive);
    consumer.start();
    consumer.pause();
    open[0]?.answer('a');
    await clock.advance(0);
    consumer.resume();
    expect(givenBack).to.deep.equal(['a']);
    open[1]?.answer('b');
    await until(() => handled.length === 1);
    expect(handled).to.deep.equal(['b']);
    await until(() => requests.length === 4);
    await stop(consumer, clock);
  });
});

describe('a consumer that is stopped', () => {
  it('lets running receives finish, gives back what they bring, and resolves when the last has ended', async () => {
    const { open, receive } = openReceives();
    const { consumer, requests, clock, handled, givenBack } = consumerOver(receive);
    consumer.start();
    let stopped = false;
    const stopping = consumer.stop(1_000).then(() => {
      stopped = true;
    });
    open[0]?.answer('a');
    await clock.advance(500);
    expect({ stopped, givenBack }).to.deep.equal({ stopped: false, givenBack: [] });
    open[1]?.answer();
    await stopping;
    expect({ handled, givenBack }).to.deep.equal({ handled: [], givenBack: ['a'] });
    expect(requests).to.have.length(2);
    expect(clock.sleepers()).to.equal(0);
  });

  it('aborts after the grace what is still running', async () => {
    const { open, receive } = openReceives();
    const { consumer, clock, lines } = consumerOver(receive);
    consumer.start();
    const stopping = consumer.stop(1_000);
    await clock.advance(999);
    expect(open.map(({ request }) => request.signal?.aborted)).to.deep.equal([false, false]);
    await clock.advance(1);
    await stopping;
    expect(open.map(({ request }) => request.signal?.aborted)).to.deep.equal([true, true]);
    expect(lines).to.deep.equal([]);
  });

  it('has handed over each message that came before, and waits for no handler', async () => {
    const { open, receive } = openReceives();
    const { consumer, handled, givenBack } = consumerOver(receive, { pollers: 1, handle: () => new Promise(() => {}) });
    consumer.start();
    open[0]?.answer('a');
    await Promise.resolve(); // the answer is on its way through the client
    await consumer.stop(1_000);
    expect([...handled, ...givenBack]).to.deep.equal(['a']);
  });

  it('stops from a pause, and from the wait after a failure', async () => {
    const { consumer, clock } = consumerOver(() => {
      throw noAnswer();
    });
    consumer.start();
    await until(() => clock.sleepers() === 2);
    consumer.pause();
    await consumer.stop(1_000);
    expect(clock.sleepers()).to.equal(0);
  });

  it('may be stopped before it was started', async () => {
    const { consumer, requests } = consumerOver(() => ({}));
    await consumer.stop(1_000);
    expect(requests).to.deep.equal([]);
  });
});

describe('a consumer whose receives fail', () => {
  it('asks again after a wait that doubles up to ten seconds, and logs the beginning and the end alone', async () => {
    const { open, receive } = openReceives();
    const waits: number[] = [];
    const { consumer, clock, lines } = consumerOver(
      (request, n) => {
        if (n < 9 || n === 10) throw sdkError('QueueDoesNotExist', 400);
        return receive(request);
      },
      {
        pollers: 1,
        sleep: async ms => {
          waits.push(ms);
        },
      },
    );
    consumer.start();
    await until(() => open.length === 1);
    open[0]?.answer();
    await until(() => open.length === 2);
    expect(waits).to.deep.equal([100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000, 5_000, 100]);
    expect(lines.map(({ level, msg }) => `${level} ${msg}`)).to.deep.equal([
      '50 cannot receive: trying again until it works',
      '30 receiving again',
      '50 cannot receive: trying again until it works',
    ]);
    await stop(consumer, clock);
  });

  it('goes on when a handler throws: the messages come again', async () => {
    const { open, receive } = openReceives();
    const handle = async () => {
      throw new Error('a defect');
    };
    const { consumer, clock, lines } = consumerOver(receive, { pollers: 1, handle });
    consumer.start();
    open[0]?.answer('a');
    await until(() => open.length === 2);
    expect(lines.map(({ msg }) => msg)).to.deep.equal(['messages not handled: they come again later']);
    await stop(consumer, clock);
  });
});

async function stop(consumer: { stop(graceMs: number): Promise<void> }, clock: { advance(ms: number): Promise<void> }) {
  const stopped = consumer.stop(1_000);
  await clock.advance(1_000);
  await stopped;
}
