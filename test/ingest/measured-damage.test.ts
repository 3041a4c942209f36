import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ingest } from '../../src/ingest/ingest.ts';
import { DAY_MS } from '../../src/units.ts';
import { textInput } from './text-sources.ts';

const FOLDER = join(import.meta.dirname, '../../datasets/measured');
const DISKS = readFileSync(join(FOLDER, 'disks.csv'), 'utf8');
const FORMS = ['perfmon.csv', 'perfmon.tsv', 'get-counter.csv', 'prometheus.json', 'cluster-perf.csv', 'series.csv'];

/** What can befall a text on its way: cut off, a piece lost, doubled or overwritten. */
const damage = fc.record({
  from: fc.double({ min: 0, max: 1, noNaN: true }),
  length: fc.double({ min: 0, max: 0.2, noNaN: true }),
  how: fc.constantFrom('cut', 'lose', 'double', 'overwrite'),
  by: fc.string({
    unit: fc.constantFrom(
      '"',
      ',',
      ';',
      '\n',
      '\r',
      '0',
      '-',
      '1e309',
      'NaN',
      '{',
      ']',
      '\\',
      '(',
      'é',
      '\u2028',
      ' ',
      '99999999999999999999',
    ),
    maxLength: 6,
  }),
});

function damaged(
  text: string,
  { from, length, how, by }: { from: number; length: number; how: string; by: string },
): string {
  const start = Math.floor(from * text.length);
  const end = Math.min(text.length, start + Math.floor(length * text.length));
  const [before, piece, after] = [text.slice(0, start), text.slice(start, end), text.slice(end)];
  if (how === 'cut') return before;
  if (how === 'lose') return before + after;
  return how === 'double' ? before + piece + piece + after : before + by + after;
}

describe.each(FORMS)('a spoilt %s', (form) => {
  const whole = readFileSync(join(FOLDER, form), 'utf8');

  test('is read as far as it goes, or its problems are named', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(damage, { minLength: 1, maxLength: 3 }), async (blows) => {
        const text = blows.reduce(damaged, whole);
        const inputs = [textInput('disks.csv', DISKS), textInput(form, text, undefined, 'churn')];
        const { workload, problems } = await ingest(inputs, { horizonMs: DAY_MS, assumedChurnPerDay: 0.01 });
        expect(workload === undefined).toBe(problems.some(({ severity }) => severity === 'error'));
        for (const { code, message, remedy } of problems) {
          expect(code).toMatch(/^[a-z0-9]+(-[a-z0-9]+)+$/);
          expect(message.length * remedy.length).toBeGreaterThan(0);
        }
        for (const { churn } of workload?.vms.flatMap(({ disks }) => disks) ?? []) {
          if (churn.kind !== 'series') continue;
          expect(churn.writtenBytes.every((bytes) => Number.isSafeInteger(bytes) && bytes >= 0)).toBe(true);
          expect(churn.startMs.every((at, index) => index === 0 || at > churn.startMs[index - 1]!)).toBe(true);
          expect(churn.endMs).toBeGreaterThan(churn.startMs.at(-1)!);
        }
      }),
      { numRuns: 150 },
    );
  });
});
