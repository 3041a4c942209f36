import { describe, expect, it } from 'vitest';
import { ruleSetOf } from '../../src/model/rules.ts';
import { SHIPPED_RULE_FILES, SHIPPED_RULES } from '../../src/plan/shipped-rules.ts';
import { GIB, MIB } from '../../src/units.ts';
import { diskOf, judge, KNOWN_VM, vmOf } from './judged.ts';

const quiet = { kind: 'constant', bytesPerSec: 0 } as const;
const io = (ioPerSec: number) => ({ ioPerSec, writesPerSec: 0 });
const placed = (...vms: Parameters<typeof judge>[0]) => judge(vms).placement!.vms;
const tierOf = (sizeBytes: number, ioPerSec: number, isPremium = true) => {
  const disks = [
    diskOf('a', io(ioPerSec), { sizeBytes, churn: quiet }),
    // It alone makes the VM need premium storage.
    ...(isPremium ? [diskOf('b', io(501), { churn: quiet })] : []),
  ];
  return placed(vmOf(disks, undefined))[0]!.disks[0]!;
};

describe('tiers', () => {
  it.each(SHIPPED_RULES.diskTiers.filter(({ type }) => type === 'premium-ssd').map((tier) => [tier.id, tier] as const))(
    '%s takes a disk of its size and load, and not a byte more',
    (id, tier) => {
      const premium = SHIPPED_RULES.diskTiers.filter(({ type }) => type === 'premium-ssd');
      const next = premium[premium.indexOf(tier) + 1];
      expect(tierOf(tier.sizeGib * GIB, 0)).toMatchObject({ tier: id, tierReason: 'by size' });
      expect(tierOf(tier.sizeGib * GIB + 1, 0).tier).toBe(next?.id ?? null);
      expect(tierOf(tier.sizeGib * GIB, tier.iops).tier).toBe(id);
      const larger = premium.find((other) => other.iops > tier.iops);
      expect(tierOf(tier.sizeGib * GIB, tier.iops + 1).tier).toBe(larger?.id ?? null);
    },
  );

  it('says why a disk has a larger tier than its size asks for', () => {
    expect(tierOf(100 * GIB, 1200)).toMatchObject({ tier: 'P20', tierReason: '1200 IOPS; P10 by size alone' });
    const written = diskOf('a', io(501), { sizeBytes: 64 * GIB, churn: { kind: 'constant', bytesPerSec: 60e6 } });
    expect(placed(vmOf([written], undefined))[0]!.disks[0]).toMatchObject({ tier: 'P15' });
    const burst = diskOf('a', io(120), { sizeBytes: 32 * GIB, churn: { kind: 'constant', bytesPerSec: 60e6 } });
    expect(placed(vmOf([burst], undefined))[0]!.disks[0]).toMatchObject({
      ...{ tier: 'P10', tierReason: 'its write throughput; P4 by size alone' },
    });
  });

  it('says where IOPS are not known, and places nothing that stands for several disks', () => {
    const unknown = placed(vmOf([diskOf('a', undefined, { churn: quiet })], undefined))[0]!.disks[0]!;
    expect(unknown).toMatchObject({ type: 'standard-hdd', tier: 'S6', tierReason: 'by size; IOPS not known' });
    const whole = judge([vmOf([diskOf('a', { isWholeVm: true }, { churn: quiet })], undefined)]).placement!;
    expect(whole.vms[0]!.disks[0]).toMatchObject({ tier: null });
    expect(whole).toMatchObject({ tiers: [], unplacedDiskCount: 1 });
  });

  it('counts add up to the disks', () => {
    const vms = [3, 70, 500, 4000, 40_000].map((size, at) => ({
      ...vmOf([diskOf('a', io(0), { sizeBytes: size * GIB, churn: quiet })], undefined),
      name: `vm${at}`,
    }));
    const { tiers, unplacedDiskCount } = judge(vms).placement!;
    expect(tiers.map(({ tier, diskCount, tierBytes }) => [tier, diskCount, tierBytes / GIB])).toEqual([
      ['S4', 1, 32],
      ['S10', 1, 128],
      ['S20', 1, 512],
      ['S50', 1, 4096],
    ]);
    expect(unplacedDiskCount).toBe(1);
  });
});

describe('storage of the replica', () => {
  it('is premium from the first byte beyond what standard storage takes', () => {
    const of = (bytesPerSec: number) =>
      placed(vmOf([diskOf('a', io(1), { churn: { kind: 'constant', bytesPerSec } })], undefined))[0]!.storage;
    // 168 GiB a day are reached before 2 MiB/s.
    expect(of(Math.floor((168 * GIB) / 86_400))).toBe('standard');
    expect(of(Math.ceil((168 * GIB) / 86_400) + 1)).toBe('premium');
  });

  it('follows a limit of the user’s', () => {
    const limit = { ...SHIPPED_RULES.limits.find(({ id }) => id === 'standard-storage-churn-per-day')!, limit: 1 };
    const mine = { file: 'm', rules: { schema: 'asr-plan/rules@1', title: 'm', limits: [limit] } } as const;
    const vm = vmOf([diskOf('a', io(1), { churn: { kind: 'constant', bytesPerSec: 20_000 } })], undefined);
    const rules = ruleSetOf([...SHIPPED_RULE_FILES, mine]);
    expect(judge([vm]).placement!.vms[0]!.storage).toBe('standard');
    expect(judge([vm], { rules }).placement!.vms[0]!.storage).toBe('premium');
  });
});

describe('sizes of VMs', () => {
  const sized = (traits: object, diskCount = 2) => {
    const disks = Array.from({ length: diskCount }, (_, at) => diskOf(`d${at}`, { ...io(1), isOsDisk: at === 0 }));
    return placed(vmOf(disks, { ...KNOWN_VM, ...traits }))[0]!;
  };

  it.each([
    [{ cores: 2, memoryBytes: 8 * GIB }, 2, 'Standard_D2s_v5'],
    [{ cores: 2, memoryBytes: 8 * GIB + MIB }, 2, 'Standard_E2s_v5'],
    [{ cores: 3, memoryBytes: GIB }, 2, 'Standard_D4s_v5'],
    [{ cores: 2, memoryBytes: GIB, nicCount: 3 }, 2, 'Standard_D8s_v5'],
    [{ cores: 2, memoryBytes: GIB }, 5, 'Standard_D2s_v5'],
    [{ cores: 2, memoryBytes: GIB }, 6, 'Standard_D4s_v5'],
    [{ cores: 2, memoryBytes: GIB, ioPerSec: 3751 }, 2, 'Standard_D4s_v5'],
    [{ cores: 97, memoryBytes: GIB }, 2, 'Standard_E104is_v5'],
    [{ cores: 105, memoryBytes: GIB }, 2, null],
  ])('%j with %i disks: %s', (traits, diskCount, size) => {
    expect(sized(traits, diskCount).azureVmSize).toBe(size);
  });

  it('say what is not known: nothing without processors and memory, a reason without the rest', () => {
    const disks = [diskOf('a', undefined)];
    expect(placed(vmOf(disks, { cores: 2 }))[0]).toMatchObject({
      ...{ azureVmSize: null, azureVmSizeReason: 'not known: memory (Get-VM, or columns cores and memory)' },
    });
    expect(placed(vmOf(disks, { cores: 2, memoryBytes: GIB }))[0]).toMatchObject({
      azureVmSize: 'Standard_D2s_v5',
      azureVmSizeReason: 'the smallest with 2 processors and 1 GiB; not known: network adapters, IOPS',
    });
  });
});

it('between sites nothing is placed', () => {
  expect(judge([vmOf([diskOf('a', undefined)], undefined)], { scenario: 'vmm-to-vmm' }).placement).toBeNull();
});
