import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readBatchesFile } from '../../src/ingest/batches-file.ts';
import type { RunClock } from '../../src/model/clock.ts';
import { renderBatchesCsv } from '../../src/report/batches-csv.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, WEEK_MS } from '../../src/units.ts';
import { HOSTILE_NAMES } from '../report/hostile-names.ts';
import { samplePlan } from '../report/sample-plan.ts';
import { lines, textSource } from './text-sources.ts';

/** Monday 2026-03-30T00:00 in Berlin. */
const CLOCK: RunClock = {
  startEpochMs: Date.parse('2026-03-29T22:00Z'),
  timeZone: 'Europe/Berlin',
  offsets: [{ fromMs: 0, offsetMs: 2 * HOUR_MS }],
};

function read(text: string, vms?: readonly string[], horizonMs = WEEK_MS): ReturnType<typeof readBatchesFile> {
  const context = { clock: CLOCK, horizonMs, ...(vms === undefined ? {} : { vms }) };
  return readBatchesFile(textSource('b.csv', text), context);
}

describe('a file of batches', () => {
  it('VMs that are enabled at one time are one batch, in the order of their times', async () => {
    const text = lines('vm,at', 'c,1d', 'a,0min', 'd,2026-03-31T00:00', 'b,0s', 'e,2026-03-30T22:00Z');
    const { batches, problems } = await read(text, ['a', 'b', 'c', 'd', 'e']);
    expect(problems).toEqual([]);
    expect(batches).toEqual([
      { enableAtMs: 0, vms: ['a', 'b'] },
      { enableAtMs: DAY_MS, vms: ['c', 'd', 'e'] },
    ]);
  });

  it('tells everything that is wrong at once, with rows and columns', async () => {
    const text = lines('vm,at', 'A,soon', ',1d', 'b,1d', 'b,2d', 'nobody,-1d', 'a,500d');
    const { batches, problems } = await read(text, ['a', 'b']);
    expect(batches).toEqual([]);
    expect(problems.map(({ code, row, column }) => [code, row, column])).toEqual([
      ['site-unknown-name', 2, 'vm'],
      ['batches-value', 2, 'at'],
      ['batches-value', 3, 'vm'],
      ['batches-duplicate', 5, 'vm'],
      ['site-unknown-name', 6, 'vm'],
      ['batches-value', 6, 'at'],
      ['batches-value', 7, 'at'],
    ]);
    expect((await read(lines('vm,when', 'a,1d'))).problems).toContainEqual(
      expect.objectContaining({ severity: 'error' }),
    );
  });

  it('warns of VMs in no batch and of batches after the end of the run', async () => {
    const { problems, batches } = await read(lines('vm,at', 'a,8d'), ['a', 'b']);
    expect(problems.map(({ severity, code }) => [severity, code])).toEqual([
      ['warning', 'batches-others'],
      ['warning', 'batches-beyond-horizon'],
    ]);
    expect(batches).toEqual([{ enableAtMs: 8 * DAY_MS, vms: ['a'] }]);
  });
});

describe('what --batches-out writes', () => {
  const withBatches = (
    batches: readonly { readonly startMs: number | null; readonly vms: readonly string[] }[],
  ): string => {
    const plan = samplePlan();
    const [first] = plan.batches!.batches;
    return renderBatchesCsv({
      ...plan,
      batches: {
        ...plan.batches!,
        batches: batches.map(({ startMs, vms }, index) => ({
          ...{ ...first!, name: `Batch ${index + 1}`, startMs },
          vms: vms.map((vm) => ({ ...first!.vms[0]!, vm })),
        })),
      },
    });
  };

  it('is read back as it was, whatever the VMs are called', async () => {
    const names = fc.uniqueArray(
      fc.oneof(
        fc.constantFrom(...HOSTILE_NAMES.filter((name) => name.trim() === name && !/[\r\n]/.test(name))),
        fc.constantFrom('=1+1', "'quoted", "'=both", '@x', '-5', 'a;=b', 'a,b', '"', ' led'),
        fc.string({ minLength: 1, maxLength: 8 }).filter((name) => !/[\r\n\0]/.test(name)),
      ),
      { minLength: 1, maxLength: 12 },
    );
    await fc.assert(
      fc.asyncProperty(names, fc.array(fc.nat(2000), { minLength: 12, maxLength: 12 }), async (vms, quarters) => {
        const starts = [...new Set(quarters)].sort((left, right) => left - right);
        const batches = starts
          .map((quarter) => ({
            enableAtMs: quarter * 15 * MINUTE_MS,
            vms: vms.filter((_, index) => quarters[index] === quarter),
          }))
          .filter((batch) => batch.vms.length > 0);
        const text = withBatches(batches.map(({ enableAtMs, vms: own }) => ({ startMs: enableAtMs, vms: own })));
        const { batches: back, problems } = await read(text, vms, 100 * WEEK_MS);
        expect(problems).toEqual([]);
        expect(back).toEqual(batches);
      }),
    );
  });

  it('has a place for who has no start, and no row where nothing is to be copied', async () => {
    const { batches } = await read(withBatches([{ startMs: null, vms: ['a'] }]), ['a'], 100 * WEEK_MS);
    expect(batches).toEqual([{ enableAtMs: 60 * DAY_MS, vms: ['a'] }]);
    expect(
      renderBatchesCsv({ ...samplePlan(), batches: null })
        .trim()
        .split('\r\n'),
    ).toHaveLength(1);
  });
});
