import fc from 'fast-check';
import type { JsonObject, JsonValue } from '../../src/store/port.ts';

/** -0 denotes 0, and no two backends agree on whether to keep its sign. */
const number = fc.double({ noNaN: true, noDefaultInfinity: true }).map(value => (value === 0 ? 0 : value));
const storableNumber = number.filter(value => value === 0 || (Math.abs(value) >= 1e-130 && Math.abs(value) < 1e126));

/** Any Unicode without lone surrogates, control characters and non-characters included. */
const text = fc.string({ unit: 'binary' });
const oddName = fc.constantFrom('constructor', 'toJSON', 'hasOwnProperty', 'length', 'S', 'M', '10', '9', ' ');
const storableName = fc
  .oneof({ weight: 4, arbitrary: text }, oddName)
  .filter(name => !['', '__proto__'].includes(name));
const anyName = fc.oneof({ weight: 4, arbitrary: text }, oddName, fc.constant('__proto__'));

function values(numbers: fc.Arbitrary<number>, names: fc.Arbitrary<string>) {
  return fc.letrec<{ value: JsonValue; object: JsonObject }>(tie => ({
    value: fc.oneof(
      { maxDepth: 6, depthSize: 'medium' },
      fc.constantFrom(null, true, false),
      numbers,
      fc.integer(),
      text,
      fc.array(tie('value'), { maxLength: 5 }),
      tie('object'),
    ),
    // Object.fromEntries makes a member of `__proto__` too.
    object: fc.array(fc.tuple(names, tie('value')), { maxLength: 5 }).map(entries => Object.fromEntries(entries)),
  }));
}

/** Any object that can be stored exactly. */
export const storableObject = values(storableNumber, storableName).object;
/** Any JSON value that JavaScript can hold. */
export const jsonValue = values(number, anyName).value;
