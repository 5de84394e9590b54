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
  if (value === 0 && significantDigits(text) === '') return undefined;
  const magnitude = Math.abs(value);
  if (magnitude < 1e-130 || magnitude >= 1e126) {
    return `the number ${excerpt(text, 40)} is outside DynamoDB's range (zero, or 1E-130 to 9.99…E+125 of either sign); send it as a string`;
  }
  // Any decimal of 15 digits survives a double (C's DBL_DIG).
  if (text.length <= 15) return undefined;
  const shortest = String(value);
  // Rounding moves a number by far less than a factor of ten, so with equal digits the powers of ten are equal too.
  if (text === shortest || significantDigits(text) === significantDigits(shortest)) return undefined;
  return `the number ${excerpt(text, 40)} would be rounded to ${shortest}; send it as a string`;
}

/** Without sign, point, exponent and the zeros at both ends. Linear, and so by hand: the expression `/0+$/` is quadratic. */
function significantDigits(text: string): string {
  const [significand = ''] = text.split(/e/i, 1);
  const digits = significand.replace(/[-.]/g, '');
  let start = 0;
  let end = digits.length;
  while (start < end && digits[start] === '0') start++;
  while (end > start && digits[end - 1] === '0') end--;
  return digits.slice(start, end);
}
