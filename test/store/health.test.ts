import { expect } from 'chai';
import { type Answer, judge, judgeCode } from '../../src/store/answer.ts';
import { askUntilAnswered } from '../../src/store/ask.ts';
import { watchHealth } from '../../src/store/health.ts';
import { StoreFailure, StoreUnavailable } from '../../src/store/port.ts';
import { createVirtualClock } from '../virtual-clock.ts';

const timeout = Object.assign(new Error('no answer in time'), { name: 'TimeoutError' });
const transient: Answer<string> = { kind: 'transient', error: timeout };
const refused: Answer<string> = {
  kind: 'refused',
  error: Object.assign(new Error('no'), { name: 'ValidationException' }),
};
const answered: Answer<string> = { kind: 'answered', value: 'yes' };

/** A store whose answers and probes the test decides, on a clock of its own. */
function scripted() {
  const clock = createVirtualClock();
  const store = { answer: transient as Answer<string>, probe: undefined as Error | undefined, asked: 0, probed: 0 };
  const health = watchHealth({
    clock,
    probe: async () => {
      store.probed++;
      if (store.probe) throw store.probe;
    },
  });
  const changes: string[] = [];
  health.onChange((available, reason) => changes.push(available ? 'up' : `down: ${reason}`));
  const ask = () =>
    askUntilAnswered(
      async () => {
        store.asked++;
        return store.answer;
      },
      { health, clock, random: () => 0.5 },
    ).then(
      ({ value, uncertain }) => `${value}${uncertain ? ', uncertain' : ''}`,
      (error: Error) => error,
    );
  return { clock, store, health, changes, ask };
}

describe('asking the store', () => {
  it('asks again what is transient, and says that an earlier attempt may have been applied', async () => {
    const { clock, store, ask } = scripted();
    const asking = ask();
    await clock.advance(10);
    store.answer = answered;
    await clock.advance(5_000);
    expect(await asking).to.equal('yes, uncertain');
  });

  it('is certain about an answer to the first attempt', async () => {
    const { store, ask } = scripted();
    store.answer = answered;
    expect(await ask()).to.equal('yes');
  });

  it('fails one item that stays throttled while others are answered, without calling the store down', async () => {
    const { clock, health, changes, ask } = scripted();
    const asking = ask();
    for (let second = 0; second < 30; second++) {
      await clock.advance(1_000);
      health.succeeded();
    }
    expect(await asking).to.be.instanceOf(StoreFailure);
    expect(changes).to.deep.equal([]);
  });

  it('calls the store down when nothing is answered for ten seconds, not before, and charges no item for it', async () => {
    const { clock, store, changes, ask } = scripted();
    store.probe = timeout;
    const asking = ask();
    await clock.advance(9_000);
    expect(changes).to.deep.equal([]);
    await clock.advance(4_000);
    expect(changes).to.have.length(1);
    expect(await asking).to.be.instanceOf(StoreUnavailable);
  });

  it('counts the ten seconds from the first attempt, however long the store had been idle', async () => {
    const { clock, store, changes, ask } = scripted();
    store.answer = answered;
    await ask();
    await clock.advance(3_600_000);
    store.answer = transient;
    const asking = ask();
    await clock.advance(5_000);
    store.answer = answered;
    await clock.advance(5_000);
    expect(changes).to.deep.equal([]);
    expect(await asking).to.equal('yes, uncertain');
  });

  it('asks nothing more of a store that is down', async () => {
    const { clock, store, ask } = scripted();
    store.probe = timeout;
    const first = ask();
    await clock.advance(15_000);
    await first;
    const { asked } = store;
    expect(await ask()).to.be.instanceOf(StoreUnavailable);
    expect(store.asked).to.equal(asked);
  });

  it('probes a store that is down once a second, and resumes by itself', async () => {
    const { clock, store, health, changes, ask } = scripted();
    store.probe = timeout;
    const asking = ask();
    await clock.advance(15_000);
    await asking;
    const { probed } = store;
    await clock.advance(10_000);
    expect(store.probed - probed).to.equal(10);
    store.probe = undefined;
    store.answer = answered;
    await clock.advance(1_000);
    expect(changes.at(-1)).to.equal('up');
    expect(health.available).to.equal(true);
    expect(await ask()).to.equal('yes');
  });

  it('fails the one item that is refused when the probe finds the store well', async () => {
    const { store, changes, ask } = scripted();
    store.answer = refused;
    expect(await ask()).to.be.instanceOf(StoreFailure);
    expect(store.probed).to.equal(1);
    expect(changes).to.deep.equal([]);
  });

  it("takes a refusal for the operator's mistake when the probe is refused too", async () => {
    const { store, changes, ask } = scripted();
    store.answer = refused;
    store.probe = Object.assign(new Error('not authorized'), { name: 'AccessDeniedException' });
    expect(await ask()).to.be.instanceOf(StoreUnavailable);
    expect(changes).to.have.length(1);
    expect(changes[0]).to.include('AccessDeniedException: not authorized');
  });
});

describe('judging an error', () => {
  const named = (name: string, more: object = {}) => Object.assign(new Error('x'), { name, ...more });

  it('takes throttling, time-outs, lost connections and 5xx for transient', () => {
    for (const error of [
      named('ThrottlingException'),
      named('ProvisionedThroughputExceededException'),
      named('InternalServerError'),
      named('TimeoutError'),
      named('Error', { code: 'ECONNRESET' }),
      named('Error', { code: 'ECONNREFUSED' }),
      named('Unknown', { $metadata: { httpStatusCode: 503 } }),
    ]) {
      expect(judge(error).kind, error.name).to.equal('transient');
    }
  });

  it('takes everything else for a refusal', () => {
    for (const name of ['ValidationException', 'AccessDeniedException', 'ResourceNotFoundException', 'SomethingNew']) {
      expect(judge(named(name, { $metadata: { httpStatusCode: 400 } })).kind, name).to.equal('refused');
    }
  });

  it('judges the codes of statements, which lack the suffix, alike', () => {
    for (const code of [
      'ThrottlingError',
      'ProvisionedThroughputExceeded',
      'RequestLimitExceeded',
      'TransactionConflict',
    ]) {
      expect(judgeCode(code, undefined).kind, code).to.equal('transient');
    }
    for (const code of ['ValidationError', 'AccessDenied', 'ResourceNotFound']) {
      expect(judgeCode(code, undefined).kind, code).to.equal('refused');
    }
  });
});
