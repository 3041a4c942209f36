import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseExclusions } from '../../src/ingest/exclusions.ts';
import { type FieldId, type Limit, RULE_UNITS, ruleSetOf } from '../../src/model/rules.ts';
import type { Disk, DiskTraits, Vm, VmTraits } from '../../src/model/workload.ts';
import { exactly, isMet } from '../../src/plan/demand.ts';
import { SHIPPED_RULE_FILES, SHIPPED_RULES } from '../../src/plan/shipped-rules.ts';
import { DAY_MS, GIB, MIB, TIB } from '../../src/units.ts';
import { diskOf, type JudgeOptions, judge, KNOWN, KNOWN_DISK, KNOWN_VM, vmOf } from './judged.ts';

const AZURE = SHIPPED_RULES.limits.filter(({ scenarios }) => scenarios.includes('hyperv-to-azure'));
const limitOf = (id: string): Limit => SHIPPED_RULES.limits.find((limit) => limit.id === id)!;

function withDisk(vm: Vm, at: number, traits: Partial<DiskTraits>, changed: Partial<Disk> = {}): Vm {
  const disks = vm.disks.map((disk, d) =>
    d === at ? { ...disk, ...changed, traits: { ...disk.traits, ...traits } } : disk,
  );
  return { ...vm, disks };
}

function withTraits(vm: Vm, traits: Partial<VmTraits>): Vm {
  return { ...vm, traits: { ...vm.traits, ...traits } };
}

function withDisks(vm: Vm, count: number): Vm {
  const [os] = vm.disks;
  return {
    ...vm,
    disks: [
      os!,
      ...Array.from({ length: count - 1 }, (_, at) =>
        diskOf(`d${at}`, { ...KNOWN_DISK, ioPerSec: 0, writesPerSec: 0 }),
      ),
    ],
  };
}

function churning(vm: Vm, bytesPerSec: number): Vm {
  const [os, data] = vm.disks;
  const quiet = { ...os!, churn: { kind: 'constant', bytesPerSec: 0 } as const };
  return { ...vm, disks: [quiet, { ...data!, churn: { kind: 'constant', bytesPerSec } }] };
}

/** A VM (and run) whose field has a value in base units, everything else being as it should. */
const MADE: {
  readonly [K in FieldId]?: (value: never, vm: Vm) => { readonly vm: Vm; readonly options?: JudgeOptions };
} = {
  'disk.sizeBytes': (sizeBytes: number, vm) => ({ vm: withDisk(vm, 0, {}, { sizeBytes }) }),
  'disk.format': (format: string, vm) => ({ vm: withDisk(vm, 1, { format }) }),
  'disk.is4kNative': (is4k: boolean, vm) => ({ vm: withDisk(vm, 1, { logicalSectorBytes: is4k ? 4096 : 512 }) }),
  'disk.isShared': (isShared: boolean, vm) => ({ vm: withDisk(vm, 1, { isShared }) }),
  'disk.isOnClusterStorage': (isOn: boolean, vm) => ({ vm: withDisk(vm, 1, {}, isOn ? {} : { volume: 'D:' }) }),
  'disk.partitionCount': (partitionCount: number, vm) => ({ vm: withDisk(vm, 0, { partitionCount }) }),
  'disk.ioPerSec': (ioPerSec: number, vm) => ({ vm: withDisk(vm, 1, { ioPerSec }) }),
  'vm.diskCount': (count: number, vm) => ({ vm: withDisks(vm, count) }),
  'vm.dataDiskCount': (count: number, vm) => ({ vm: withDisks(vm, count + 1) }),
  'vm.osDiskCount': (count: number, vm) => ({
    vm: {
      ...withDisks(vm, 3),
      disks: withDisks(vm, 3).disks.map((disk, at) => ({ ...disk, traits: { ...disk.traits, isOsDisk: at < count } })),
    },
  }),
  'vm.provisionedBytes': (bytes: number, vm) => ({
    vm: withDisk(vm, 1, {}, { sizeBytes: bytes - vm.disks[0]!.sizeBytes }),
  }),
  'vm.nameLength': (length: number, vm) => ({ vm: { ...vm, name: 'x'.repeat(length) } }),
  'vm.nameOddCharacterCount': (count: number, vm) => ({ vm: { ...vm, name: `a${'_'.repeat(count)}b` } }),
  'vm.osFamily': (family: string, vm) => ({ vm: withTraits(vm, { operatingSystem: `${family} Server 2019` }) }),
  'vm.windowsServerYear': (year: number, vm) => ({
    vm: withTraits(vm, { operatingSystem: `Microsoft Windows Server ${year} R2` }),
  }),
  'vm.architecture': (word: string, vm) => ({
    vm: withTraits(vm, {
      architecture: word === '64-bit' ? '64-bit' : '32-bit',
      operatingSystem: word.endsWith('2008') ? 'Windows Server 2008' : 'Windows Server 2012',
      generation: 1,
    }),
  }),
  'vm.isEncrypted': (isEncrypted: boolean, vm) => ({ vm: withTraits(vm, { isEncrypted }) }),
  'vm.hasFibreChannel': (hasFibreChannel: boolean, vm) => ({ vm: withTraits(vm, { hasFibreChannel }) }),
  'vm.hasReplicaBroker': (hasReplicaBroker: boolean, vm) => ({ vm: withTraits(vm, { hasReplicaBroker }) }),
  'vm.ioPerSec': (ioPerSec: number, vm) => ({ vm: withTraits(vm, { ioPerSec }) }),
  'vm.writesPerSec': (writesPerSec: number, vm) => ({ vm: withTraits(vm, { writesPerSec }) }),
  'vm.churnBytesPerSec': (rate: number, vm) => ({ vm: churning(vm, rate) }),
  'vm.busiestDayChurnBytesPerDay': (bytes: number, vm) => ({ vm: churning(vm, bytes / 86_400) }),
  'vm.recoveryPointBytes': (recoveryPointBytes: number, vm) => ({ vm, options: { recoveryPointBytes } }),
};

/** As little as a field's value can be more: a byte, a byte a second, a disk, an operation. */
const STEP: { readonly [unit: string]: number } = { 'GiB/day': 86_400 };

/** What meets a limit just so, and what just does not. */
function edges({ comparison, limit, unit }: Limit): {
  readonly met: readonly unknown[];
  readonly broken: readonly unknown[];
} {
  if (typeof limit === 'boolean') return { met: [limit], broken: [!limit] };
  if (typeof limit === 'object') return { met: limit, broken: ['Linux'] };
  const bound = (limit as number) * RULE_UNITS[unit]!.factor;
  const step = STEP[unit] ?? 1;
  if (comparison === 'at-least') return { met: [bound], broken: [bound - step] };
  if (comparison === 'equals') return { met: [bound], broken: [bound + step] };
  return { met: [bound], broken: [bound + step] };
}

/** The VM with which a rule counts: of the generation and on the disk that it asks for. */
function subjectOf(limit: Limit): Vm {
  const generation = limit.when?.find(({ field }) => field === 'vm.generation')?.limit as 1 | 2 | undefined;
  return withTraits(KNOWN, generation === undefined ? {} : { generation });
}

function outcome(limit: Limit, vm: Vm, options: JudgeOptions = {}): 'passed' | 'failed' | 'unchecked' {
  const [judged] = judge([vm], { scenario: limit.scenarios[0]!, ...options }).compatibility.vms;
  if (judged!.failed.some(({ rule }) => rule === limit.id)) return 'failed';
  return judged!.unchecked.includes(limit.id) ? 'unchecked' : 'passed';
}

describe('a VM of which everything is known', () => {
  it.each([1, 2] as const)('passes every rule, generation %i', (generation) => {
    const { compatibility } = judge([withTraits(KNOWN, { generation })]);
    expect(compatibility.vms).toEqual([
      { vm: 'SQL-01', verdict: 'compatible', failed: [], unchecked: [], excludeOption: null },
    ]);
    expect(compatibility.counts).toEqual({ compatible: 1, incompatible: 0, unknown: 0 });
    expect(compatibility.limits.map(({ rule }) => rule)).toEqual(AZURE.map(({ id }) => id));
  });
});

describe.each(SHIPPED_RULES.limits.map((limit) => [limit.id, limit] as const))('%s', (id, limit) => {
  const make = MADE[limit.field] as (value: unknown, vm: Vm) => { readonly vm: Vm; readonly options?: JudgeOptions };

  it('holds at its limit', () => {
    for (const value of edges(limit).met) {
      const { vm, options } = make(value, subjectOf(limit));
      expect([value, outcome(limit, vm, options)]).toEqual([value, 'passed']);
    }
  });

  it('is broken one beyond, with value, limit, unit, source, date and what to do', () => {
    for (const value of edges(limit).broken) {
      const { vm, options } = make(value, subjectOf(limit));
      expect(outcome(limit, vm, options)).toBe('failed');
      const [judged] = judge([vm], { scenario: limit.scenarios[0]!, ...options }).compatibility.vms;
      const failed = judged!.failed.find(({ rule }) => rule === id)!;
      expect(failed).toMatchObject({ limit: limit.limit, unit: limit.unit, source: limit.source });
      expect(failed).toMatchObject({ sourceDate: limit.sourceDate, action: limit.action });
      if (typeof limit.limit === 'number') expect(failed.value).not.toBe(limit.limit);
      if (typeof value === 'number') expect(failed.value).toBeCloseTo(value / RULE_UNITS[limit.unit]!.factor, 3);
      else expect(failed.value).not.toBeNull();
      expect(judged!.verdict === 'incompatible').toBe(
        limit.effect === 'incompatible' || judged!.failed.some(({ effect }) => effect === 'incompatible'),
      );
    }
  });

  it('says nothing between sites where it is Azure’s, and the other way round', () => {
    const other = limit.scenarios.includes('vmm-to-vmm') ? 'hyperv-to-azure' : 'vmm-to-vmm';
    const { vm, options } = make(edges(limit).broken[0], subjectOf(limit));
    expect(outcome(limit, vm, { ...options, scenario: other })).toBe('passed');
  });
});

describe('what is not known', () => {
  const bare = vmOf([diskOf('os', undefined, { isChurnAssumed: true, sizeBytes: 3000 * GIB })], undefined);

  it('never passes: nothing told, nothing but names and sizes is judged', () => {
    const [judged] = judge([bare]).compatibility.vms;
    const told = [
      'disk-size',
      'data-disk-count',
      'cluster-storage',
      'name-length',
      'name-characters',
      'premium-account-size',
    ];
    expect(judged!.verdict).toBe('unknown');
    expect(judged!.failed).toEqual([]);
    expect(judged!.unchecked).toEqual(AZURE.map(({ id }) => id).filter((id) => !told.includes(id)));
    for (const id of judged!.unchecked) expect(limitOf(id).collect).not.toBe('');
  });

  it('leaves a rule unchecked when any trait that it rests on is taken away, or passes whatever that may be', () => {
    // Every field's traits, taken away one at a time from a VM that would break the rule.
    const vmKeys = Object.keys(KNOWN_VM) as (keyof VmTraits)[];
    const diskKeys = Object.keys(KNOWN_DISK) as (keyof DiskTraits)[];
    fc.assert(
      fc.property(fc.subarray(vmKeys), fc.subarray(diskKeys), (vmGone, diskGone) => {
        const traits = Object.fromEntries(
          Object.entries(KNOWN_VM).filter(([key]) => !vmGone.includes(key as keyof VmTraits)),
        );
        const disks = KNOWN.disks.map((disk) => ({
          ...disk,
          traits: Object.fromEntries(
            Object.entries(disk.traits!).filter(([key]) => !diskGone.includes(key as keyof DiskTraits)),
          ),
        }));
        const [judged] = judge([vmOf(disks, traits)]).compatibility.vms;
        // Less knowledge never breaks a rule, and a VM is compatible only where nothing that makes it so is open.
        expect(judged!.failed).toEqual([]);
        const isOpen = judged!.unchecked.some((id) => limitOf(id).effect === 'incompatible');
        expect(judged!.verdict).toBe(isOpen ? 'unknown' : 'compatible');
        if (vmGone.includes('isEncrypted')) expect(judged!.unchecked).toContain('encryption');
        if (diskGone.includes('format')) expect(judged!.unchecked).toContain('disk-format');
      }),
    );
  });

  it('of an operating system’s disk that is small enough for either generation nothing need be known', () => {
    const size = (sizeBytes: number) =>
      vmOf([diskOf('a', undefined, { sizeBytes }), diskOf('b', undefined)], undefined);
    const rule = limitOf('os-disk-size-generation-2');
    expect(outcome(rule, size(300 * GIB))).toBe('passed');
    expect(outcome(rule, size(300 * GIB + 1))).toBe('unchecked');
    expect(outcome(rule, { ...size(300 * GIB + 1), traits: { firmware: 'UEFI' } })).toBe('unchecked');
    expect(
      outcome(rule, { ...withDisk(size(300 * GIB + 1), 0, { isOsDisk: true }), traits: { firmware: 'UEFI' } }),
    ).toBe('failed');
    expect(outcome(rule, { ...size(300 * GIB + 1), traits: { generation: 1 } })).toBe('passed');
  });

  it('counts data disks where nobody says which is the operating system’s: 16 pass, 17 are open, 18 fail', () => {
    const rule = limitOf('data-disk-count');
    const of = (count: number) =>
      vmOf(
        Array.from({ length: count }, (_, at) => diskOf(`d${at}`, undefined)),
        undefined,
      );
    expect([16, 17, 18].map((count) => outcome(rule, of(count)))).toEqual(['passed', 'unchecked', 'failed']);
  });

  it('takes churn that is partly assumed as at least what is known', () => {
    const rule = limitOf('churn');
    const of = (rate: number) => withDisk(churning(KNOWN, rate), 0, {}, { isChurnAssumed: true });
    expect(outcome(rule, of(20 * MIB))).toBe('unchecked');
    expect(outcome(rule, of(20 * MIB + 1))).toBe('failed');
  });

  it('judges churn between the limits of small and large writes only where their size is known', () => {
    const rule = limitOf('churn-small-writes');
    const of = (meanWriteBytes: number, isWriteSizeKnown?: boolean) => {
      const vm = churning(KNOWN, 6 * MIB);
      const disks = vm.disks.map((disk) => ({
        ...disk,
        meanWriteBytes,
        traits: isWriteSizeKnown === undefined ? {} : { isWriteSizeKnown },
      }));
      return { ...vm, disks };
    };
    expect(outcome(rule, of(8192))).toBe('unchecked');
    expect(outcome(rule, of(8192, true))).toBe('failed');
    expect(outcome(rule, of(16_383, true))).toBe('failed');
    expect(outcome(rule, of(16_384, true))).toBe('passed');
  });

  it('of a disk that stands for several: neither its size nor their number', () => {
    const whole = vmOf([diskOf('disk0', { isWholeVm: true }, { sizeBytes: 9000 * GIB })], undefined);
    expect(outcome(limitOf('disk-size'), whole)).toBe('unchecked');
    expect(outcome(limitOf('data-disk-count'), whole)).toBe('unchecked');
    expect(outcome(limitOf('site-disk-count'), whole)).toBe('unchecked');
    expect(
      outcome(limitOf('premium-account-size'), { ...whole, disks: [{ ...whole.disks[0]!, sizeBytes: 36 * TIB }] }),
    ).toBe('failed');
  });

  it('of a host of which nothing is known: whether it is a cluster’s node', () => {
    const local = (isClustered?: boolean) => {
      const traits = isClustered === undefined ? {} : { isClustered };
      return vmOf([diskOf('os', undefined, { volume: 'D:' })], traits);
    };
    const rule = limitOf('cluster-storage');
    expect(outcome(rule, local())).toBe('unchecked');
    expect(outcome(rule, local(false))).toBe('passed');
    expect(outcome(rule, local(true))).toBe('failed');
    // Another VM of the host shows what the host is.
    const beside = { ...vmOf([diskOf('os', undefined)], undefined), name: 'other' };
    const { vms } = judge([local(), beside]).compatibility;
    expect(vms[0]!.failed.map(({ rule: id }) => id)).toContain('cluster-storage');
    expect(vms[1]!.unchecked).not.toContain('cluster-storage');
  });
});

describe('three answers', () => {
  it('a span is sure only where all of it is', () => {
    const bound = fc.integer({ min: 0, max: 20 });
    const comparison = fc.constantFrom('at-most', 'less-than', 'at-least', 'equals');
    fc.assert(
      fc.property(bound, bound, bound, comparison, (a, b, limit, how) => {
        const demand = { field: 'vm.cores', comparison: how, limit, unit: 'count' } as const;
        const [least, most] = [Math.min(a, b), Math.max(a, b)];
        const each = Array.from({ length: most - least + 1 }, (_, at) => isMet(demand, exactly(least + at)));
        const naive = each.every((one) => one === each[0]) ? each[0] : 'unknown';
        // What lies in between need not be a whole number, but the ends decide.
        if (naive !== 'unknown' || how !== 'equals') expect(isMet(demand, { least, most })).toBe(naive);
        expect(isMet(demand, undefined)).toBe('unknown');
      }),
    );
  });
});

describe('values', () => {
  it('the worst of the disks is named, and how many break the rule', () => {
    const sizes = [4095, 4097, 5000, 4096];
    const vm = vmOf(
      sizes.map((size, at) => diskOf(`d${at}`, KNOWN_DISK, { sizeBytes: size * GIB })),
      KNOWN_VM,
    );
    const [judged] = judge([vm]).compatibility.vms;
    expect(judged!.failed.find(({ rule }) => rule === 'disk-size')).toMatchObject({
      disk: 'd2',
      diskCount: 3,
      value: 5000,
    });
  });

  it('churn grows with the growth factor, and the busiest day is one of the measured ones', () => {
    const churn = {
      ...({ kind: 'series', repeatMs: 0, endMs: 3 * DAY_MS, startMs: [0, DAY_MS, 2 * DAY_MS] } as const),
      writtenBytes: [10 * GIB, 300 * GIB, 20 * GIB],
    };
    const vm = withDisk(churning(KNOWN, 0), 1, {}, { churn });
    const valueIn = (growthRatio: number) => {
      const [judged] = judge([vm], { growthRatio, horizonMs: 3 * DAY_MS }).compatibility.vms;
      return judged!.failed.find(({ rule }) => rule === 'standard-storage-churn-per-day')!.value;
    };
    expect(valueIn(0)).toBeCloseTo(300, 6);
    expect(valueIn(0.3)).toBeCloseTo(390, 6);
  });
});

describe('a file of the user’s', () => {
  const newer: Limit = { ...limitOf('disk-size'), limit: 32_767, source: 'a newer page', sourceDate: '2026-01-05' };
  const own = (limits: readonly Limit[]) => ({
    file: 'mine.json',
    rules: { schema: 'asr-plan/rules@1', title: 'mine', limits } as const,
  });
  const large = withDisk(KNOWN, 1, {}, { sizeBytes: 5000 * GIB });

  it('overrides a shipped limit by its id, and its source is shown', () => {
    const rules = ruleSetOf([...SHIPPED_RULE_FILES, own([newer])]);
    expect(judge([large]).compatibility.vms[0]!.verdict).toBe('incompatible');
    expect(judge([large], { rules }).compatibility.vms[0]!.verdict).toBe('compatible');
    const larger = withDisk(KNOWN, 1, {}, { sizeBytes: 32_768 * GIB });
    const [judged] = judge([larger], { rules }).compatibility.vms;
    expect(judged!.failed[0]).toMatchObject({ limit: 32_767, source: 'a newer page', sourceDate: '2026-01-05' });
    const inForce = rules.limits.find(({ id }) => id === 'disk-size')!;
    expect(inForce).toMatchObject({ file: 'mine.json', replaced: { limit: 4095, sourceDate: '2020-01-27' } });
    expect(rules.limits).toHaveLength(SHIPPED_RULES.limits.length);
    expect(rules.files.map(({ replacedCount }) => replacedCount)).toEqual([1, 0, 0, 0]);
  });

  it('adds a rule of its own, and switches one off by taking its scenarios away', () => {
    const added: Limit = { ...newer, id: 'ours', field: 'vm.cores', comparison: 'at-most', limit: 1, unit: 'count' };
    const rules = ruleSetOf([...SHIPPED_RULE_FILES, own([added, { ...newer, scenarios: [] }])]);
    const [judged] = judge([large], { rules }).compatibility.vms;
    expect(judged!.failed.filter(({ effect }) => effect === 'incompatible').map(({ rule }) => rule)).toEqual(['ours']);
  });
});

describe('an incompatible VM', () => {
  it('is told how to be left out, whatever its name', () => {
    const name = "it's; rm -rf *";
    const [judged] = judge([{ ...withTraits(KNOWN, { isEncrypted: true }), name }]).compatibility.vms;
    expect(judged!.excludeOption).toBe(String.raw`--exclude 'vm:it'\''s; rm -rf *'`);
    const { exclusions } = parseExclusions([`vm:${name}`]);
    expect(exclusions[0]!.matches(name)).toBe(true);
  });
});
