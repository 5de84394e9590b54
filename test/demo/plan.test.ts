import { expect } from 'chai';
import { BROKEN_BODIES } from '../../src/demo/broken.ts';
import { readCounties, type SourceFeature } from '../../src/demo/feed.ts';
import { type PlannedMessage, planMessages } from '../../src/demo/plan.ts';
import { parse } from '../../src/pipeline/message.ts';

describe("The demo's messages", () => {
  let counties: SourceFeature[];
  before(async () => {
    counties = await readCounties();
  });

  const all = (seed = 1): PlannedMessage[] => Object.values(planMessages(counties, seed)).flat();
  const bodiesOf = (messages: PlannedMessage[]) =>
    Map.groupBy(
      messages.filter(message => message.kind === 'feature'),
      message => message.clientFeatureId,
    );

  it('come from the 3,231 counties, each under a FIPS id of its own and below 1 KB', () => {
    expect(new Set(counties.map(county => county.clientFeatureId)).size).to.equal(3_231);
    for (const county of counties) expect(JSON.stringify(county).length).to.be.below(1_024);
    const losAngeles = counties.find(county => county.clientFeatureId === '06037');
    const { name, state, bounds } = losAngeles?.payload ?? {};
    expect([name, state]).to.deep.equal(['Los Angeles', 'California']);
    expect((bounds as number[]).map(Math.round)).to.deep.equal([-119, 33, -118, 35]);
  });

  it('name every feature at least once, and a third of them two or three times', () => {
    const times = [...bodiesOf(all()).values()].map(
      messages => messages.filter(({ payload }) => payload === messages[0]?.payload).length,
    );
    expect(times).to.have.length(3_231);
    expect(times.filter(n => n > 1)).to.have.length(1_077);
    expect(new Set(times)).to.deep.equal(new Set([1, 2, 3]));
  });

  it('repeat a feature from the other producer, and in another order', () => {
    const [ours, theirs] = Object.values(planMessages(counties, 1)).map(messages => [...bodiesOf(messages).keys()]);
    const shared = ours?.filter(id => theirs?.includes(id)) ?? [];
    expect(shared).to.have.length.at.least(1_077);
    expect(shared).to.not.deep.equal(theirs?.filter(id => shared.includes(id)));
  });

  it('contradict each other about six features', () => {
    const payloads = [...bodiesOf(all()).values()].map(messages => new Set(messages.map(({ body }) => body)).size);
    expect(payloads.filter(n => n === 2)).to.have.length(6);
    expect(Math.max(...payloads)).to.equal(2);
  });

  it('break the contract in nine ways, and in no other message', () => {
    const broken = all().filter(({ body }) => !parse(body).ok);
    expect(broken.map(({ body }) => body)).to.have.members(BROKEN_BODIES.map(({ body }) => body));
    const details = broken.map(({ body }) => parse(body)).map(parsed => (parsed.ok ? '' : parsed.detail));
    expect(new Set(details).size).to.equal(BROKEN_BODIES.length);
  });

  it('stand in no order that would give them away: the bad ones are among the good ones', () => {
    for (const messages of Object.values(planMessages(counties, 1))) {
      const places = messages.flatMap(({ kind }, at) => (kind === 'broken' ? [at / messages.length] : []));
      expect(Math.max(...places) - Math.min(...places)).to.be.above(0.1);
    }
  });

  it('are the same for the same seed, and in another order for another', () => {
    expect(all(7)).to.deep.equal(all(7));
    expect(all(7)).to.not.deep.equal(all(8));
  });
});
