import { describe, expect, test } from 'vitest';
import { benchRun } from '../../bench/fleet.ts';
import { withBandwidth } from '../../src/model/run.ts';
import { gridIndex, gridValue, meetsAlways, searchBandwidth } from '../../src/plan/bandwidth.ts';
import { simulate } from '../../src/simulate/simulate.ts';

describe('the grid of three significant digits', () => {
  test('ascends in steps of at most 1 %', () => {
    for (let index = 1; index < 5000; index++) {
      expect(gridValue(index)).toBeGreaterThan(gridValue(index - 1));
      expect(gridValue(index) / gridValue(index - 1)).toBeLessThanOrEqual(1.01 + 1e-12);
    }
  });

  test('every value has its own index, and what lies between has the next', () => {
    for (let index = 0; index < 5000; index++) {
      expect(gridIndex(gridValue(index))).toBe(index);
      expect(gridIndex(gridValue(index) + 0.01)).toBe(index + 1);
    }
  });
});

describe('the search', () => {
  const run = benchRun(8, 1);

  test('ends at a bandwidth that holds, just above one that does not', () => {
    const answer = searchBandwidth(run);
    const below = gridValue(gridIndex(answer.always!) - 1);
    expect(meetsAlways(simulate(withBandwidth(run, answer.always!)))).toBe(true);
    expect(meetsAlways(simulate(withBandwidth(run, below)))).toBe(false);
    const mostlyBelow = simulate(withBandwidth(run, gridValue(gridIndex(answer.mostly!) - 1)));
    const mostly = simulate(withBandwidth(run, answer.mostly!));
    expect(mostly.rpo.steady.withinTargetFraction).toBeGreaterThanOrEqual(0.95);
    expect(mostlyBelow.rpo.steady.withinTargetFraction ?? 0).toBeLessThan(0.95);
    expect(answer.mostly!).toBeLessThanOrEqual(answer.always!);
  });

  test('takes few runs, none of them twice', () => {
    const tried: number[] = [];
    const answer = searchBandwidth(run, { onTry: (bitsPerSec) => tried.push(bitsPerSec) });
    expect(answer.runCount).toBe(tried.length);
    expect(tried.length).toBeLessThanOrEqual(30);
  });

  test('an RPO shorter than the copy interval is met by no bandwidth', () => {
    const answer = searchBandwidth({ ...run, options: { ...run.options, rpoTargetMs: 60_000 } });
    expect(answer.always).toBeNull();
    expect(answer.mostly).toBeNull();
  });

  test('an outage longer than the RPO leaves the 95 % but not the always', () => {
    const link = { ...run.site.link, outages: [{ startMs: 36_000_000, endMs: 36_000_000 + 40 * 60_000 }] };
    const answer = searchBandwidth({ ...run, site: { ...run.site, link } });
    expect(answer.always).toBeNull();
    expect(answer.mostly).toBeGreaterThan(0);
  });
});
