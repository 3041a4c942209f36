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
    ['pagefile.sys', 'page file'],
    ['Paging File 2', 'page file'],
    ['temp db.vhdx', 'tempdb'],
    ['Temp_DB-1', 'tempdb'],
    ['Temporäre Dateien', 'temporary files'],
    ['temporär'.normalize('NFD'), 'temporary files'],
    ['web-cache_7F3C1A2B-0C4D-4E5F-8A9B-0123456789AB.avhdx', 'temporary files'],
    ['Datensicherung-2.vhdx', 'backup'],
    ['data.vhdx.bak', 'backup'],
    ['D:\\swap\\', 'page file'],
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
    'MyTemplates',
    'Temperatur',
    'Versicherung.vhdx',
    'stempel',
    '/var/cache/data.img',
    '///',
    '',
  ])('%s: nothing', (name) => {
    expect(reasonOf(name)).toBeUndefined();
  });

  it.each([
    ['TEMP-WEB_data.vhdx', 'TEMP-WEB', undefined],
    ['temp-web_data.vhdx', 'TEMP-WEB.corp.example', undefined],
    ['BACKUP01-tempdb.vhdx', 'BACKUP01', 'tempdb'],
    ['backup-2.vhdx', 'back', 'backup'],
    ['cache', '', 'temporary files'],
    ['swap', 'swap', undefined],
  ])('%s of the VM %s: %s', (name, vm, reason) => {
    expect(reasonOf(name, vm)).toBe(reason);
  });

  it('looks at the last 256 characters, so that no name takes long', () => {
    expect(reasonOf(`${'aA'.repeat(1_000_000)} tempdb`)).toBe('tempdb');
    expect(reasonOf(`tempdb ${'a'.repeat(256)}`)).toBeUndefined();
    const piece = fc.constantFrom('aA', 'AA', '_', ' ', '\\', '/', 'temp', 'db', 'c', '\u0308', '\ud800', 'é', '.');
    const long = fc.array(piece, { minLength: 256, maxLength: 600 }).map((pieces) => pieces.join(''));
    fc.assert(
      fc.property(long, (name) => {
        expect(reasonOf(name)).toBe(reasonOf(name.slice(-256)));
      }),
    );
  });

  it('knows a word wherever it stands, in any capitals, but not as a piece of a word', () => {
    const word = fc.constantFrom('tempdb', 'pagefile', 'swap', 'tmp', 'cache', 'backup', 'sicherung');
    const around = fc.constantFrom('_', '-', ' ', '.', '1', '(');
    fc.assert(
      fc.property(word, around, around, fc.boolean(), (known, before, after, isUpper) => {
        const written = isUpper ? known.toUpperCase() : known;
        expect(reasonOf(`sql${before}${written}${after}vhdx`)).toBe(reasonOf(known));
        expect(reasonOf(`sql${before}x${known}x${after}vhdx`)).toBeUndefined();
      }),
    );
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

  it('says nothing of disks that write nothing, nor of VMs that cannot be protected', () => {
    expect(exclusionAdvice(runOf([disk('os', 0), disk('data', 0)], [disk('os', 0), disk('data', 0)]))).toEqual([]);
    const run = runOf([disk('os', 1e6), disk('tempdb', 1e6)], [disk('os', 1e6), disk('tempdb', 1e6)]);
    const blocked = { vm: 'vm0', settings: {}, missingPrerequisite: 'no integration services' };
    const [advice, ...others] = exclusionAdvice({ ...run, policy: { ...policy, overrides: [blocked] } });
    expect(others).toEqual([]);
    expect(advice).toMatchObject({ vm: 'vm1', shareOfDeltas: 0.5 });
  });

  it.each([
    ['an only disk', 'vm0', ['tempdb']],
    ['a name that gives nothing away before one that does', 'vm0', ['zz.vhdx', 'backup.vhdx']],
    ['not a disk that says system and backup', 'vm0', ['Disk0', 'system-backup']],
    ['the drive’s letter', 'vm0', ['disk (C).vhdx', 'A_data.vhdx']],
    ['not a c of a GUID', 'vm0', ['Disk', 'b_data_1C2D5A6B-0C00-4000-8000-C123456789AB.avhdx']],
    ['the VM’s own name', 'SQL01', ['SQL01.vhdx', 'A_data.vhdx']],
    ['and its checkpoint', 'SQL01', ['SQL01_1C2D5A6B-0C00-4000-8000-C123456789AB.avhdx', 'A_data.vhdx']],
    ['not its name and a number', 'SQL01', ['SQL01_0.vhdx', 'SQL01_1.vhdx']],
  ])('the disk to boot from: %s', (_, name, [boot, ...rest]) => {
    const quiet = Array.from({ length: 9 }, () => [disk('os', 100), disk('data', 1000)]);
    for (const names of [
      [boot!, ...rest],
      [...rest, boot!],
    ]) {
      const run = runOf([], ...quiet);
      const [, ...others] = run.workload.vms;
      const vm = { name, host: 'h', disks: names.map((diskName) => disk(diskName, 1e6)) };
      const advice = exclusionAdvice({ ...run, workload: { ...workload, vms: [vm, ...others] } });
      expect(advice.map((entry) => entry.disk)).toEqual(rest);
    }
  });

  it('needs a part of the deltas and a churn for its used bytes that both stand out', () => {
    const quiet = Array.from({ length: 9 }, () => [disk('os', 1e5), disk('data', 1e5)]);
    const advised = (rate: number, usedBytes: number, osRate: number): string[] =>
      exclusionAdvice(runOf([disk('os', osRate), disk('data', rate, usedBytes)], ...quiet)).map(({ vm }) => vm);
    // A seventh of all, at 3.1 and at 2.9 times the median's churn for each used byte.
    expect(advised(3.1e5, 10 * GIB, 1e5)).toEqual(['vm0']);
    expect(advised(2.9e5, 10 * GIB, 1e5)).toEqual([]);
    expect(advised(3.1e5, 11 * GIB, 1e5)).toEqual([]);
    // 5.2 % and 4.8 % of all.
    expect(advised(1e6, 10 * GIB, 16.4e6)).toEqual(['vm0']);
    expect(advised(1e6, 10 * GIB, 18.1e6)).toEqual([]);
  });

  it('knows the last hour of a horizon of broken hours', () => {
    const series = { kind: 'series', startMs: [0, 1.5 * HOUR_MS], writtenBytes: [0, 36e9], repeatMs: 0 } as const;
    const late: Disk = { ...disk('tempdb', 0), churn: { ...series, endMs: 2.5 * HOUR_MS } };
    const run = runOf([disk('os', 0), late]);
    const [advice] = exclusionAdvice({ ...run, options: { ...run.options, horizonMs: 2.5 * HOUR_MS } });
    expect(advice!.busiestHourBitsPerSec).toBeGreaterThan((36e9 * 8) / 3600);
  });

  it('lists the 20 best of many, by name where they are equal', () => {
    const vms = Array.from({ length: 30 }, (_, v) => [disk('os', 1000), disk('tempdb', v < 15 ? 2e6 : 1e6)]);
    const names = exclusionAdvice(runOf(...vms)).map(({ vm }) => vm);
    const byName = (from: number, to: number): string[] =>
      Array.from({ length: to - from }, (_, v) => `vm${v + from}`).sort();
    expect(names).toEqual([...byName(0, 15), ...byName(15, 30).slice(0, 5)]);
  });
});

/** Disks' names and rates in bytes per second, VM by VM. */
const FLEET = fc.array(
  fc.array(
    fc.tuple(
      fc.constantFrom('data', 'tempdb', 'backup', 'log', 'swap', 'c'),
      fc.constantFrom(0, 1, 4096, 70_000, 1_000_000, 8_000_000),
    ),
    { minLength: 1, maxLength: 4 },
  ),
  { minLength: 1, maxLength: 8 },
);
/** Growth, efficiency, compression and interval. */
const SETTINGS = fc.tuple(
  fc.constantFrom(0, 0.3),
  fc.constantFrom(1, 0.95),
  fc.constantFrom(1, 0.4),
  fc.constantFrom(30_000, 300_000, 900_000),
);
type Drawn = readonly (readonly (readonly [name: string, bytesPerSec: number])[])[];
type Settings = readonly [growth: number, efficiency: number, compression: number, intervalMs: number];

function drawnRun(drawn: Drawn, [growthRatio, efficiencyRatio, compressionRatio, intervalMs]: Settings): Run {
  const run = runOf(...drawn.map((disks) => disks.map(([name, rate], at) => disk(`${name}-${at}`, rate))));
  return {
    ...run,
    site: { ...site, link: { ...site.link, efficiencyRatio } },
    // The second VM has settings of its own.
    policy: {
      ...{ ...policy, compressionRatio: 1, copyFrequencyMs: intervalMs },
      overrides: [{ vm: 'vm1', settings: { compressionRatio, copyFrequencyMs: 300_000 } }],
    },
    options: { ...run.options, growthRatio },
  };
}

/** Delta bytes of a disk over the run's day, log by log (semantics 4, 5). */
function naiveWireBytes(
  { policy: { overrides, ...common }, site: { link }, options: { growthRatio } }: Run,
  vm: string,
  one: Disk,
): number {
  const { compressionRatio, copyFrequencyMs } = { ...common, ...overrides.find((own) => own.vm === vm)?.settings };
  if (one.churn.kind !== 'constant') throw new Error('a constant churn only');
  const logs = DAY_MS / copyFrequencyMs;
  const logWritten = (one.churn.bytesPerSec * (1 + growthRatio) * 86_400) / logs;
  let bytes = 0;
  for (let log = 0; log < logs; log++)
    bytes += logWritten + 8192 + 4096 * Math.ceil(logWritten / (127 * one.meanWriteBytes));
  return (bytes * compressionRatio) / link.efficiencyRatio;
}

function naiveFleetBytes(run: Run): number {
  return run.workload.vms.reduce(
    (sum, vm) => vm.disks.reduce((all, one) => all + naiveWireBytes(run, vm.name, one), sum),
    0,
  );
}

function without(run: Run, vm: string, name: string): Run {
  const vms = run.workload.vms.map((one) =>
    one.name === vm ? { ...one, disks: one.disks.filter((its) => its.name !== name) } : one,
  );
  return { ...run, workload: { ...run.workload, vms } };
}

describe('laws', () => {
  it('an advised disk’s figures are those that a naive count takes off the fleet’s without it', () => {
    fc.assert(
      fc.property(FLEET, SETTINGS, (drawn, settings) => {
        const run = drawnRun(drawn, settings);
        const fleetBytes = naiveFleetBytes(run);
        for (const advice of exclusionAdvice(run)) {
          const rest = without(run, advice.vm, advice.disk);
          const savedBytes = fleetBytes - naiveFleetBytes(rest);
          const tolerance = 1e-9 * fleetBytes + 1;
          expect(Math.abs((advice.meanBitsPerSec * 86_400) / 8 - savedBytes)).toBeLessThan(tolerance);
          expect(Math.abs(advice.shareOfDeltas * fleetBytes - savedBytes)).toBeLessThan(tolerance);
          // What others save does not depend on it.
          for (const other of exclusionAdvice(rest)) {
            const same = exclusionAdvice(run).find(({ vm, disk: name }) => vm === other.vm && name === other.disk);
            if (same !== undefined) expect(other.meanBitsPerSec).toBe(same.meanBitsPerSec);
          }
        }
      }),
    );
  });

  it('no VM loses all its disks, and shares add up to at most 1', () => {
    fc.assert(
      fc.property(FLEET, SETTINGS, (drawn, settings) => {
        const run = drawnRun(drawn, settings);
        const advice = exclusionAdvice(run);
        expect(advice.reduce((sum, { shareOfDeltas }) => sum + shareOfDeltas, 0)).toBeLessThanOrEqual(1 + 1e-9);
        for (const { name, disks } of run.workload.vms) {
          expect(advice.filter(({ vm }) => vm === name).length).toBeLessThan(disks.length);
        }
      }),
    );
  });

  it('the order of the file changes nothing', () => {
    fc.assert(
      fc.property(FLEET, SETTINGS, (drawn, settings) => {
        const run = drawnRun(drawn, settings);
        const vms = run.workload.vms.toReversed().map((vm) => ({ ...vm, disks: vm.disks.toReversed() }));
        const turned = exclusionAdvice({ ...run, workload: { ...workload, vms } });
        // The fleet's sum is taken in another order, so that its last bits may differ.
        const shown = exclusionAdvice(run).map(({ shareOfDeltas, ...rest }) => ({
          ...rest,
          shareOfDeltas: expect.closeTo(shareOfDeltas, 12),
        }));
        expect(turned).toEqual(shown);
      }),
    );
  });
});
