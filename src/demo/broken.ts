/** Each breaks the contract in another way; the ids are those of real counties, which must come to no harm. */
export const BROKEN_BODIES: readonly { defect: string; body: string }[] = [
  { defect: 'not JSON', body: '{"clientFeatureId":"06037","payload":{"name":"Los Ang' },
  { defect: 'no id', body: '{"payload":{"name":"Los Angeles"}}' },
  { defect: 'an empty id', body: '{"clientFeatureId":"","payload":{"name":"Los Angeles"}}' },
  { defect: 'an unknown member', body: '{"clientFeatureId":"17031","payload":{"name":"Cook"},"priority":1}' },
  { defect: 'a member twice', body: '{"clientFeatureId":"17031","payload":{"name":"Cook","name":"Cooke"}}' },
  { defect: 'a number that a double rounds', body: '{"clientFeatureId":"48201","payload":{"area":9007199254740993}}' },
  { defect: 'half an emoji', body: '{"clientFeatureId":"48201","payload":{"name":"Harris \\ud83d"}}' },
  {
    defect: 'too deep for DynamoDB',
    body: `{"clientFeatureId":"04013","payload":{"a":${'['.repeat(40)}${']'.repeat(40)}}}`,
  },
  {
    defect: 'too big for an item',
    body: `{"clientFeatureId":"04013","payload":{"outline":"${'M0 0'.repeat(120_000)}"}}`,
  },
];
