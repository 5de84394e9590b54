import { expect } from 'chai';
import { type Found, judge, type Letter, type SentMessage } from '../../src/demo/verdict.ts';

const feature = (messageId: string, clientFeatureId: string, name: string): SentMessage => ({
  kind: 'feature',
  messageId,
  clientFeatureId,
  payload: { name },
  body: JSON.stringify({ clientFeatureId, payload: { name } }),
});
const broken: SentMessage = { kind: 'broken', messageId: 'm5', body: '{', defect: 'no end' };

const sent: SentMessage[] = [
  feature('m1', '01', 'Autauga'),
  feature('m2', '01', 'Autauga'),
  feature('m3', '02', 'Baldwin'),
  feature('m4', '02', 'Baldwyn'),
  broken,
];

const item = (clientFeatureId: string, name: string, featureId = `f${clientFeatureId}`): Found['features'][number] => ({
  featureId,
  clientFeatureId,
  payload: { name },
  payloadHash: '',
  createdAt: '',
});
const mapping = (clientFeatureId: string) => ({ clientFeatureId, featureId: `f${clientFeatureId}`, createdAt: '' });
const letterOf = (messageId: string, reason: Letter['reason']): Letter => ({
  messageId,
  reason,
  body: sent.find(message => message.messageId === messageId)?.body ?? '',
});

/** What a run without a flaw leaves behind, and what a test changes in it. */
const found = (changes: Partial<Found> = {}): Found => ({
  mappings: [mapping('01'), mapping('02')],
  features: [item('01', 'Autauga'), item('02', 'Baldwin')],
  letters: [letterOf('m4', 'conflict'), letterOf('m5', 'invalid')],
  left: [],
  hidden: 0,
  ...changes,
});

describe("The demo's verdict", () => {
  it('finds no fault when each message is in its place, and its figures add up', () => {
    const { figures, faults } = judge(sent, found());
    expect(faults).to.deep.equal([]);
    expect(figures).to.deep.equal({
      sent: 5,
      features: 2,
      featuresStored: 2,
      repeats: 1,
      storedTwice: 0,
      parked: { invalid: 1, conflict: 1, exhausted: 0 },
      leftInQueue: 0,
      lost: 0,
    });
  });

  it('counts a message that was parked twice once', () => {
    const letters = [...found().letters, letterOf('m5', 'invalid')];
    expect(judge(sent, found({ letters })).figures.parked.invalid).to.equal(1);
  });

  it('takes whichever payload was stored first', () => {
    const features = [item('01', 'Autauga'), item('02', 'Baldwyn')];
    const letters = [letterOf('m3', 'conflict'), letterOf('m5', 'invalid')];
    expect(judge(sent, found({ features, letters })).faults).to.deep.equal([]);
  });

  const flaws: [string, Partial<Found>, RegExp, Partial<ReturnType<typeof judge>['figures']>?][] = [
    ['a lost feature', { mappings: [mapping('02')], features: [item('02', 'Baldwin')] }, /^01 is lost/, { lost: 1 }],
    ['a lost bad message', { letters: [letterOf('m4', 'conflict')] }, /m5 with no end is lost/, { lost: 1 }],
    ['a lost conflict', { letters: [letterOf('m5', 'invalid')] }, /m4 of 02 is lost/, { lost: 1 }],
    [
      'a feature stored twice',
      { features: [...found().features, item('01', 'Autauga', 'another')] },
      /^01 is stored more than once/,
      { storedTwice: 1, featuresStored: 2 },
    ],
    ['an id without its feature', { mappings: [...found().mappings, mapping('03')] }, /^03 has an id and no feature/],
    ['a feature without its id', { mappings: [mapping('01')] }, /^02 has a feature under an id that is not its own/],
    [
      'a payload that nobody sent',
      { features: [item('01', 'Autauga'), item('02', 'bent')] },
      /^02 is stored otherwise than sent/,
    ],
    [
      'a feature that nobody sent',
      { mappings: [...found().mappings, mapping('03')], features: [...found().features, item('03', 'Clay')] },
      /^03 is stored, and nobody sent it/,
    ],
    [
      'a good message parked',
      { letters: [...found().letters, letterOf('m1', 'conflict')] },
      /m1 of 01 is stored, and parked as conflict/,
    ],
    [
      'a conflict with nothing',
      {
        mappings: [mapping('02')],
        features: [item('02', 'Baldwin')],
        letters: [...found().letters, letterOf('m1', 'conflict'), letterOf('m2', 'conflict')],
      },
      /m1 of 01 is parked as conflict, and no other payload is stored/,
    ],
    [
      'a wrong reason',
      { letters: [letterOf('m4', 'conflict'), letterOf('m5', 'exhausted')] },
      /m5 with no end is parked as exhausted, not invalid/,
    ],
    [
      'a changed body',
      { letters: [letterOf('m4', 'conflict'), { ...letterOf('m5', 'invalid'), body: '{ ' }] },
      /m5 with no end was changed on its way/,
    ],
    [
      'a dead letter from elsewhere',
      { letters: [...found().letters, { messageId: 'm9', body: '[]', reason: 'invalid' }] },
      /dead letter m9 was never sent/,
    ],
    [
      'a message left in the queue, which is not lost',
      { mappings: [mapping('02')], features: [item('02', 'Baldwin')], left: ['m1', 'm2'] },
      /^2 messages are still in the queue/,
      { leftInQueue: 2, lost: 0 },
    ],
    ['a message that nobody can receive', { hidden: 1 }, /^1 messages are still in the queue/, { leftInQueue: 1 }],
  ];
  for (const [flaw, changes, fault, expected = {}] of flaws) {
    it(`sees ${flaw}`, () => {
      const { figures, faults } = judge(sent, found(changes));
      expect(faults.filter(one => fault.test(one))).to.have.length(1);
      expect(figures).to.deep.include(expected);
    });
  }
});
