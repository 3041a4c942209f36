/**
 * Bytes, bits per second and milliseconds: their types, how they are read from text and how they are printed.
 *
 * Everything inside the product is in bytes, milliseconds and, at a link's edge, bits per second. MB is 10^6 bytes, MiB is
 * 2^20, Mbit/s is 10^6 bit/s. The types are soft brands: another unit is refused by the compiler, a plain number passes.
 */

declare const unit: unique symbol;
type Unit<U extends string> = number & { readonly [unit]?: U };

/** A count of bytes. Exact up to 2^53. */
export type Bytes = Unit<'B'>;
/** A rate of written or read data. */
export type BytesPerSec = Unit<'B/s'>;
/** A rate of a link. 1 Mbit/s is 10^6 bit/s. */
export type BitsPerSec = Unit<'bit/s'>;
/** A duration, or an instant on the run's clock (0 = the start of the run). */
export type Millis = Unit<'ms'>;

export const SECOND_MS = 1_000;
export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;
export const WEEK_MS = 604_800_000;

export const KIB: number = 1024;
export const MIB: number = 1024 ** 2;
export const GIB: number = 1024 ** 3;
export const TIB: number = 1024 ** 4;

const BYTE_UNITS: ReadonlyMap<string, number> = new Map([
  ['b', 1],
  ['byte', 1],
  ['bytes', 1],
  ['kb', 1e3],
  ['mb', 1e6],
  ['gb', 1e9],
  ['tb', 1e12],
  ['pb', 1e15],
  ['kib', KIB],
  ['mib', MIB],
  ['gib', GIB],
  ['tib', TIB],
  ['pib', 1024 ** 5],
]);

const BIT_UNITS: ReadonlyMap<string, number> = new Map([
  ['bit', 1],
  ['kbit', 1e3],
  ['mbit', 1e6],
  ['gbit', 1e9],
  ['tbit', 1e12],
]);

const DURATION_UNITS: ReadonlyMap<string, Millis> = new Map([
  ['ms', 1],
  ['s', SECOND_MS],
  ['sec', SECOND_MS],
  ['second', SECOND_MS],
  ['seconds', SECOND_MS],
  ['min', MINUTE_MS],
  ['minute', MINUTE_MS],
  ['minutes', MINUTE_MS],
  ['h', HOUR_MS],
  ['hr', HOUR_MS],
  ['hour', HOUR_MS],
  ['hours', HOUR_MS],
  ['d', DAY_MS],
  ['day', DAY_MS],
  ['days', DAY_MS],
  ['w', WEEK_MS],
  ['week', WEEK_MS],
  ['weeks', WEEK_MS],
]);

export type DecimalSign = '.' | ',';

/**
 * A plain decimal number with an optional sign and exponent, no thousands separators; `undefined` where the text is
 * anything else, `1,024` included (with the decimal sign `.` nobody can tell 1024 from 1.024).
 */
export function parseDecimal(text: string, decimal: DecimalSign = '.'): number | undefined {
  const trimmed = text.trim();
  const pattern = decimal === '.' ? /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i : /^[+-]?(\d+,?\d*|,\d+)(e[+-]?\d+)?$/i;
  if (trimmed.length > 40 || !pattern.test(trimmed)) return undefined;
  const value = Number(decimal === ',' ? trimmed.replace(',', '.') : trimmed);
  return Number.isFinite(value) ? value : undefined;
}

/** Splits `40 GiB` into the number and the unit's text (`''` where there is none). */
export function splitQuantity(text: string, decimal: DecimalSign = '.'): { value: number; unit: string } | undefined {
  const match = /^\s*([+-]?[\d.,]+(?:e[+-]?\d+)?)\s*([^\d\s].*)?$/i.exec(text.length > 80 ? '' : text);
  if (match === null) return undefined;
  const value = parseDecimal(match[1]!, decimal);
  return value === undefined ? undefined : { value, unit: (match[2] ?? '').trim() };
}

/**
 * Bytes in one of the named byte unit, `undefined` where it is none. Capitals do not matter but for one thing: `Mb`
 * (a capital and a small b) are bits, and are refused here.
 */
export function byteUnit(name: string): Bytes | undefined {
  if (/^[KMGTP]b$/.test(name)) return undefined;
  return BYTE_UNITS.get(name.toLowerCase());
}

/** `40 GiB`, `1.5 TB`, `512B` to bytes; `undefined` where the text is no size with a unit. Rounds to whole bytes. */
export function parseBytes(text: string, decimal: DecimalSign = '.'): Bytes | undefined {
  const quantity = splitQuantity(text, decimal);
  const factor = quantity === undefined ? undefined : byteUnit(quantity.unit);
  return quantity === undefined || factor === undefined ? undefined : Math.round(quantity.value * factor);
}

/** Bytes per second in one of a unit such as `MB/s`, `GiB/day`, `GiB per day`, `mib_per_s`; `undefined` where it is none. */
export function byteRateUnit(name: string): BytesPerSec | undefined {
  const rate = /^([a-z]+?)(?:\s*\/\s*|[\s_]+per[\s_]+|_)([a-z]+)$/i.exec(name.trim());
  if (rate !== null) {
    const bytes = byteUnit(rate[1]!);
    const periodMs = DURATION_UNITS.get(rate[2]!.toLowerCase());
    return bytes === undefined || periodMs === undefined ? undefined : (bytes * SECOND_MS) / periodMs;
  }
  const short = /^([KMGT]i?B)ps$/.exec(name.trim());
  return short === null ? undefined : (byteUnit(short[1]!) as number | undefined);
}

/** `40 GiB/day`, `1.5 MB/s` to bytes per second; `undefined` where the text is no rate with a unit. */
export function parseBytesPerSec(text: string, decimal: DecimalSign = '.'): BytesPerSec | undefined {
  const quantity = splitQuantity(text, decimal);
  const factor = quantity === undefined ? undefined : byteRateUnit(quantity.unit);
  return quantity === undefined || factor === undefined ? undefined : quantity.value * factor;
}

/**
 * Bits per second in one of a unit such as `Mbps`, `Mbit/s`, `Gb/s`, `MB/s`; `undefined` where it is none. `MB/s` are bytes;
 * `Mbps`, `mbps`, `Mb/s` and `Mbit/s` are bits.
 */
export function bitRateUnit(name: string): BitsPerSec | undefined {
  const bits = /^([kmgt]?)(?:bit|b)(?:\/s|ps|it\/s)$/i.exec(name);
  if (bits !== null && !/[KMGTkmgt]?B(\/s|ps)$/.test(name)) return BIT_UNITS.get(`${bits[1]!.toLowerCase()}bit`);
  const bytesPerSec = byteRateUnit(name);
  return bytesPerSec === undefined ? undefined : bytesPerSec * 8;
}

/** `100 Mbps`, `1.5 Gb/s`, `12 MB/s` to bits per second, rounded; `undefined` where the text is no rate with a unit. */
export function parseBitsPerSec(text: string): BitsPerSec | undefined {
  const quantity = splitQuantity(text);
  const factor = quantity === undefined ? undefined : bitRateUnit(quantity.unit);
  return quantity === undefined || factor === undefined ? undefined : Math.round(quantity.value * factor);
}

/** What a unit in its right spelling measures: `size` of it are one, in milliseconds, bytes, bit/s or bytes/s. */
export interface UnitSize {
  readonly dimension: 'ms' | 'B' | 'bit/s' | 'B/s';
  readonly size: number;
}

/** Spellings that {@link exactUnit} takes, the usual first; a byte unit may also stand before `/s`, `/h`, `/day` and so on. */
export const UNIT_SPELLINGS: readonly string[] = [
  ...['min', 'h', 'd', 's', 'ms', 'w', 'GiB', 'MiB', 'TiB', 'KiB', 'PiB', 'GB', 'MB', 'TB', 'kB', 'KB', 'PB', 'B'],
  ...['Mbit/s', 'Gbit/s', 'kbit/s', 'Tbit/s', 'bit/s', 'Mbps', 'Gbps', 'kbps', 'Tbps', 'bps'],
  ...['MB/s', 'MiB/s', 'GB/s', 'GiB/s', 'kB/s', 'KiB/s', 'TB/s', 'TiB/s', 'MBps', 'GBps', 'Mb/s', 'Gb/s', 'kb/s'],
  ...[...DURATION_UNITS.keys()].filter((name) => name.length > 2 && name !== 'min'),
  ...['hr', 'byte', 'bytes'],
];
const EXACT_UNITS: ReadonlySet<string> = new Set(UNIT_SPELLINGS);

/** A unit by its right spelling, capitals as they must be: `min`, `GiB`, `Mbit/s`, `GiB/day`; `undefined` for `mbps`, `K`, `gib`. */
export function exactUnit(name: string): UnitSize | undefined {
  const rate = /^([A-Za-z]+)\/([a-z]+)$/.exec(name);
  if (rate !== null && rate[1] !== 'b' && !/b(it)?$/.test(rate[1]!)) {
    const size = EXACT_UNITS.has(rate[1]!) && DURATION_UNITS.has(rate[2]!) ? byteRateUnit(name) : undefined;
    return size === undefined ? undefined : { dimension: 'B/s', size };
  }
  if (!EXACT_UNITS.has(name)) return undefined;
  if (/Bps$/.test(name)) return { dimension: 'B/s', size: byteRateUnit(name)! };
  const durationMs = DURATION_UNITS.get(name);
  if (durationMs !== undefined) return { dimension: 'ms', size: durationMs };
  const bytes = byteUnit(name);
  return bytes === undefined ? { dimension: 'bit/s', size: bitRateUnit(name)! } : { dimension: 'B', size: bytes };
}

/** Bare letters that several units share, and the one that is most often meant. */
const BARE_LETTERS: ReadonlyMap<string, string> = new Map([
  ['m', 'min'],
  ['K', 'KiB'],
  ['k', 'KiB'],
  ['M', 'MiB'],
  ['G', 'GiB'],
  ['T', 'TiB'],
  ['Mb', 'MB'],
  ['Gb', 'GB'],
  ['Mbit', 'Mbit/s'],
  ['Gbit', 'Gbit/s'],
]);

/** The right spelling of a unit that differs in capitals or is a bare letter: `mbps` → `Mbps`, `gib` → `GiB`, `K` → `KiB`. */
export function unitSpelling(name: string): string | undefined {
  const lower = name.toLowerCase();
  return BARE_LETTERS.get(name) ?? UNIT_SPELLINGS.find((spelling) => spelling.toLowerCase() === lower);
}

/**
 * `90s`, `40min`, `2h`, `2d10h`, `121min`, `15 min` to whole milliseconds; `undefined` where the text is no duration.
 * A bare `m` is refused: minutes and months share it.
 */
export function parseDurationMs(text: string): Millis | undefined {
  const compact = text.trim().toLowerCase();
  if (compact.length === 0 || compact.length > 60) return undefined;
  const part = /\s*(\d+(?:\.\d+)?)\s*([a-z]+)/y;
  let totalMs = 0;
  while (part.lastIndex < compact.length) {
    const match = part.exec(compact);
    const unitMs = match === null ? undefined : DURATION_UNITS.get(match[2]!);
    if (match === null || unitMs === undefined) return undefined;
    totalMs += Number(match[1]) * unitMs;
  }
  return Number.isFinite(totalMs) ? Math.round(totalMs) : undefined;
}

function threeDigits(value: number): string {
  const magnitude = Math.abs(value);
  if (magnitude >= 100 || Number.isInteger(value)) return value.toFixed(0);
  return magnitude >= 10 ? value.toFixed(1) : value.toFixed(2);
}

function scaled(value: number, steps: readonly (readonly [number, string])[]): string {
  const magnitude = Math.abs(value);
  for (const [size, name] of steps) {
    // 999.5 of one unit would print as 1000: the next unit prints it better.
    if (magnitude >= size * 0.9995) return `${threeDigits(value / size)} ${name}`;
  }
  const [size, name] = steps.at(-1)!;
  return `${threeDigits(value / size)} ${name}`;
}

/** Disk and memory sizes, binary: `1.50 GiB`. */
export function formatBytes(bytes: Bytes): string {
  return scaled(bytes, [
    [1024 ** 5, 'PiB'],
    [TIB, 'TiB'],
    [GIB, 'GiB'],
    [MIB, 'MiB'],
    [KIB, 'KiB'],
    [1, 'B'],
  ]);
}

/** Link rates, decimal: `100 Mbit/s`. */
export function formatBitsPerSec(bitsPerSec: BitsPerSec): string {
  return scaled(bitsPerSec, [
    [1e12, 'Tbit/s'],
    [1e9, 'Gbit/s'],
    [1e6, 'Mbit/s'],
    [1e3, 'kbit/s'],
    [1, 'bit/s'],
  ]);
}

/** Durations in the two largest units that matter: `2 d 10 h`, `4 min 05 s`, `1.2 s`. */
export function formatDurationMs(durationMs: Millis): string {
  const steps: readonly (readonly [Millis, string, Millis, string])[] = [
    [DAY_MS, 'd', HOUR_MS, 'h'],
    [HOUR_MS, 'h', MINUTE_MS, 'min'],
    [MINUTE_MS, 'min', SECOND_MS, 's'],
  ];
  const sign = durationMs < 0 ? '-' : '';
  const magnitudeMs = Math.abs(durationMs);
  for (const [bigMs, big, smallMs, small] of steps) {
    if (magnitudeMs < bigMs) continue;
    const smallCount = Math.round(magnitudeMs / smallMs);
    const perBig = bigMs / smallMs;
    const rest = smallCount % perBig;
    const whole = `${sign}${Math.floor(smallCount / perBig)} ${big}`;
    return rest === 0 ? whole : `${whole} ${String(rest).padStart(2, '0')} ${small}`;
  }
  return magnitudeMs >= SECOND_MS ? `${threeDigits(durationMs / SECOND_MS)} s` : `${Math.round(durationMs)} ms`;
}

/** A share of one, printed in percent with as many digits as the tail needs: `99.97 %`. Only 1 prints as 100 %. */
export function formatShare(share: number): string {
  const percent = share * 100;
  if (share >= 1 || share <= 0) return `${Math.round(percent)} %`;
  const digits = percent > 99 || percent < 1 ? 2 : 1;
  const floor = Math.floor(percent * 10 ** digits) / 10 ** digits;
  return percent < 0.01 ? '< 0.01 %' : `${floor.toFixed(digits)} %`;
}
