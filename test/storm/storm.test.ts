import { expect } from 'chai';
import type { Found, SentMessage } from '../../src/demo/verdict.ts';
import { bodies, isSendable } from '../corpus/bodies.ts';
import { audit } from './audit.ts';
import { forecast } from './forecast.ts';
import { planMessages } from './messages.ts';
import { wantedBy } from './oracle.ts';
import { denySome, type PartialFault, refuseSome } from './partial.ts';

const feature = (clientFeatureId: string, name: string): SentMessage => ({
  kind: 'feature',
  messageId: `message ${clientFeatureId} ${name}`,
  clientFeatureId,
  payload: { name },
  body: JSON.stringify({ clientFeatureId, payload: { name } }),
});
const stored = (clientFeatureId: string, name: string, featureId = `f-${clientFeatureId}`) => ({
  featureId,
  clientFeatureId,
  payload: { name },
  payloadHash: '',
  createdAt: '',
});
const mapping = (clientFeatureId: string) => ({ clientFeatureId, featureId: `f-${clientFeatureId}`, createdAt: '' });
const nothing: Found = { mappings: [], features: [], letters: [], left: [], hidden: 0 };

describe("the storm's audit", () => {
  const sent = [feature('a', 'x'), feature('a', 'x'), feature('b', 'x')];

  it('counts what is stored once, and finds nothing to complain of', () => {
    const found = {
      ...nothing,
      mappings: [mapping('a'), mapping('b')],
      features: [stored('a', 'x'), stored('b', 'x')],
    };
    const all = audit(sent, found);
    expect(all).to.include({ sent: 3, ids: 2, stored: 2, storedTwice: 0, lost: 0, orphanedMappings: 0, left: 0 });
    expect(all.complaints).to.deep.equal([]);
  });

  it('counts a feature that is there twice, and an id without its feature as lost and orphaned', () => {
    const found = {
      ...nothing,
      mappings: [mapping('a'), mapping('b')],
      features: [stored('a', 'x'), stored('a', 'x', 'f-other')],
    };
    const all = audit(sent, found);
    expect(all).to.include({ stored: 0, storedTwice: 1, lost: 1, orphanedMappings: 1 });
    expect(all.complaints).to.include('a is stored more than once').and.to.include('b is lost');
  });

  it("takes SQS's own redrive for parked, and not for lost", () => {
    const [message] = [feature('b', 'x')];
    const letters = [{ messageId: message.messageId, body: message.body, reason: 'exhausted' as const }];
    const all = audit([message], { ...nothing, letters });
    expect(all).to.include({ lost: 0 });
    expect(all.parked).to.include({ exhausted: 1 });
    expect(all.complaints).to.deep.equal([]);
  });
});

describe("the storm's plan", () => {
  it('is the same for the same seed and another for another', () => {
    for (const plan of [planMessages, forecast]) {
      const of = (seed: number) => plan({ messages: 500, kills: 5, seed });
      expect(of(7)).to.deep.equal(of(7));
      expect(of(7)).not.to.deep.equal(of(8));
    }
  });

  it('sends 30 % duplicates, 1 % conflicts and 1 % that break the contract', () => {
    const plan = planMessages({ messages: 1_000, seed: 7 });
    const features = plan.filter(message => message.kind === 'feature');
    expect(plan).to.have.length(1_000);
    expect(features).to.have.length(990);
    expect(new Set(features.map(({ clientFeatureId }) => clientFeatureId)).size).to.equal(680);
    expect(features.filter(({ payload }) => 'revision' in payload)).to.have.length(10);
  });
});

describe('a fault in a part of a batch', () => {
  const every = (n: number) => {
    let asked = 0;
    return () => asked++ % n === 0;
  };
  const told = ({ fate }: PartialFault, answer: object) =>
    'reply' in fate ? fate.reply : JSON.parse(String(fate.answer?.(JSON.stringify(answer))));
  const Statements = [0, 1, 2, 3].map(i => ({ Statement: `INSERT ${i}` }));
  const insert = JSON.stringify({ Statements });
  const Code = 'DuplicateItem';

  it('keeps the chosen statements from the backend, and answers each in its place', () => {
    const fault = refuseSome('BatchExecuteStatement', insert, 'passing', every(2)) as PartialFault;
    expect(JSON.parse('body' in fault.fate ? String(fault.fate.body) : '').Statements).to.deep.equal([
      Statements[1],
      Statements[3],
    ]);
    const { Responses } = told(fault, { Responses: [{ TableName: 'ids' }, { Error: { Code } }] });
    expect(Responses.map((one: { Error?: { Code: string } }) => one.Error?.Code)).to.deep.equal([
      'ThrottlingError',
      undefined,
      'ThrottlingError',
      Code,
    ]);
  });

  it('needs no backend when all of it is chosen', () => {
    const fault = refuseSome('BatchExecuteStatement', insert, 'final', () => true) as PartialFault;
    expect(fault.entries).to.equal(4);
    expect(told(fault, {}).Responses).to.deep.equal(
      Statements.map(() => ({ Error: { Code: 'ValidationError', Message: 'injected' } })),
    );
  });

  it('lets the backend do what it then denies', () => {
    const fault = denySome('DeleteMessageBatch', JSON.stringify({ Entries: [{ Id: 'a' }, { Id: 'b' }] }), every(2));
    expect(fault?.fate).not.to.have.property('body');
    const answer = told(fault as PartialFault, { Successful: [{ Id: 'a' }, { Id: 'b' }] });
    expect(answer.Successful).to.deep.equal([{ Id: 'b' }]);
    expect(answer.Failed).to.have.length(1);
    expect(answer.Failed[0]).to.include({ Id: 'a', SenderFault: false });
  });

  it('leaves keys unread', () => {
    const RequestItems = { ids: { Keys: ['a', 'b'], ConsistentRead: true }, features: { Keys: ['c'] } };
    const fault = refuseSome('BatchGetItem', JSON.stringify({ RequestItems }), 'passing', every(2)) as PartialFault;
    expect(JSON.parse('body' in fault.fate ? String(fault.fate.body) : '').RequestItems).to.deep.equal({
      ids: { Keys: ['b'], ConsistentRead: true },
    });
    expect(told(fault, { Responses: {} }).UnprocessedKeys).to.deep.equal({
      ids: { Keys: ['a'], ConsistentRead: true },
      features: { Keys: ['c'] },
    });
  });
});

describe('the oracle of hostile bodies', () => {
  it('agrees with the corpus on every body that fits into an item', () => {
    const small = bodies.map(one => ({ ...one, body: one.body() })).filter(({ body }) => body.length < 100_000);
    expect(small.length).to.be.above(100);
    for (const { name, body, expected } of small) {
      if (isSendable(body)) expect(wantedBy(body) !== undefined, name).to.equal(expected === 'valid');
    }
  });
});
