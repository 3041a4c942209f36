import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type CostTerms, DEFAULT_TERMS, type Meter, type PriceInput } from '../../src/model/prices.ts';
import type { Run } from '../../src/model/run.ts';
import { COST_TIMES, type Cost, type CostLine, costOf, money } from '../../src/plan/cost.ts';
import type { CostBasis } from '../../src/plan/cost-quantities.ts';
import { makePlan, previewPlan } from '../../src/plan/make-plan.ts';
import { amountMicros, shareOut } from '../../src/plan/price-lookup.ts';
import { SHIPPED_RULES } from '../../src/plan/shipped-rules.ts';
import { simulate } from '../../src/simulate/simulate.ts';
import { DAY_MS, GIB, MIB } from '../../src/units.ts';
import { buildDisk, buildRun, buildVm } from '../laws/build-run.ts';

function meter(item: string, price: number | readonly (readonly [number, number])[], perCount = 1): Meter {
  const ladder = typeof price === 'number' ? [[0, price] as const] : price;
  const tiers = ladder.map(([fromUnits, own]) => ({ fromUnits, price: own }));
  return { item, file: 'prices.json', name: item, product: '', date: '2026-01-05', perCount, tiers };
}

function priced(meters: readonly Meter[], terms: Partial<CostTerms> = {}): PriceInput {
  const files = [
    { file: 'prices.json', kind: 'own', date: '2026-01-05', source: null, rowCount: 1, usedCount: 1 } as const,
  ];
  return {
    book: { currency: 'EUR', region: null, files, meters },
    terms: { ...DEFAULT_TERMS, diskType: 'premium-ssd', ...terms },
  };
}

const UNPRICED: PriceInput = { book: null, terms: { ...DEFAULT_TERMS, diskType: 'premium-ssd' } };

/** Without a placement: tiers by size, of the type that the terms name. */
function basisOf(run: Run, result: CostBasis['result']): CostBasis {
  return { run, result, placement: null, diskTiers: SHIPPED_RULES.diskTiers };
}

function costOfRun(run: Run, prices: PriceInput): Cost {
  return costOf(basisOf(run, simulate(run)), prices);
}

function lineOf(cost: Cost, id: string): CostLine {
  const found = cost.lines.find((line) => line.id === id);
  if (found === undefined) throw new Error(`${id} is not among ${cost.lines.map((line) => line.id).join(' ')}`);
  return found;
}

/** Two VMs over a day: one disk of 100 GiB with 10 GiB used each, 100 kB/s, a cut every 5 minutes, 10 Mbit/s. */
const TWO = buildRun({ vms: ['VM1', 'VM2'].map((name) => buildVm({ name })) });
/** L(30 MB) by the HRL size law, for each of a day's 288 intervals, though the cut at the horizon is not sent any more. */
const DELTA_BYTES = 288 * (30_000_000 + 8192 + 4096 * 29);
const MONTHS_PER_DAY = 365 / 12;

describe('quantities and amounts by hand', () => {
  test('licence: instances × price, and the first 31 days as a credit of 31 ÷ (365 ÷ 12) months', () => {
    const run = buildRun({ vms: TWO.workload.vms, options: { skipInitialReplication: false } });
    const cost = costOfRun(run, priced([meter('licence/azure', 20)]));
    expect(lineOf(cost, 'licence')).toMatchObject({
      quantity: 2,
      amountMicros: 40_000_000,
      when: 'monthly',
      missing: null,
    });
    // 2 × 31 × 12 ÷ 365 × 20 = 40.767123…
    expect(lineOf(cost, 'licence-free-days').quantity).toBeCloseTo(-2.0383561643, 9);
    expect(lineOf(cost, 'licence-free-days').amountMicros).toBe(-40_767_123);
    expect(cost.totals.once.amountMicros).toBe(-40_767_123);
    expect(cost.firstYearMicros).toBe(12 * 40_000_000 - 40_767_123);
  });

  test('a fleet that is protected already has no free days and no first copy', () => {
    const cost = costOfRun(TWO, priced([meter('licence/azure', 20)]));
    expect(cost.lines.filter(({ when }) => when === 'once')).toEqual([]);
    expect(cost.firstYearMicros).toBe(480_000_000);
  });

  test('replicas in a storage account: used bytes in GB of 2^30', () => {
    const cost = costOfRun(TWO, priced([meter('page-blob/gpv2/LRS/gb', 0.05)]));
    expect(lineOf(cost, 'replica')).toMatchObject({ quantity: 20, unit: 'GB-months', amountMicros: 1_000_000 });
    expect(lineOf(cost, 'replica').filled).toBe('21,474,836,480 B ÷ 2^30 = 20 GB-months; 20 × 0.05 EUR = 1.00 EUR');
  });

  test('deltas: what is written, at what the run sent for it; operations of a known size, rounded up for each VM', () => {
    const gb = (2 * DELTA_BYTES * MONTHS_PER_DAY) / GIB;
    const cost = costOfRun(TWO, priced([meter('page-blob/gpv2/LRS/writes', 0.5, 10_000)], { operationBytes: MIB }));
    expect(lineOf(cost, 'transfer-in').quantity).toBeCloseTo(gb, 6);
    const each = Math.ceil((DELTA_BYTES * MONTHS_PER_DAY) / MIB);
    expect(lineOf(cost, 'writes')).toMatchObject({ quantity: 2 * each, unit: 'operations' });
    expect(lineOf(cost, 'writes').amountMicros).toBe(Math.round(((2 * each) / 10_000) * 0.5 * 1e6));
    expect(cost.vms.map(({ wireBytesPerMonth }) => wireBytesPerMonth)).toEqual(
      [0, 1].map(() => Math.round(DELTA_BYTES * MONTHS_PER_DAY)),
    );
  });

  test('the link’s protocol does not arrive: operations are the same however much of it there is', () => {
    const vms = TWO.workload.vms;
    const [whole, part] = [1, 0.8].map((efficiencyRatio) => {
      const link = { efficiencyRatio, capacityBitsPerSec: 10e6 / efficiencyRatio };
      return costOfRun(buildRun({ vms, link }), { ...UNPRICED, terms: { ...DEFAULT_TERMS, operationBytes: MIB } });
    });
    expect(lineOf(part!, 'writes').quantity).toBe(lineOf(whole!, 'writes').quantity);
    expect(lineOf(part!, 'transfer-in').quantity! * 0.8).toBeCloseTo(lineOf(whole!, 'transfer-in').quantity!, 6);
  });

  test('operations of an unknown size have no quantity, whatever their price', () => {
    const cost = costOfRun(TWO, priced([meter('page-blob/gpv2/LRS/writes', 0.5, 10_000)]));
    expect(lineOf(cost, 'writes')).toMatchObject({ quantity: null, amountMicros: null });
    expect(lineOf(cost, 'writes').missing).toMatch(/not documented/);
    expect(cost.totals.monthly.missing).toContain('writes');
  });

  test('the recovery points of the run, at the price of the example in the FAQ: 12 points of 10 GB at 0.16 are 19.20', () => {
    expect(amountMicros(12 * 10, meter('snapshots/LRS/gb', 0.16), 0)).toBe(19_200_000);
    const result = simulate(TWO);
    const vms = result.vms.map((vm) => ({ ...vm, recoveryPoints: { kept: [], storagePeakBytes: 60 * GIB } }));
    const cost = costOf(basisOf(TWO, { ...result, vms }), priced([meter('page-blob/gpv2/LRS/gb', 0.16)]));
    expect(lineOf(cost, 'recovery-points')).toMatchObject({ quantity: 120, amountMicros: 19_200_000 });
  });

  test('drills by the planner’s rule: number × length a year, ÷ 12 a month; VMs by the hour, disks by the month', () => {
    const prices = [meter('compute/Standard_D2s_v5/linux', 0.1), meter('disk/P10/LRS', 20)];
    const cost = costOfRun(TWO, priced(prices, { vmSizes: [{ vm: 'vm*', size: 'Standard_D2s_v5' }] }));
    // 4 × 7 × 24 ÷ 12 = 56 h for each of two VMs.
    expect(lineOf(cost, 'drill-compute/Standard_D2s_v5')).toMatchObject({ quantity: 112, amountMicros: 11_200_000 });
    // 28 ÷ 365 of each month for each of two disks, at 20: 3.068493…
    expect(lineOf(cost, 'drill-disk/P10').amountMicros).toBe(3_068_493);
    expect(cost.vms[0]).toMatchObject({ size: 'Standard_D2s_v5', disks: '1 × P10' });
  });

  test('a disaster: VMs and disks for as long as it lasts, and all used bytes back in tiers', () => {
    const prices = [
      meter('compute/Standard_D2s_v5/windows', 0.2),
      meter('disk/E10/LRS', 12),
      meter('egress/gb', [
        [0, 0],
        [5, 0.1],
        [15, 0.08],
      ]),
    ];
    const terms = {
      vmSizes: [{ vm: '*', size: 'Standard_D2s_v5' }],
      osLicence: 'windows',
      diskType: 'standard-ssd',
      failoverMs: 73 * DAY_MS,
    } as const;
    const cost = costOfRun(TWO, priced(prices, terms));
    expect(lineOf(cost, 'failover-compute/Standard_D2s_v5')).toMatchObject({
      quantity: 2 * 73 * 24,
      amountMicros: 700_800_000,
    });
    // 73 days are 2.4 months of 365 ÷ 12 days.
    expect(lineOf(cost, 'failover-disk/E10').amountMicros).toBe(57_600_000);
    // 20 GB: 5 free, 10 at 0.1, 5 at 0.08.
    expect(lineOf(cost, 'failback')).toMatchObject({ quantity: 20, amountMicros: 1_400_000 });
    expect(lineOf(cost, 'failback').price).toMatchObject({ unitPrice: null, file: 'prices.json', date: '2026-01-05' });
    expect(lineOf(cost, 'drill-disk/E10').note).toMatch(/transactions/);
  });

  test('replicas on managed disks: a disk for each, by tier; snapshots; logs in an account of their own', () => {
    const vms = [
      buildVm({
        disks: [
          buildDisk(),
          buildDisk({ name: 'b', sizeBytes: 129 * GIB }),
          buildDisk({ name: 'c', sizeBytes: 64 * 1024 * GIB }),
        ],
      }),
    ];
    const prices = [
      meter('disk/P10/LRS', 20),
      meter('disk/P15/LRS', 40),
      meter('log-storage/gb', 0.02),
      meter('snapshots/LRS/gb', 0.05),
    ];
    const cost = costOfRun(buildRun({ vms }), priced(prices, { replica: 'managed disks', logRetentionMs: DAY_MS }));
    expect(lineOf(cost, 'replica/P10')).toMatchObject({ quantity: 1, amountMicros: 20_000_000 });
    expect(lineOf(cost, 'replica/P15')).toMatchObject({ quantity: 1, amountMicros: 40_000_000 });
    expect(lineOf(cost, 'replica/?')).toMatchObject({ quantity: 1, item: null, amountMicros: null });
    expect(cost.lines.some(({ id }) => id.startsWith('writes'))).toBe(false);
    const perMonth = lineOf(cost, 'transfer-in').quantity!;
    expect(lineOf(cost, 'log-storage').quantity).toBeCloseTo(perMonth / MONTHS_PER_DAY, 9);
    expect(lineOf(cost, 'recovery-points').item).toBe('snapshots/LRS/gb');
    const unknown = costOfRun(buildRun({ vms }), priced(prices, { replica: 'managed disks' }));
    expect(lineOf(unknown, 'log-storage')).toMatchObject({ quantity: null, amountMicros: null });
  });

  test('a discount is taken off every price', () => {
    const prices = [meter('licence/azure', 20), meter('connection', 100)];
    const cost = costOfRun(TWO, priced(prices, { discountRatio: 0.1 }));
    expect(lineOf(cost, 'licence').amountMicros).toBe(36_000_000);
    expect(lineOf(cost, 'licence').filled).toBe('2 instances = 2 instance-months; 2 × 20 EUR × (1 − 0.1) = 36.00 EUR');
    expect(cost.totals.monthly.amountMicros).toBe(126_000_000);
  });

  test('what piled up during initial replication is no monthly rate: a month is the same with it and without', () => {
    const vms = [buildVm({ disks: [buildDisk({ usedBytes: 60 * GIB })] })];
    const [through, seeding] = [true, false].map((skipInitialReplication) => {
      const run = buildRun({ vms, options: { skipInitialReplication } });
      const result = simulate(run);
      return { cost: costOf(basisOf(run, result), UNPRICED), vm: result.vms[0]! };
    });
    // Over half of the day goes by before the first delta.
    expect(seeding!.vm.firstDeltaAtMs!).toBeGreaterThan(DAY_MS / 2);
    expect(seeding!.cost.vms[0]!.wireBytesPerMonth / through!.cost.vms[0]!.wireBytesPerMonth).toBeCloseTo(1, 2);
    expect(lineOf(seeding!.cost, 'transfer-in-initial').quantity).toBeCloseTo(60, 6);
  });

  test('a VM that gets nothing through: mean churn × growth × compression ÷ efficiency', () => {
    const run = buildRun({
      vms: [buildVm({ disks: [buildDisk({ usedBytes: 90 * GIB })] })],
      policy: { compressionRatio: 0.5 },
      link: { capacityBitsPerSec: 1000, efficiencyRatio: 0.8 },
      options: { skipInitialReplication: false, growthRatio: 0.3 },
    });
    const cost = costOfRun(run, UNPRICED);
    expect(cost.vms[0]!.wireBytesPerMonth).toBe(Math.round((100_000 * 1.3 * 86_400 * MONTHS_PER_DAY * 0.5) / 0.8));
    expect(lineOf(cost, 'transfer-in-initial').quantity).toBeCloseTo((90 * 0.5) / 0.8, 9);
    expect(lineOf(cost, 'transfer-in').note).toMatch(/1 of 1 VMs got no or few deltas through/);
  });

  test('to a second site: no meters of Azure, the licence of System Center', () => {
    const run = { ...TWO, policy: { ...TWO.policy, scenario: 'vmm-to-vmm' as const } };
    const cost = costOfRun(
      run,
      priced([meter('licence/site', 10), meter('line/gb', 0.01), meter('site-storage/gb', 0.1)]),
    );
    expect(cost.lines.map(({ id }) => id)).toEqual([
      'licence',
      'site-replicas',
      'site-points',
      'connection',
      'line-monthly',
    ]);
    expect(lineOf(cost, 'licence').amountMicros).toBe(20_000_000);
    expect(lineOf(cost, 'site-replicas').amountMicros).toBe(2_000_000);
    expect(lineOf(cost, 'line-monthly').quantity).toBeCloseTo((2 * DELTA_BYTES * MONTHS_PER_DAY) / GIB, 6);
    expect(cost.totals.disaster).toEqual({ amountMicros: null, missing: [] });
  });
});

describe('what is not known', () => {
  test('without prices the same lines with the same quantities, and no money', () => {
    const without = costOfRun(TWO, UNPRICED);
    const withPrices = costOfRun(TWO, priced([meter('licence/azure', 20)]));
    const bare = ({ lines }: Cost) =>
      lines.map(({ id, quantity, unit, title, when }) => ({ id, quantity, unit, title, when }));
    expect(bare(without)).toEqual(bare(withPrices));
    expect(without.currency).toBeNull();
    expect(without.firstYearMicros).toBeNull();
    for (const line of without.lines) expect([line.amountMicros, line.price]).toEqual([null, null]);
    for (const vm of without.vms)
      expect([vm.monthlyMicros, vm.onceMicros, vm.disasterMicros]).toEqual([null, null, null]);
  });

  test('a missing price is named by the total, and a price of 0 is a price', () => {
    const cost = costOfRun(TWO, priced([meter('licence/azure', 20), meter('connection', 0)]));
    expect(cost.totals.monthly.amountMicros).toBe(40_000_000);
    expect(lineOf(cost, 'connection')).toMatchObject({ amountMicros: 0, missing: null });
    expect(lineOf(cost, 'replica')).toMatchObject({
      amountMicros: null,
      missing: 'no price for page-blob/gpv2/LRS/gb in the files that were given',
    });
    expect(cost.totals.monthly.missing).toEqual(['replica', 'writes', 'drill-compute/?', 'drill-disk/P10']);
    expect(cost.totals.disaster).toEqual({
      amountMicros: null,
      missing: ['failover-compute/?', 'failover-disk/P10', 'failback'],
    });
    expect(cost.vms[0]!.missingCount).toBe(7);
  });

  test('several prices that fit are none: they are named', () => {
    const cost = costOfRun(
      TWO,
      priced([meter('licence/azure', 20), { ...meter('licence/azure', 25), product: 'Other' }]),
    );
    expect(lineOf(cost, 'licence')).toMatchObject({ amountMicros: null, price: null });
    expect(lineOf(cost, 'licence').missing).toMatch(
      /^2 prices fit licence\/azure: licence\/azure, 20 for 1, since 2026-01-05, prices\.json; Other/,
    );
    expect(cost.totals.monthly.missing).toContain('licence');
  });

  test('a meter whose first tier was not saved prices nothing', () => {
    expect(amountMicros(200, meter('egress/gb', [[100, 0.1]]), 0)).toBeUndefined();
    const cost = costOfRun(TWO, priced([meter('egress/gb', [[100, 0.1]])]));
    expect(lineOf(cost, 'failback')).toMatchObject({
      amountMicros: null,
      missing: 'the price of the first 100 is missing',
    });
  });

  test('an amount beyond what a number holds is no amount', () => {
    expect(amountMicros(1e9, meter('connection', 1e9), 0)).toBeUndefined();
  });
});

/** The tier that a disk of this size is billed by. */
function tierOf(sizeBytes: number, diskType: CostTerms['diskType']): string | null {
  const run = buildRun({ vms: [buildVm({ disks: [buildDisk({ sizeBytes, usedBytes: 0 })] })] });
  const [vm] = costOf(basisOf(run, simulate(run)), { ...UNPRICED, terms: { ...DEFAULT_TERMS, diskType } }).vms;
  const tier = vm!.disks.replace(/^1 × /, '');
  return tier === 'no tier' ? null : tier;
}

describe('laws', () => {
  test.each([
    [GIB, 'P1'],
    [4 * GIB, 'P1'],
    [4 * GIB + 1, 'P2'],
    [32 * GIB, 'P4'],
    [127 * GIB, 'P10'],
    [128 * GIB, 'P10'],
    [128 * GIB + 1, 'P15'],
    [1024 * GIB, 'P30'],
    [32_767 * GIB, 'P80'],
    [32_768 * GIB, null],
  ])('a disk of %d bytes is billed as %s', (bytes, tier) => {
    expect(tierOf(bytes, 'premium-ssd')).toBe(tier);
  });

  test('standard disks: E by the same sizes, S from 32 GiB on', () => {
    expect([tierOf(GIB, 'standard-ssd'), tierOf(GIB, 'standard-hdd')]).toEqual(['E1', 'S4']);
    expect(tierOf(33 * GIB, 'standard-hdd')).toBe('S6');
  });

  test('tiers, against a twin that pays unit by unit', () => {
    const ladder = fc
      .uniqueArray(fc.integer({ min: 1, max: 60 }), { maxLength: 3 })
      .chain((starts) =>
        fc
          .array(fc.integer({ min: 0, max: 50 }), { minLength: starts.length + 1, maxLength: starts.length + 1 })
          .map((prices) =>
            [0, ...starts.toSorted((a, b) => a - b)].map((from, index) => [from, prices[index]!] as const),
          ),
      );
    fc.assert(
      fc.property(ladder, fc.integer({ min: -80, max: 80 }), (tiers, quantity) => {
        let sum = 0;
        for (let unit = 0; unit < Math.abs(quantity); unit++) sum += tiers.findLast(([from]) => from <= unit)![1];
        expect(amountMicros(quantity, meter('egress/gb', tiers), 0)).toBe(
          sum === 0 ? 0 : Math.sign(quantity) * sum * 1e6,
        );
      }),
    );
  });

  test('parts add up to the amount exactly, each within one millionth of its share', () => {
    const weights = fc.array(fc.oneof(fc.constant(0), fc.double({ min: 0, max: 1e9, noNaN: true })), {
      minLength: 1,
      maxLength: 40,
    });
    fc.assert(
      fc.property(weights, fc.integer({ min: -1e12, max: 1e12 }), (own, amount) => {
        const parts = shareOut(amount, own);
        expect(parts.reduce((sum, part) => sum + part, 0)).toBe(amount);
        const total = own.reduce((sum, weight) => sum + weight, 0);
        for (const [index, part] of parts.entries()) {
          const share = total === 0 ? 1 / own.length : own[index]! / total;
          expect(Math.abs(part - amount * share)).toBeLessThanOrEqual(1.01);
        }
      }),
    );
  });

  const anyMeters = fc
    .array(
      fc.record({
        item: fc.constantFrom(
          'licence/azure',
          'page-blob/gpv2/LRS/gb',
          'page-blob/gpv2/LRS/writes',
          'connection',
          'egress/gb',
          'disk/P10/LRS',
          'disk/P15/LRS',
          'compute/A/linux',
        ),
        price: fc.double({ min: 0, max: 1000, noNaN: true }),
        perCount: fc.constantFrom(1, 100, 10_000),
      }),
      { maxLength: 10 },
    )
    .map((rows) => rows.map(({ item, price, perCount }) => meter(item, price, perCount)));
  const anyVms = fc.array(
    fc.record({ sizeGib: fc.integer({ min: 1, max: 200 }), used: fc.double({ min: 0, max: 1, noNaN: true }) }),
    { minLength: 1, maxLength: 12 },
  );

  test('lines = totals = the sum over VMs; by the prices that were used the cost is the same', () => {
    fc.assert(
      fc.property(anyMeters, anyVms, fc.boolean(), (meters, disks, isSized) => {
        const vms = disks.map(({ sizeGib, used }, index) =>
          buildVm({
            name: `VM${index}`,
            disks: [buildDisk({ sizeBytes: sizeGib * GIB, usedBytes: Math.floor(sizeGib * GIB * used) })],
          }),
        );
        const run = buildRun({ vms, options: { horizonMs: DAY_MS / 8, skipInitialReplication: false } });
        const cost = costOfRun(
          run,
          priced(meters, { operationBytes: MIB, vmSizes: isSized ? [{ vm: 'VM1*', size: 'A' }] : [] }),
        );
        for (const when of COST_TIMES) {
          const own = cost.lines.filter((line) => line.when === when);
          const amounts = own.flatMap(({ amountMicros: amount }) => amount ?? []);
          const { amountMicros: total, missing } = cost.totals[when];
          expect(total).toBe(amounts.length === 0 ? null : amounts.reduce((sum, amount) => sum + amount, 0));
          const key = `${when}Micros` as const;
          if (total !== null) expect(cost.vms.reduce((sum, vm) => sum + vm[key]!, 0)).toBe(total);
          else expect(cost.vms.every((vm) => vm[key] === null)).toBe(true);
          expect(missing).toEqual(
            own
              .filter(({ isBilled, amountMicros: amount, quantity }) => isBilled && amount === null && quantity !== 0)
              .map(({ id }) => id),
          );
        }
        expect(costOfRun(run, cost)).toEqual(cost);
      }),
      { numRuns: 40 },
    );
  });
});

describe('by the placement', () => {
  const request = (run: Run, terms: Partial<CostTerms> = {}) => ({
    ...{ run, bandwidthGiven: true, givenOptions: new Set<string>(), assumptions: [], problems: [], version: '1' },
    prices: priced([], { diskType: 'as placed', ...terms }),
  });
  const traits = { cores: 4, memoryBytes: 16 * GIB };
  const vms = [
    buildVm({ name: 'busy', traits, disks: [buildDisk({ churn: { kind: 'constant', bytesPerSec: 4e6 } })] }),
    buildVm({ name: 'calm', disks: [buildDisk({ churn: { kind: 'constant', bytesPerSec: 1000 } })] }),
  ];
  const run = buildRun({ vms, link: { capacityBitsPerSec: 1e9 } });

  test('disks are billed in the tiers, and VMs in the sizes, that the placement proposes', () => {
    const plan = makePlan(request(run));
    const placed = plan.placement!.vms;
    expect(placed.map(({ storage }) => storage)).toEqual(['premium', 'standard']);
    expect(plan.cost.vms.map(({ disks }) => disks)).toEqual(placed.map(({ disks }) => `1 × ${disks[0]!.tier}`));
    expect(plan.cost.vms.map(({ size }) => size)).toEqual([placed[0]!.azureVmSize, null]);
    expect(placed[0]!.azureVmSize).toBe('Standard_D4s_v5');
    expect(plan.cost.lines.map(({ item }) => item)).toContain('compute/Standard_D4s_v5/linux');
  });

  test('terms go before the placement', () => {
    const { cost } = makePlan(request(run, { diskType: 'standard-ssd', vmSizes: [{ vm: 'BUSY', size: 'Own' }] }));
    expect(cost.vms.map(({ disks, size }) => [disks, size])).toEqual([
      ['1 × E10', 'Own'],
      ['1 × E10', null],
    ]);
  });

  test('of replicas on managed disks, only those on premium storage have logs in a further account', () => {
    const { cost } = makePlan(request(run, { replica: 'managed disks', logRetentionMs: DAY_MS }));
    const busy = cost.vms[0]!.wireBytesPerMonth;
    expect(lineOf(cost, 'log-storage').quantity).toBeCloseTo((busy * 12) / 365 / GIB, 6);
  });
});

describe('in the plan', () => {
  const request = (run: Run, prices?: PriceInput) => ({
    ...{ run, bandwidthGiven: true, givenOptions: new Set<string>(), assumptions: [], problems: [], version: '1' },
    ...(prices === undefined ? {} : { prices }),
  });

  test('before the growth: by a run without it; a preview keeps that, and the prices', () => {
    const grown = buildRun({ vms: TWO.workload.vms, options: { growthRatio: 0.5 } });
    const prices = priced(
      [meter('licence/azure', 20), meter('licence/site', 10), meter('page-blob/gpv2/LRS/writes', 1, 1000)],
      {
        operationBytes: MIB,
      },
    );
    const plan = makePlan(request(grown, prices));
    const before = makePlan(request({ ...grown, options: { ...grown.options, growthRatio: 0 } }, prices));
    expect(before.cost.beforeGrowth).toBeNull();
    expect(plan.cost.beforeGrowth).toEqual({
      growthRatio: 0.5,
      monthlyMicros: before.cost.totals.monthly.amountMicros,
      onceMicros: null,
      disasterMicros: null,
    });
    expect(plan.cost.totals.monthly.amountMicros!).toBeGreaterThan(before.cost.totals.monthly.amountMicros!);
    expect(previewPlan(request(grown), plan).cost).toEqual(plan.cost);
    const between = { ...grown, policy: { ...grown.policy, scenario: 'vmm-to-vmm' as const } };
    expect(lineOf(previewPlan(request(between), plan).cost, 'licence').amountMicros).toBe(20_000_000);
  });

  test('money is written with two places, small amounts with four', () => {
    expect([1_234_567_890_000, -40_767_123, 1234, 0].map(money)).toEqual(['1,234,567.89', '-40.77', '0.0012', '0.00']);
  });
});
