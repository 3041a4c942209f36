import { DEFAULT_TERMS, type Meter, type PriceInput } from '../../src/model/prices.ts';
import type { ScenarioId } from '../../src/model/scenario.ts';
import { type Cost, costOf } from '../../src/plan/cost.ts';
import type { PlanVm } from '../../src/plan/plan.ts';
import { SHIPPED_RULES } from '../../src/plan/shipped-rules.ts';
import { buildDisk, buildRun } from '../laws/build-run.ts';

/** Prices of our own making. P20 disks have none; two meters fit the data that leaves Azure. */
export function samplePrices(): PriceInput {
  const meter = (item: string, price: number, perCount = 1): Meter => ({
    ...{ item, file: 'prices <b>.json', name: item, product: '=cmd|calc', date: '2026-01-05', perCount },
    tiers: [{ fromUnits: 0, price }],
  });
  return {
    terms: { ...DEFAULT_TERMS, diskType: 'premium-ssd', vmSizes: [{ vm: 'sql*', size: 'Standard_E4s_v5' }] },
    book: {
      currency: 'EUR',
      region: 'westeurope',
      files: [
        ...[
          { file: 'prices <b>.json', kind: 'own', date: '2026-01-05', source: 'fictional', rowCount: 6, usedCount: 6 },
        ],
        ...[{ file: 'page1.json', kind: 'retail', date: null, source: null, rowCount: 1000, usedCount: 2 }],
      ] as const,
      meters: [
        meter('licence/azure', 20),
        meter('licence/site', 10),
        meter('page-blob/gpv2/LRS/gb', 0.05),
        meter('disk/P15/LRS', 40),
        meter('disk/P30/LRS', 150),
        meter('compute/Standard_E4s_v5/linux', 0.3),
        { ...meter('egress/gb', 0.1), name: 'Standard Data Transfer Out' },
        { ...meter('egress/gb', 0.08), name: 'Standard Data Transfer Out', product: 'Bandwidth' },
      ],
    },
  };
}

/** What sample VMs cost, each with two disks of half its size. */
export function sampleCost(
  vms: readonly PlanVm[],
  horizonMs: number,
  scenario: ScenarioId = 'hyperv-to-azure',
  prices: PriceInput = samplePrices(),
): Cost {
  const run = buildRun({
    policy: { scenario },
    vms: vms.map(({ name, host, provisionedBytes, usedBytes }) => ({
      ...{ name, host },
      disks: ['os', 'data'].map((disk) =>
        buildDisk({ name: disk, sizeBytes: provisionedBytes / 2, usedBytes: usedBytes / 2 }),
      ),
    })),
    options: { horizonMs, growthRatio: 0.3, skipInitialReplication: false },
  });
  const cost = costOf({ run, result: { vms, horizonMs }, placement: null, diskTiers: SHIPPED_RULES.diskTiers }, prices);
  const beforeGrowth = {
    growthRatio: 0.3,
    monthlyMicros: cost.totals.monthly.amountMicros,
    onceMicros: cost.totals.once.amountMicros,
    disasterMicros: cost.totals.disaster.amountMicros,
  };
  return { ...cost, beforeGrowth };
}
