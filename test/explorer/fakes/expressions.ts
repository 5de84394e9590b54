import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { Item } from '../../../src/store/tables.ts';

/** `#x` and `:v` of a request. */
export interface Placeholders {
  ExpressionAttributeNames?: Record<string, string> | undefined;
  ExpressionAttributeValues?: Record<string, AttributeValue> | undefined;
}

type Test = (item: Item, given: Placeholders) => boolean;

const parsed = new Map<string, Test>();

/**
 * Whether a condition holds of an item, `{}` when there is none: AND, OR, brackets, attribute_exists,
 * attribute_not_exists, and comparisons of strings and numbers.
 */
export function holds(condition: string, item: Item, given: Placeholders): boolean {
  let test = parsed.get(condition);
  if (test === undefined) {
    test = parse(condition);
    parsed.set(condition, test);
  }
  return test(item, given);
}

function parse(condition: string): Test {
  const tokens = condition.match(/<=|>=|<>|[()=<>]|[#:\w]+/g) ?? [];
  let at = 0;
  const take = () => tokens[at++] ?? '';

  function anyOf(): Test {
    let test = allOf();
    while (tokens[at] === 'OR') {
      at++;
      const [left, right] = [test, allOf()];
      test = (item, given) => left(item, given) || right(item, given);
    }
    return test;
  }

  function allOf(): Test {
    let test = one();
    while (tokens[at] === 'AND') {
      at++;
      const [left, right] = [test, one()];
      test = (item, given) => left(item, given) && right(item, given);
    }
    return test;
  }

  function one(): Test {
    const token = take();
    if (token === '(') {
      const inner = anyOf();
      at++;
      return inner;
    }
    if (token === 'attribute_exists' || token === 'attribute_not_exists') {
      at++;
      const path = take();
      at++;
      const wanted = token === 'attribute_exists';
      return (item, given) => (item[nameOf(path, given)] !== undefined) === wanted;
    }
    return comparison(token, take(), take());
  }

  const test = anyOf();
  if (at !== tokens.length) throw new Error(`the fake cannot read the condition ${condition}`);
  return test;
}

function comparison(path: string, operator: string, operand: string): Test {
  return (item, given) => {
    const left = comparable(item[nameOf(path, given)]);
    const right = comparable(given.ExpressionAttributeValues?.[operand]);
    if (left === undefined || right === undefined) return false;
    switch (operator) {
      case '=':
        return left === right;
      case '<>':
        return left !== right;
      case '<':
        return left < right;
      case '>':
        return left > right;
      case '<=':
        return left <= right;
      case '>=':
        return left >= right;
      default:
        throw new Error(`the fake does not know the operator ${operator}`);
    }
  };
}

const comparable = (value: AttributeValue | undefined): string | number | undefined =>
  value?.N === undefined ? value?.S : Number(value.N);

const nameOf = (path: string, { ExpressionAttributeNames }: Placeholders): string =>
  path.startsWith('#') ? (ExpressionAttributeNames?.[path] ?? path) : path;

/** What `SET a = :x, #b = :y` makes of an item. */
export function updated(item: Item, expression: string, given: Placeholders): Item {
  const after = { ...item };
  const [, assignments] = /^SET (.+)$/.exec(expression) ?? [];
  if (assignments === undefined) throw new Error(`the fake cannot read the update ${expression}`);
  for (const assignment of assignments.split(',')) {
    const [path = '', operand = ''] = assignment.trim().split(/\s*=\s*/);
    const value = given.ExpressionAttributeValues?.[operand];
    if (value === undefined) throw new Error(`the update ${expression} lacks ${operand}`);
    after[nameOf(path, given)] = value;
  }
  return after;
}
