import { describe, expect, test } from 'vitest';
import type { RunClock } from '../../src/model/clock.ts';
import {
  CALIBRATED_METRICS,
  type CalibratedVm,
  type Calibration,
  type CalibrationPair,
  type MetricScore,
} from '../../src/plan/calibration.ts';
import { calibrationSection } from '../../src/report/html-calibration.ts';
import { HOUR_MS, MIB } from '../../src/units.ts';
import { HOSTILE_NAMES } from './hostile-names.ts';

const CLOCK: RunClock = {
  startEpochMs: Date.UTC(2026, 0, 4, 23),
  timeZone: 'Europe/Berlin',
  offsets: [{ fromMs: 0, offsetMs: HOUR_MS }],
};

function pair(predicted: number | null, measured: number | null): CalibrationPair {
  if (predicted === null || measured === null)
    return { predicted, measured, ratio: null, error: null, errorShare: null };
  const error = Math.abs(predicted - measured);
  return {
    predicted,
    measured,
    ratio: predicted / measured,
    error,
    errorShare: measured === 0 ? null : error / measured,
  };
}

function vm(name: string, change: Partial<CalibratedVm> = {}): CalibratedVm {
  return {
    ...{ vm: name, measuredFromMs: 0, measuredUntilMs: 12 * HOUR_MS, cycleCount: 1440 },
    pairs: {
      averageSizeBytes: pair(10 * MIB, 11 * MIB),
      maximumSizeBytes: pair(40 * MIB, 20 * MIB),
      averageLatencySec: pair(12, 75),
      missesPerDay: pair(4.25, null),
    },
    ...{ modelLogBytes: 9 * MIB, churnBasis: 'window', sizeRatio: 11 / 9 },
    compression: { ratio: 0.4, basis: 'counter', reason: 'the counter' },
    ...change,
  };
}

const SCORE: MetricScore = { vmCount: 3, medianErrorShare: 0.125, closeCount: 2 };

function calibration(change: Partial<Calibration> = {}): Calibration {
  return {
    vms: [vm('sql'), vm('web')],
    ...{ notCompared: [], unmeasuredCount: 0, compressionRatio: 0.4, growthRatio: 0 },
    fleet: { averageSizeBytes: SCORE, maximumSizeBytes: SCORE, averageLatencySec: SCORE, missesPerDay: SCORE },
    ...change,
  };
}

function page(change: Partial<Calibration> = {}): string {
  return calibrationSection(calibration(change), CLOCK).text;
}

/** The text of each row's cells of the table of VMs. */
function cells(text: string): string[][] {
  const table = /<table class="calibration">.*?<tbody>(.*?)<\/tbody>/s.exec(text)![1]!;
  return [...table.matchAll(/<tr>(.*?)<\/tr>/gs)].map(([, row]) =>
    [...row!.matchAll(/<t[hd][^>]*>(.*?)<\/t[hd]>/gs)].map(([, cell]) => cell!.replace(/<[^>]*>/g, '')),
  );
}

describe('the section of the calibration', () => {
  test('says the fleet’s score in a sentence', () => {
    expect(page()).toContain(
      'The predicted average size of a cycle is off by 12.5 % in the median; 2 of 3 VMs lie within ± 25 % of what was measured.',
    );
    const none = { vmCount: 0, medianErrorShare: null, closeCount: 0 };
    expect(page({ fleet: { ...calibration().fleet, averageSizeBytes: none } })).toContain(
      '2 VMs compared; none of them',
    );
    expect(page({ vms: [] })).toContain('None of the measured VMs could be compared');
  });

  test('has a row of each VM, predicted beside measured, with what is far off marked', () => {
    const [row] = cells(page());
    expect(row).toEqual([
      ...['sql', '2026-01-05 00:00 to 2026-01-05 12:00', '1,440', '10 MiB', '11 MiB'],
      ...['✕ 40 MiB', '20 MiB', '✕ 12 s', '1 min 15 s', '4.3', '–', '0.40'],
    ]);
  });

  test('has as many cells in each row as headings', () => {
    const headings = /<table class="calibration"><thead>(.*?)<\/thead>/s.exec(page())![1]!;
    expect(headings.match(/<th /g)!.length).toBe(4 + 2 * CALIBRATED_METRICS.length);
    for (const row of cells(page())) expect(row.length).toBe(4 + 2 * CALIBRATED_METRICS.length);
  });

  test('shows the worst first, and says how many are left out', () => {
    const vms = Array.from({ length: 60 }, (_, v) =>
      vm(`vm${v}`, { pairs: { ...vm('').pairs, averageSizeBytes: pair(100 + v, 100) } }),
    );
    const unknown = vm('unknown', { pairs: { ...vm('').pairs, averageSizeBytes: pair(1, null) } });
    const shown = cells(page({ vms: [unknown, ...vms] })).map(([name]) => name);
    expect(shown.slice(0, 2)).toEqual(['vm59', 'vm58']);
    expect(shown.length).toBe(50);
    expect(shown).not.toContain('unknown');
    expect(page({ vms })).toContain('The 50 that are predicted worst of 60 VMs');
  });

  test('names what could not be compared and why, and whose compression is not used', () => {
    const contradicted = vm('file', { compression: { ratio: null, basis: 'contradicted', reason: 'the opposite' } });
    const silent = vm('dc', { compression: { ratio: null, basis: 'none', reason: 'no counter' } });
    const text = page({
      vms: [contradicted, silent],
      notCompared: [{ vm: 'gone', reason: 'not in the inventory' }],
      unmeasuredCount: 1,
    });
    expect([...text.matchAll(/<li><bdi>(.*?)<\/bdi>: (.*?)<\/li>/g)].map(([, name, reason]) => [name, reason])).toEqual(
      [
        ['gone', 'not in the inventory'],
        ['file', 'compression: the opposite'],
      ],
    );
    expect(text).toContain('1 VM of the inventory was not measured.');
    expect(page()).not.toContain('What could not be compared');
  });

  test('tells the compression ratio, or what to log for it; growth; that sizes are before compression', () => {
    expect(page()).toContain('0.40 wire bytes per log byte over 2 VMs');
    expect(page({ compressionRatio: null })).toContain('\\Hyper-V Replica VM(*)\\Compression Efficiency');
    expect(page({ growthRatio: 0.3 })).toContain('a growth of 30.0 %');
    expect(page()).not.toContain('growth');
    expect(page()).toContain('Microsoft does not say whether the sizes are taken before or after compression');
  });

  test('without measurements says how to come by them', () => {
    const text = calibrationSection(null, CLOCK).text;
    expect(text).toContain('Measure-VMReplication | Export-Csv replication.csv');
    expect(text).not.toContain('<table');
  });

  test('hostile names stay text', () => {
    const text = page({
      vms: HOSTILE_NAMES.map((name) => vm(name)),
      notCompared: HOSTILE_NAMES.map((name) => ({ vm: name, reason: name })),
    });
    expect(text).not.toMatch(/<script|<img/);
    expect(text).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\u202A-\u202E]/u);
    expect(cells(text).length).toBe(HOSTILE_NAMES.length);
  });
});
