/** Decimal numbers from bytes, without a string for each, and yet to the last bit what `Number(text)` says. */

const PLUS = 43;
const COMMA = 44;
const MINUS = 45;
const POINT = 46;
const ZERO = 48;
const CAPITAL_E = 69;
const SMALL_E = 101;

/** A longer text is no measured number. */
export const MAX_DECIMAL_BYTES = 64;
const MAX_EXPONENT_DIGITS = 4;
/** 10 to the power of n is exact in a double up to n = 22. */
const POWERS: Float64Array = Float64Array.from({ length: 23 }, (_, power) => Number(`1e${power}`));
const MAX_POWER = 22;

/**
 * Reads a decimal number at `from` into `into[slot]`: digits with at most one point (or comma, where `takesComma`), a
 * minus before, an exponent behind (`6.9e-005`). The bytes must be followed by one that is no digit.
 *
 * @returns where it ends, or -1 where no number stands there, it has more than {@link MAX_DECIMAL_BYTES} bytes, or it is
 * infinite; `into` may hold anything then
 */
export function readDecimal(
  bytes: Uint8Array,
  from: number,
  into: Float64Array,
  slot: number,
  takesComma: boolean,
): number {
  let at = from;
  let byte = bytes[at]!;
  if (byte === MINUS) byte = bytes[++at]!;
  const first = at;
  // Nine digits fit an int32, in which a step takes a third of the time of one in doubles. Leading zeros cost no room.
  let high = 0;
  let middle = 0;
  let middleDigits = 0;
  let point = -1;
  for (; ; byte = bytes[++at]!) {
    const digit = byte - ZERO;
    if (digit >>> 0 <= 9) {
      if (high < 100_000_000) high = (high * 10 + digit) | 0;
      else if (++middleDigits <= 9) middle = (middle * 10 + digit) | 0;
    } else if (point < 0 && (byte === POINT || (takesComma && byte === COMMA))) {
      point = at;
    } else {
      break;
    }
  }
  const fraction = point < 0 ? 0 : at - point - 1;
  const hasDigits = at - first > (point < 0 ? 0 : 1);
  const isPlain = hasDigits && fraction <= MAX_POWER && byte !== SMALL_E && byte !== CAPITAL_E;
  let value = Number.NaN;
  if (isPlain && middleDigits <= 9 && at - from <= MAX_DECIMAL_BYTES) {
    // Up to 15 digits and a power of ten up to 22 are exact, so that one division rounds once.
    const divisor = POWERS[fraction]!;
    if (middleDigits === 0) value = high / divisor;
    else if (middleDigits <= 6) value = (high * POWERS[middleDigits]! + middle) / divisor;
    else value = quotient(high, POWERS[middleDigits]!, middle, divisor);
  }
  if (Number.isNaN(value)) return readAwkward(bytes, from, at, into, slot, point, fraction);
  into[slot] = first === from ? value : -value;
  return at;
}

/** Numbers with many digits or an exponent, and what is no number. `at` is behind the digits. */
function readAwkward(
  bytes: Uint8Array,
  from: number,
  at: number,
  into: Float64Array,
  slot: number,
  point: number,
  fraction: number,
): number {
  const first = bytes[from] === MINUS ? from + 1 : from;
  if (at - first === (point < 0 ? 0 : 1) || at - from > MAX_DECIMAL_BYTES) return -1;
  const isExponent = bytes[at] === SMALL_E || bytes[at] === CAPITAL_E;
  const end = isExponent ? exponentEnd(bytes, at + 1) : at;
  if (end < 0) return -1;
  const rounded = isExponent ? Number.NaN : manyDigits(bytes, first, at, fraction);
  // Not a number: the rounding was too close to call.
  const value = Number.isNaN(rounded) ? Number(asciiText(bytes, first, end, point)) : rounded;
  into[slot] = first === from ? value : -value;
  return Number.isFinite(value) ? end : -1;
}

function exponentEnd(bytes: Uint8Array, from: number): number {
  const first = bytes[from] === MINUS || bytes[from] === PLUS ? from + 1 : from;
  let at = first;
  while ((bytes[at]! - ZERO) >>> 0 <= 9) at++;
  return at === first || at - first > MAX_EXPONENT_DIGITS ? -1 : at;
}

function asciiText(bytes: Uint8Array, from: number, to: number, point: number): string {
  const text = String.fromCharCode(...bytes.subarray(from, to));
  return point < 0 ? text : `${text.slice(0, point - from)}.${text.slice(point - from + 1)}`;
}

/**
 * The digits from `first` to `end` over 10^`fraction`, for at most 24 digits (performance logs have 17 to 20); NaN where
 * that many bits do not settle the rounding.
 */
function manyDigits(bytes: Uint8Array, first: number, end: number, fraction: number): number {
  if (fraction > MAX_POWER) return Number.NaN;
  let high = 0;
  let rest = 0;
  let restDigits = 0;
  for (let at = first; at < end; at++) {
    const digit = bytes[at]! - ZERO;
    if (digit >>> 0 > 9) continue;
    if (high < 100_000_000) high = high * 10 + digit;
    else if (++restDigits <= 15) rest = rest * 10 + digit;
    else return Number.NaN;
  }
  return quotient(high, POWERS[restDigits]!, rest, POWERS[fraction]!);
}

/**
 * (high · power + rest) / divisor, rounded once, by arithmetic in pairs of doubles (T. J. Dekker, "A floating-point
 * technique for extending the available precision", 1971). All arguments are whole, exact and below 2^74, rest < power.
 */
function quotient(high: number, power: number, rest: number, divisor: number): number {
  const product = high * power;
  const below = productError(high, power, product) + rest;
  const sum = product + below;
  const sumError = below - (sum - product);
  const first = sum / divisor;
  const back = first * divisor;
  const remainder = sum - back - productError(first, divisor, back) + sumError;
  const second = remainder / divisor;
  // What was dropped is some 2^-104 of the value. Where it could change the rounding, nothing is claimed.
  const doubt = first * 2 ** -98;
  const lower = first + (second - doubt);
  return lower === first + (second + doubt) ? lower : Number.NaN;
}

/** What a · b has beyond `product`, its rounded value. */
function productError(a: number, b: number, product: number): number {
  const aHigh = upperHalf(a);
  const bHigh = upperHalf(b);
  const aLow = a - aHigh;
  const bLow = b - bHigh;
  return aHigh * bHigh - product + aHigh * bLow + aLow * bHigh + aLow * bLow;
}

function upperHalf(value: number): number {
  const scaled = 134_217_729 * value;
  return scaled - (scaled - value);
}
