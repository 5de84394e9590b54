import { excerpt } from './excerpt.ts';

/**
 * Why a number, given by its JSON text, could not be stored exactly; undefined when it can.
 *
 * The pipeline holds numbers as doubles and DynamoDB as decimals of up to 38 digits. A number gets through both when
 * its text and the shortest form of the double it parses to denote the same decimal: `1.10` does, `9007199254740993`
 * does not. That form has at most 17 digits, so DynamoDB's 38 always suffice and only its range remains:
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
 */
export function numberDefect(text: string): string | undefined {
  const value = Number(text);
  if (value === 0 && decimal(text).digits === '') return undefined;
  const magnitude = Math.abs(value);
  if (magnitude < 1e-130 || magnitude >= 1e126) {
    return `the number ${excerpt(text, 40)} is outside DynamoDB's range (zero, or 1E-130 to 9.99…E+125 of either sign); send it as a string`;
  }
  // Any decimal of 15 digits survives a double (C's DBL_DIG).
  if (text.length <= 15) return undefined;
  const shortest = String(value);
  if (text === shortest || isSameDecimal(text, shortest)) return undefined;
  return `the number ${excerpt(text, 40)} would be rounded to ${shortest}; send it as a string`;
}

function isSameDecimal(a: string, b: string): boolean {
  const [left, right] = [decimal(a), decimal(b)];
  return left.digits === right.digits && left.exponent === right.exponent;
}

/** 0.`digits` times ten to the `exponent`, without the sign, which never rounds. Linear: no regular expression here, since `/0+$/` is quadratic. */
function decimal(text: string): { digits: string; exponent: number } {
  const [significand = '', power = '0'] = text.toLowerCase().split('e');
  const [whole = '', fraction = ''] = significand.replace('-', '').split('.');
  const digits = whole + fraction;
  let start = 0;
  let end = digits.length;
  while (start < end && digits[start] === '0') start++;
  while (end > start && digits[end - 1] === '0') end--;
  return { digits: digits.slice(start, end), exponent: Number(power) + whole.length - start };
}
