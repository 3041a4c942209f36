import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseCalibration } from '../../src/ingest/calibration.ts';

const WHOLE = {
  schema: 'asr-plan/calibration@1',
  rehearsed: 'trace.csv over 20 Mbit/s for 1 h',
  compressionRatio: 0.5,
  linkEfficiencyRatio: 0.998,
};

test('what a rehearsal wrote is read back', () => {
  for (const value of [WHOLE, { ...WHOLE, compressionRatio: null }]) {
    const parsed = parseCalibration('c.json', `\uFEFF${JSON.stringify(value)}`);
    expect(parsed.problems.all()).toEqual([]);
    expect(parsed.value).toEqual(value);
  }
});

test.each([
  ['schema', 'asr-plan/calibration@2'],
  ['schema', undefined],
  ['rehearsed', 7],
  ['rehearsed', 'x'.repeat(501)],
  ['compressionRatio', 1.1],
  ['compressionRatio', 0],
  ['compressionRatio', '0.5'],
  ['compressionRatio', undefined],
  ['linkEfficiencyRatio', null],
  ['linkEfficiencyRatio', -1],
])('%s = %s is refused by its name', (key, value) => {
  const { value: parsed, problems } = parseCalibration('c.json', JSON.stringify({ ...WHOLE, [key]: value }));
  expect(parsed).toBeUndefined();
  expect(problems.all()).toMatchObject([{ severity: 'error', code: 'calibration-wrong', file: 'c.json', column: key }]);
});

test('everything that is wrong at once; no text makes it throw', () => {
  expect(parseCalibration('c.json', '{}').problems.all()).toHaveLength(4);
  for (const text of ['', '[]', '7', '{', 'null']) expect(parseCalibration('c.json', text).value).toBeUndefined();
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(parseCalibration('c.json', JSON.stringify(value)).value).toBeUndefined();
    }),
  );
});
