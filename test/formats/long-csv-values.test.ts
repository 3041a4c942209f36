import fc from 'fast-check';
import Papa from 'papaparse';
import { describe, expect, it } from 'vitest';
import { MAX_DECIMAL_BYTES, readDecimal } from '../../src/formats/byte-decimal.ts';
import { decodeUtf8 } from '../../src/formats/byte-text.ts';
import { epochDay } from '../../src/formats/byte-time.ts';
import { splitRecord } from '../../src/formats/long-csv.ts';

const encoder = new TextEncoder();

/** The number at the start of the text and how long it is; `undefined` where there is none. */
function decimal(text: string, takesComma = false): { value: number; length: number } | undefined {
  const into = new Float64Array(3).fill(42);
  const end = readDecimal(encoder.encode(`??${text}\n`), 2, into, 1, takesComma);
  expect([into[0], into[2]]).toEqual([42, 42]);
  return end < 0 ? undefined : { value: into[1]!, length: end - 2 };
}

function expectAsNumber(text: string): void {
  const read = decimal(text);
  // toBe tells -0 from 0.
  expect([text, read?.value, read?.length]).toEqual([text, Number(text), text.length]);
  expect(read!.value).toBe(Number(text));
}

const digits = (least: number, most: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: least, maxLength: most });
const exponent = fc
  .tuple(fc.constantFrom('e', 'E'), fc.constantFrom('', '-', '+', '-0', '+00'), fc.integer({ min: 0, max: 40 }))
  .map((parts) => parts.join(''));

describe('a decimal from bytes', () => {
  it('is to the last bit what Number makes of the text', () => {
    const text = fc
      .tuple(
        fc.constantFrom('', '-'),
        digits(1, 26),
        fc.constantFrom('', '.'),
        digits(0, 26),
        fc.oneof(fc.constant(''), exponent),
      )
      .map(([sign, whole, point, part, power]) => sign + whole + point + (point === '' ? '' : part) + power);
    fc.assert(fc.property(text, expectAsNumber), { numRuns: 20_000 });
  });

  it('rounds every double back to itself, from its 17, 20 and shortest digits', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e20, max: 1e20 }), (value) => {
        expectAsNumber(String(value));
        expectAsNumber(value.toPrecision(17));
        expectAsNumber(value.toPrecision(20));
      }),
      { numRuns: 5000 },
    );
  });

  it('rounds right where a text stands beside the middle between two doubles', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 2 ** 52 }), fc.integer({ min: 0, max: 40 }), (mantissa, shift) => {
        // The middle between two neighbours of 53 bits, exactly, and a unit of its last digit to each side.
        const exact = ((BigInt(mantissa) + 2n ** 52n) * 2n + 1n) * 10n ** BigInt(shift);
        const scaled = exact / 2n ** BigInt(shift);
        for (const near of [scaled - 1n, scaled, scaled + 1n]) {
          const text = String(near);
          expectAsNumber(text);
          if (shift > 0 && shift < text.length) expectAsNumber(`${text.slice(0, -shift)}.${text.slice(-shift)}`);
        }
      }),
      { numRuns: 3000 },
    );
  });

  it.each([
    '9007199254740991',
    '9007199254740992',
    '9007199254740993',
    '18446744073709551615',
    '6.9494827586206889356e-005',
    '0.010203296383395057609',
    '-0',
    '0',
    '7.',
    '.5',
    '4.9e-324',
    '1e-400',
    '1.7976931348623157e308',
  ])('%s', expectAsNumber);

  it.each([
    '',
    '.',
    '-',
    '-.',
    '+1',
    'e5',
    '7.0625001143654654e',
    '1e',
    '1e+',
    '1e99999',
    '1e309',
    ' 1',
    'NaN',
    '1.#QNAN'.slice(2),
  ])('is none: %j', (text) => expect(decimal(text)).toBeUndefined());

  it('ends where the number ends', () => {
    expect(decimal('1.2.3')).toEqual({ value: 1.2, length: 3 });
    expect(decimal('11,29')).toEqual({ value: 11, length: 2 });
    expect(decimal('11,29', true)).toEqual({ value: 11.29, length: 5 });
    expect(decimal('52,8067447676745374e+01', true)).toEqual({ value: 528.0674476767454, length: 23 });
    expect(decimal('1,024.5', true)).toEqual({ value: 1.024, length: 5 });
  });

  it('has at most 64 bytes', () => {
    expectAsNumber(`${'0'.repeat(MAX_DECIMAL_BYTES - 1)}7`);
    expect(decimal(`${'0'.repeat(MAX_DECIMAL_BYTES)}7`)).toBeUndefined();
    expect(decimal(`1.${'3'.repeat(MAX_DECIMAL_BYTES)}`)).toBeUndefined();
  });
});

describe('text of bytes', () => {
  it('is what a TextDecoder makes of it', () => {
    const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
    const piece = fc.oneof(
      fc.uint8Array({ maxLength: 12 }),
      fc.uint8Array({ min: 0x7f, maxLength: 12 }),
      fc.string({ unit: 'binary', maxLength: 12 }).map((text) => encoder.encode(text)),
      fc
        .constantFrom(
          [0xe0, 0x9f],
          [0xed, 0xa0, 0x80],
          [0xf4, 0x90],
          [0xf0, 0x8f],
          [0xef, 0xbb, 0xbf],
          [0xc0, 0x80],
          [0xf5],
        )
        .map((bytes) => Uint8Array.from(bytes)),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 6 }), fc.constantFrom(0, 4090, 4094, 8190), (pieces, before) => {
        const bytes = Uint8Array.from([...new Uint8Array(before).fill(0x78), ...pieces.flatMap((part) => [...part])]);
        const { text, replaced } = decodeUtf8(bytes, 0, bytes.length);
        const expected = decoder.decode(bytes);
        expect(text).toBe(expected);
        expect(replaced).toBeLessThan(expected.split('\ufffd').length);
        if (replaced === 0) expect(encoder.encode(text)).toEqual(bytes);
        else expect(text).toContain('\ufffd');
      }),
      { numRuns: 3000 },
    );
  });
});

describe('dates', () => {
  it('are those of the calendar, every day from 1970 to 2199', () => {
    for (let day = 0; day < 84_006; day++) {
      const date = new Date(day * 86_400_000);
      expect(epochDay(date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate())).toBe(day);
    }
    for (const [year, month, day] of [
      [2026, 2, 29],
      [2100, 2, 29],
      [2026, 4, 31],
      [2026, 0, 1],
      [2026, 13, 1],
      [2026, 1, 0],
      [1969, 12, 31],
      [2200, 1, 1],
    ]) {
      expect(epochDay(year!, month!, day!)).toBe(-1);
    }
    expect(epochDay(2000, 2, 29)).toBeGreaterThan(0);
  });
});

describe('the cells of a record', () => {
  it('are those that papaparse finds', () => {
    const unit = fc.constantFrom('a', '"', '"', ',', ';', ' ', '\t', '\r', 'é');
    fc.assert(
      fc.property(
        fc.string({ unit, minLength: 1, maxLength: 14 }),
        fc.constantFrom(',', ';', '\t'),
        (text, delimiter) => {
          const parsed = Papa.parse<string[]>(`${text}\n`, { delimiter, newline: '\n' });
          const isClean = parsed.errors.length === 0 && parsed.data.length === 2;
          // A record of a quote that does not close never comes: the cutter ends at the file's end with a fault.
          const cells = splitRecord(text, delimiter as ',');
          expect(cells).toEqual(isClean ? parsed.data[0] : undefined);
        },
      ),
      { numRuns: 5000 },
    );
  });
});
