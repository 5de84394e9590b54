/**
 * Bodies that try to get bent, dropped, refused by a store or to break the worker, and what `parse` must say to each.
 * A `valid` one must end up stored exactly: its payload deep-equal to what `JSON.parse` makes of the body.
 */
export interface Specimen {
  name: string;
  body: () => string;
  /** The reason must match. */
  expected: 'valid' | RegExp;
}

/** Whether SQS takes the body: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html */
export function isSendable(body: string): boolean {
  const legal = /^[\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]+$/u;
  return Buffer.byteLength(body) <= MEGABYTE && legal.test(body);
}

const MEGABYTE = 1_048_576;

let ids = 0;
/** A message from the texts of its members, so that a text may say what no JavaScript value can. */
const message = (payload: string, id = JSON.stringify(`specimen-${++ids}`)) =>
  `{"clientFeatureId":${id},"payload":${payload}}`;
const withValue = (value: string) => message(`{"value":${value}}`);
const withId = (id: unknown) => message('{}', JSON.stringify(id));

/** Pads a text with one character, inserted where `*` stands, to a megabyte. */
function fill(text: string, unit: string): string {
  const [before = '', after = ''] = text.split('*');
  const room = MEGABYTE - Buffer.byteLength(before) - Buffer.byteLength(after);
  return before + unit.repeat(Math.floor(room / Buffer.byteLength(unit))) + after;
}

/** `levels` objects or lists, one inside the other, around a scalar; the payload is the first of them. */
const nested = (levels: number, open: string, close: string, core = '1') =>
  `{"value":${open.repeat(levels - 1)}${core}${close.repeat(levels - 1)}}`;

const members = (count: number) =>
  `{${Array.from({ length: count }, (_, i) => `"${i.toString(36).padStart(4, '0')}":0`).join()}}`;

/** A payload whose item is `bytes` long with an id of one character: 164 bytes are names, fixed values and that id, 3 the map, 1 its element. */
const sized = (bytes: number) => `{"value":"${'x'.repeat(bytes - 164 - 3 - 1 - 'value'.length)}"}`;

const valid = (name: string, body: () => string): Specimen => ({ name, body, expected: 'valid' });
const refused = (name: string, expected: RegExp, body: () => string): Specimen => ({ name, body, expected });

export const bodies: Specimen[] = [
  // Valid, however odd.
  valid('the example of the README', () => message('{"name":"Los Angeles","population":9829544}', '"06037"')),
  valid('an empty payload', () => message('{}')),
  valid('members in the other order', () => '{"payload":{"a":1},"clientFeatureId":"other-order"}'),
  valid('an id of one character', () => withId('x')),
  valid('an id of 1,024 bytes', () => withId('x'.repeat(1024))),
  valid('an id of 1,024 bytes in 512 characters', () => withId('é'.repeat(512))),
  valid('an id of 1,024 bytes in 256 emoji', () => withId('😀'.repeat(256))),
  valid('an id of spaces', () => withId('   ')),
  valid('an id of quotes, slashes and non-characters', () => message('{}', '"\\"\\\\/\'\\ufffe\\uffff"')),
  valid('an id that names a prototype', () => withId('__proto__')),
  valid('an id in composed form', () => withId('\u00e9')),
  valid('the same id in decomposed form', () => withId('e\u0301')),
  valid('every kind of value', () => withValue('[null,true,false,0,-1.5,"",{},[],[[]],{"a":{"b":[{}]}}]')),
  valid('names that JavaScript gives a meaning', () =>
    message(
      '{"constructor":{"name":"Set"},"toJSON":"x","hasOwnProperty":1,"valueOf":null,"prototype":{},"length":-1,"then":true}',
    ),
  ),
  valid('names that DynamoDB gives a meaning', () =>
    message(
      '{"M":{"S":"x"},"N":"1","NULL":true,"L":[],"SS":["a","a"],"B":"AA==","a.b[0]":1,"#n":1,":v":1,"$unknown":[1,2]}',
    ),
  ),
  valid('names that look like indexes', () => message('{"10":1,"9":2,"-1":3,"0":4,"01":5}')),
  valid('names that differ in case and normal form alone', () =>
    message('{"a":1,"A":2,"\u00e9":3,"e\u0301":4," ":5,"  ":6,"\\u0000":7,"\\uffff":8,"😀":9}'),
  ),
  valid('one name at several depths and in siblings', () => message('{"a":{"a":{"a":1}},"b":[{"a":1},{"a":1}]}')),
  valid('a name of 65,535 bytes', () => message(`{"${'n'.repeat(65_535)}":1}`)),
  valid('control characters, escaped', () =>
    withValue('"\\u0000\\u0001\\b\\t\\n\\f\\r\\u001b\\u001f\\u007f\\u0080\\u009f"'),
  ),
  valid('DEL and C1 controls, raw', () => withValue('"\u007f\u0080\u009f"')),
  valid('non-characters and format characters', () =>
    withValue('"\\ufffe\\uffff\\ufeff\\u2028\\u202e\\u200d\\ud83f\\udffe"'),
  ),
  valid('pairs of surrogates, escaped and raw', () => withValue('"\\ud83d\\ude00\\uD83D\\uDE00😀\\udbff\\udfff"')),
  valid('an escaped backslash before what looks like a surrogate', () => withValue('"\\\\ud800"')),
  valid('zero in many spellings', () => withValue('[0,-0,0.0,-0.000,0e5,0E-400,0.000e+999999999999]')),
  valid('numbers spelt at length', () => withValue('[1.10,1.000,100e-2,1E2,0.00001e5,9007199254740992.0]')),
  valid('whole numbers that a double holds', () =>
    withValue(
      '[9007199254740991,-9007199254740992,123456789012345680000,1e21,1000000000000000000000000000000000000000]',
    ),
  ),
  valid('fractions that a double holds', () => withValue('[0.1,0.30000000000000004,5e-7,-1.7976931348623157e100]')),
  valid("the ends of DynamoDB's range", () =>
    withValue('[1e-130,-1e-130,9.99999999999999e125,-9.999999999999998e125,1.2345678901234568e-130]'),
  ),
  valid('a megabyte of zeros after the point', () => fill(withValue('1.*'), '0')),
  valid('a megabyte of zeros', () => fill(withValue('0.*'), '0')),
  valid('a megabyte of white space', () => fill('{*"clientFeatureId":"white","payload":{}}', ' \t\r\n')),
  valid('31 objects around a scalar', () => message(nested(31, '{"a":', '}'))),
  valid('31 lists around a scalar', () => message(nested(31, '[', ']'))),
  valid('many branches, each at the deepest level', () =>
    withValue(`[${Array.from({ length: 500 }, () => `${'['.repeat(29)}1${']'.repeat(29)}`).join()}]`),
  ),
  valid('an item of exactly 400 KB', () => message(sized(409_600), '"="')),
  valid('an item of nearly 400 KB in characters of three bytes', () => withValue(`"${'漢'.repeat(136_000)}"`)),
  valid('35,000 members', () => message(members(35_000))),
  valid('a megabyte of escapes', () => withValue(`"${'\\u0078'.repeat(170_000)}"`)),

  // Not JSON.
  refused('a space', /^not JSON.*ends.*position 1$/, () => ' '),
  refused('plain text', /^not JSON.*"hello.*position 0/, () => 'hello, world'),
  refused('XML', /^not JSON.*position 0/, () => '<message/>'),
  refused('half a message', /^not JSON.*ends.*position 24/, () => '{"clientFeatureId":"a", '),
  refused('a string that ends too late', /^not JSON.*position 23/, () => '{"clientFeatureId":"a,"payload":{}}'),
  refused('a comma too many', /^not JSON.*",".*position 23$/, () => '{"clientFeatureId":"a",,"payload":{}}'),
  refused('a comma at the end of a list', /^not JSON.*"]/, () => withValue('[1,]')),
  refused('a comma at the end of an object', /^not JSON.*"}/, () => withValue('{"a":1,}')),
  refused('a comment', /^not JSON.*"\/\* none.*position 33/, () => message('/* none */{}', '"a"')),
  refused('single quotes', /^not JSON.*position 1$/, () => "{'clientFeatureId':'a','payload':{}}"),
  refused('a name without quotes', /^not JSON.*position 1$/, () => '{clientFeatureId:"a"}'),
  refused('NaN', /^not JSON.*"NaN/, () => withValue('NaN')),
  refused('Infinity', /^not JSON.*"-Infinity/, () => withValue('-Infinity')),
  refused('undefined', /^not JSON.*"undefined/, () => withValue('undefined')),
  refused('a misspelt literal', /^not JSON.*"nul}/, () => withValue('nul')),
  refused('a leading zero', /^not JSON.*"1}/, () => withValue('01')),
  refused('a point without digits', /^not JSON.*"1\.}/, () => withValue('1.')),
  refused('a number that starts with a point', /^not JSON.*"\.5}/, () => withValue('.5')),
  refused('a plus sign', /^not JSON.*"\+1}/, () => withValue('+1')),
  refused('a lone minus', /^not JSON.*"-}/, () => withValue('-')),
  refused('an exponent without digits', /^not JSON.*"1e}/, () => withValue('1e')),
  refused('a bad escape', /^not JSON.*"\\x41/, () => withValue('"\\x41"')),
  refused('half a Unicode escape', /^not JSON.*"\\u12/, () => withValue('"\\u12"')),
  refused('a line break in a string', /^not JSON.*\\u000a/, () => withValue('"a\nb"')),
  refused('a NUL in a string', /^not JSON.*\\u0000/, () => withValue('"a\u0000b"')),
  refused('a byte order mark', /^not JSON.*\\ufeff.*position 0/, () => `\ufeff${message('{}')}`),
  refused('two messages', /^not JSON.*position 44/, () => message('{}', '"first-one"').repeat(2)),
  refused('brackets that do not match', /^not JSON.*"}/, () => withValue('[1}')),
  refused('a megabyte of [', /^not JSON.*ends/, () => fill('*', '[')),
  refused('a megabyte of {', /^not JSON.*position 1$/, () => fill('*', '{')),
  refused('a megabyte of [ and a stray letter', /^not JSON.*"x"/, () => fill('*x', '[')),
  refused('a megabyte of {"a":', /^not JSON.*ends/, () => fill('*', '{"a":')),
  refused('a megabyte of "', /^not JSON.*position 2$/, () => fill('*', '"')),
  refused('a megabyte of backslashes', /^not JSON.*position 0/, () => fill('"*', '\\')),
  refused('a megabyte of spaces', /^not JSON.*ends/, () => fill('*', ' ')),
  refused('a megabyte of emoji', /^not JSON.*😀.*position 0/, () => fill('*', '😀')),
  refused('a megabyte of commas', /^not JSON.*position 0/, () => fill('*', ',')),
  refused('a megabyte of digits and a letter', /^not JSON/, () => fill('*x', '7')),

  // JSON of another shape.
  refused('null', /must be a JSON object with clientFeatureId and payload/, () => 'null'),
  refused('a number', /must be a JSON object/, () => '42'),
  refused('a string', /must be a JSON object/, () => '"hello"'),
  refused('a list of messages', /must be a JSON object/, () => `[${message('{}')}]`),
  refused('no member', /clientFeatureId is missing; payload is missing/, () => '{}'),
  refused('no id', /^clientFeatureId is missing$/, () => '{"payload":{}}'),
  refused('no payload', /^payload is missing$/, () => '{"clientFeatureId":"a"}'),
  refused('an unknown member', /nothing else.*"extra"/, () => '{"clientFeatureId":"a","payload":{},"extra":1}'),
  refused('a thousand unknown members', /nothing else.*"0000"/, () => members(1000)),
  refused(
    'a member in other case',
    /clientFeatureId is missing.*"clientFeatureID"/,
    () => '{"clientFeatureID":"a","payload":{}}',
  ),
  refused('an id that is a number', /^clientFeatureId must be a string$/, () => withId(6037)),
  refused('an id that is null', /^clientFeatureId must be a string$/, () => withId(null)),
  refused('an empty id', /^clientFeatureId must not be empty$/, () => withId('')),
  refused('an id of 1,025 bytes', /^clientFeatureId must not be longer than 1024 bytes/, () =>
    withId('x'.repeat(1025)),
  ),
  refused('an id of 1,026 bytes in 513 characters', /^clientFeatureId .*longer/, () => withId('é'.repeat(513))),
  refused('an id of a megabyte', /^clientFeatureId .*longer/, () => fill(message('{}', '"*"'), 'x')),
  refused('an id with a NUL', /^clientFeatureId .*control characters/, () => withId('a\u0000b')),
  refused('an id with a line break', /^clientFeatureId .*control/, () => withId('a\n')),
  refused('an id with a DEL', /^clientFeatureId .*control/, () => withId('\u007f')),
  refused('an id with a C1 control', /^clientFeatureId .*control/, () => withId('a\u009f')),
  refused('a payload that is null', /^payload must be a JSON object$/, () => message('null')),
  refused('a payload that is a list', /^payload must be a JSON object$/, () => message('[]')),
  refused('a payload that is a string', /^payload must be a JSON object$/, () => message('"{}"')),

  // What JSON.parse would bend.
  refused(
    'the id twice',
    /^\/clientFeatureId: .*twice/,
    () => '{"clientFeatureId":"a","payload":{},"clientFeatureId":"b"}',
  ),
  refused('a member twice', /^\/payload\/a: .*twice/, () => message('{"a":1,"b":2,"a":1}')),
  refused('a member twice, once escaped', /^\/payload\/a: .*twice/, () => message('{"a":1,"\\u0061":2}')),
  refused('a member twice, deep inside', /^\/payload\/l\/2\/x~1y\/~0: .*twice/, () =>
    message('{"l":[0,[],{"x/y":{"~":{},"~":{}}}]}'),
  ),
  refused('a member twice after objects of its own', /^\/payload\/a: .*twice/, () =>
    message('{"a":{"a":{}},"b":[{}],"a":0}'),
  ),
  refused('100,000 members and the first one again', /^\/payload\/0000: .*twice/, () =>
    message(members(100_000).replace(/}$/, ',"0000":0}')),
  ),
  refused('one name a megabyte long, nearly', /^\/payload\/nnn.*…nnn.*65535 bytes/, () =>
    fill(message('{"*":1}'), 'n'),
  ),
  refused('a name of 65,536 bytes', /65535 bytes/, () => message(`{"${'n'.repeat(65_536)}":1}`)),
  refused('a name of 65,536 bytes in fewer characters, deep inside', /65535 bytes/, () =>
    withValue(`[{"${'é'.repeat(32_768)}":1}]`),
  ),
  refused('an empty name', /^\/payload\/: .*empty name/, () => message('{"":1}')),
  refused('an empty name, deep inside', /^\/payload\/value\/0\/a\/: .*empty name/, () => withValue('[{"a":{"":1}}]')),
  refused('an empty name in the message', /^\/: .*empty name/, () => '{"":1}'),
  refused('__proto__', /^\/payload\/__proto__: .*__proto__/, () => message('{"__proto__":{"polluted":true}}')),
  refused('__proto__, escaped, deep inside', /^\/payload\/value\/0\/__proto__/, () =>
    withValue('[{"\\u005f_proto__":1}]'),
  ),
  refused('__proto__ in the message', /^\/__proto__: /, () => '{"clientFeatureId":"a","payload":{},"__proto__":{}}'),
  refused('a lone high surrogate', /^\/payload\/value: .*lone surrogate, \\ud800/, () => withValue('"a\\ud800b"')),
  refused('a lone low surrogate', /^\/payload\/value: .*lone surrogate, \\udc00/, () => withValue('"\\uDC00"')),
  refused('surrogates the wrong way round', /lone surrogate/, () => withValue('"\\udc00\\ud800"')),
  refused('a lone surrogate in a name', /^\/payload\/\\ud800: .*lone/, () => message('{"\\ud800":1}')),
  refused('a lone surrogate in the id', /^\/clientFeatureId: .*lone/, () => message('{}', '"a\\udfff"')),
  refused('a lone surrogate, raw', /^\/payload\/value: .*lone/, () => withValue('"\ud800"')),
  refused('a lone surrogate at the end of a megabyte', /lone/, () => fill(withValue('"*\\ud800"'), 'x')),
  refused('2^53 + 1', /^\/payload\/value: .*9007199254740993.*rounded to 9007199254740992/, () =>
    withValue('9007199254740993'),
  ),
  refused('a fraction of 18 digits', /^\/payload\/value\/1: .*rounded to 0.1;/, () =>
    withValue('[0.1,0.100000000000000001]'),
  ),
  refused('a whole number of 38 digits', /rounded/, () => withValue('12345678901234567890123456789012345678')),
  refused('a million digits', /rounded|range/, () => fill(withValue('*'), '7')),
  refused('a million decimals', /the number 0\.777.*…777.* rounded/, () => fill(withValue('0.*'), '7')),
  refused('a million zeros around a digit', /range/, () =>
    withValue(`0.${'0'.repeat(500_000)}1${'0'.repeat(500_000)}`),
  ),
  refused('a million zeros between two digits', /rounded/, () => fill(withValue('1.*1'), '0')),
  refused('beyond the largest double', /^\/payload\/value: .*1e400 .*range/, () => withValue('1e400')),
  refused('below the smallest double', /-1e-400 .*range/, () => withValue('-1e-400')),
  refused('a huge exponent', /range/, () => fill(withValue('1e*'), '9')),
  refused("beyond DynamoDB's range", /1e126 .*range/, () => withValue('1e126')),
  refused("below DynamoDB's range", /9\.99e-131 .*range/, () => withValue('9.99e-131')),
  refused('a denormal double', /5e-324 .*range/, () => withValue('5e-324')),
  refused('32 objects around a scalar', /32 levels/, () => message(nested(32, '{"a":', '}'))),
  refused('32 lists around a scalar', /32 levels/, () => message(nested(32, '[', ']'))),
  refused('32 objects around nothing', /32 levels/, () =>
    message(nested(32, '{"a":', '}', '{}').replace('{"a":{}}', '{}')),
  ),
  refused('half a million lists', /32 levels/, () => withValue('['.repeat(500_000) + ']'.repeat(500_000))),
  refused('nesting beside the payload', /32 levels/, () => `${'['.repeat(40)}${']'.repeat(40)}`),

  // What no item can hold.
  refused('an item of 400 KB and a byte', /409601 bytes/, () => message(sized(409_601), '"="')),
  refused('an item of a megabyte', /104\d{4} bytes.*400 KB/, () => fill(withValue('"*"'), 'x')),
  refused('100,000 members', /bytes.*400 KB/, () => message(members(100_000))),
  refused('300,000 members', /bytes.*400 KB/, () => message(members(300_000))),
  refused('500,000 numbers', /bytes.*400 KB/, () => withValue(`[${Array.from({ length: 500_000 }, () => 7).join()}]`)),
  refused('300,000 empty objects', /bytes.*400 KB/, () =>
    withValue(`[${Array.from({ length: 300_000 }, () => '{}').join()}]`),
  ),
];
