import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { benchRun } from '../../bench/fleet.ts';
import type { Run } from '../../src/model/run.ts';
import type { Disk } from '../../src/model/workload.ts';
import { exclusionAdvice, reasonOf } from '../../src/plan/exclusion-advice.ts';
import { DAY_MS, GIB, HOUR_MS } from '../../src/units.ts';

const { policy, site, workload, options } = benchRun(1);

function disk(name: string, bytesPerSec: number, usedBytes = 10 * GIB): Disk {
  const volume = 'D:';
  return {
    name,
    volume,
    sizeBytes: 64 * GIB,
    usedBytes,
    meanWriteBytes: 8192,
    churn: { kind: 'constant', bytesPerSec },
  };
}

function runOf(...vms: readonly (readonly Disk[])[]): Run {
  return {
    ...{ policy, events: [] },
    site: { ...site, link: { ...site.link, efficiencyRatio: 1 } },
    workload: { ...workload, vms: vms.map((disks, at) => ({ name: `vm${at}`, host: 'h', disks })) },
    options: { ...options, horizonMs: DAY_MS, growthRatio: 0 },
  };
}

describe('what a disk’s name says', () => {
  it.each([
    ['pagefile.vhdx', 'page file'],
    ['SQL01_PageFile', 'page file'],
    ['D:\\VMs\\SQL01\\swap-1.vhdx', 'page file'],
    ['Auslagerungsdatei.vhdx', 'page file'],
    ['SQL01-tempdb2.vhdx', 'tempdb'],
    ['SQLTempDB', 'tempdb'],
    ['temp.vhdx', 'temporary files'],
    ['scratch', 'temporary files'],
    ['Sicherung.vhdx', 'backup'],
    ['sql_dump', 'backup'],
  ])('%s: %s', (name, reason) => {
    expect(reasonOf(name)).toBe(reason);
  });

  it.each([
    'template.vhdx',
    'contemporary',
    'data.vhdx',
    'attempt',
    'homepage',
    'os',
    'D:\\Backup\\data.vhdx',
    'bakery',
    '',
  ])('%s: nothing', (name) => {
    expect(reasonOf(name)).toBeUndefined();
  });

  it('is found in time that does not grow with the name', () => {
    expect(reasonOf(`${'aA'.repeat(1_000_000)} tempdb`)).toBe('tempdb');
  });
});

describe('advice', () => {
  it('is worked out by hand for a constant churn', () => {
    const [advice, ...others] = exclusionAdvice(
      runOf([disk('os', 0), disk('tempdb', 1_000_000, 5 * GIB)], [disk('os', 1_000_000)]),
    );
    expect(others).toEqual([]);
    // 300 MB a cycle: 8,192 for the empty log and a block of 4,096 for each begun 127 · 8,192 bytes.
    const cycleBytes = 300e6 + 8192 + 4096 * Math.ceil(300e6 / (127 * 8192));
    expect(advice).toEqual({
      ...{ vm: 'vm0', disk: 'tempdb', reason: 'tempdb', initialBytes: 5 * GIB, logBytes: 2 * cycleBytes },
      meanBitsPerSec: expect.closeTo((cycleBytes * 8) / 300, 3),
      busiestHourBitsPerSec: expect.closeTo((cycleBytes * 8) / 300, 3),
      // The empty logs of the first disk are the rest.
      shareOfDeltas: expect.closeTo(cycleBytes / (2 * cycleBytes + 8192), 9),
    });
  });

  it('knows the busiest hour', () => {
    const peak: Disk = {
      ...disk('tempdb', 0),
      churn: {
        kind: 'series',
        startMs: [0, 5 * HOUR_MS, 6 * HOUR_MS],
        writtenBytes: [0, 36e9, 0],
        endMs: DAY_MS,
        repeatMs: DAY_MS,
      },
    };
    const [advice] = exclusionAdvice(runOf([disk('os', 0), peak]));
    expect(advice!.busiestHourBitsPerSec / advice!.meanBitsPerSec).toBeGreaterThan(23);
    expect(advice!.logBytes).toBeGreaterThan((2 * 36e9) / 12);
  });

  it('leaves the disk to boot from alone, whatever the order, and takes one without a telling name only where it stands out', () => {
    const quiet = Array.from({ length: 9 }, () => [disk('os', 100), disk('data', 1000)]);
    expect(exclusionAdvice(runOf([disk('tempdb', 1e6)], ...quiet))).toEqual([]);
    expect(
      exclusionAdvice(runOf([disk('temp', 1e6), disk('C:\\ClusterStorage\\V1\\os.vhdx', 1e6)])).map(
        ({ disk: name }) => name,
      ),
    ).toEqual(['temp']);
    expect(
      exclusionAdvice(runOf([disk('tempdb-2', 1e6), disk('tempdb-1', 1e6)])).map(({ disk: name }) => name),
    ).toEqual(['tempdb-2']);
    const loud = exclusionAdvice(runOf([disk('os', 100), disk('data', 1e6)], ...quiet));
    expect(loud.map(({ vm, disk: name, reason }) => [vm, name, reason])).toEqual([['vm0', 'data', 'churn']]);
  });

  it('comes in order, within the whole, and saves what it says', () => {
    const rates = fc.array(
      fc.tuple(fc.constantFrom('data', 'tempdb', 'backup', 'log'), fc.integer({ min: 0, max: 5_000_000 })),
      {
        minLength: 1,
        maxLength: 12,
      },
    );
    fc.assert(
      fc.property(rates, (drawn) => {
        const run = runOf(...drawn.map(([name, rate]) => [disk('os', 1000), disk(name, rate)]));
        const advice = exclusionAdvice(run);
        expect(advice.reduce((sum, { shareOfDeltas }) => sum + shareOfDeltas, 0)).toBeLessThanOrEqual(1 + 1e-9);
        for (let at = 1; at < advice.length; at++) {
          expect(advice[at]!.meanBitsPerSec).toBeLessThanOrEqual(advice[at - 1]!.meanBitsPerSec);
        }
        for (const { disk: name, reason } of advice) expect(reason).toBe(reasonOf(name) ?? 'churn');
        expect(exclusionAdvice(run)).toEqual(advice);
      }),
    );
  });
});
