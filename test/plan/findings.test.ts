import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SiteEvent } from '../../src/model/event.ts';
import { type CostTerms, DEFAULT_TERMS, type PriceInput } from '../../src/model/prices.ts';
import type { Run } from '../../src/model/run.ts';
import { withBandwidth } from '../../src/model/run.ts';
import type { Disk, Vm } from '../../src/model/workload.ts';
import { FINDING_RULES } from '../../src/plan/findings/registry.ts';
import { makePlan } from '../../src/plan/make-plan.ts';
import type { Finding, Plan } from '../../src/plan/plan.ts';
import { DAY_MS, GIB, HOUR_MS, MIB, MINUTE_MS } from '../../src/units.ts';
import { anySiteRun } from '../laws/any-site.ts';
import { buildDisk, buildRun, buildVm } from '../laws/build-run.ts';
import { KNOWN_DISK, KNOWN_VM } from './judged.ts';

function planOf(run: Run, bandwidthGiven = true, prices?: PriceInput): Plan {
  return makePlan({
    ...{ run, bandwidthGiven, givenOptions: new Set<string>(), assumptions: [], problems: [], version: '0' },
    ...(prices === undefined ? {} : { prices }),
  });
}

function disk(own: Partial<Disk> = {}): Disk {
  return buildDisk({
    ...{ name: 'data', volume: 'V1', sizeBytes: 100 * GIB, usedBytes: 2 * GIB },
    churn: { kind: 'constant', bytesPerSec: 50_000 },
    ...own,
  });
}

function fleet(count: number, own: (index: number) => Partial<Vm> = () => ({})): Vm[] {
  return Array.from({ length: count }, (_, index) =>
    buildVm({ name: `vm${index}`, host: `h${index % 4}`, disks: [disk()], ...own(index) }),
  );
}

/** A calm fleet on a wide link, seven days, nothing unknown. */
function calm(change: (run: Run) => Run = (run) => run, vms: Vm[] = fleet(12)): Run {
  const run = buildRun({ vms });
  return change({
    ...run,
    site: {
      ...run.site,
      volumes: [{ name: 'V1', capacityBytes: 4000 * GIB, freeBytes: 3000 * GIB }],
      link: { ...run.site.link, capacityBitsPerSec: 1e9, outages: [] },
    },
    policy: { ...run.policy, copyFrequencyMs: 5 * MINUTE_MS },
    options: {
      ...run.options,
      horizonMs: 2 * DAY_MS,
      rpoTargetMs: 15 * MINUTE_MS,
      growthRatio: 0,
      skipInitialReplication: false,
    },
  });
}

function withVm(index: number, own: Partial<Disk>): Vm[] {
  return fleet(12, (at) => (at === index ? { disks: [disk(own)] } : {}));
}

const outage =
  (startMs: number, lengthMs: number) =>
  (run: Run): Run => ({
    ...run,
    site: { ...run.site, link: { ...run.site.link, outages: [{ startMs, endMs: startMs + lengthMs }] } },
  });
const event =
  (own: SiteEvent) =>
  (run: Run): Run => ({ ...run, events: [...run.events, own] });
const recoveryPlan =
  (vms: readonly string[], minutes = 0) =>
  (run: Run): Run => ({
    ...run,
    site: {
      ...run.site,
      recoveryPlans: [
        {
          name: 'shop',
          groups: [
            { name: 'g', vms, before: [], after: [{ title: 'check', kind: 'manual', takesMs: minutes * MINUTE_MS }] },
          ],
        },
      ],
    },
  });
const throttled =
  (bitsPerSec: number) =>
  (run: Run): Run => ({
    ...run,
    site: {
      ...run.site,
      link: {
        ...run.site.link,
        throttle: {
          windows: [
            { days: [0, 1, 2, 3, 4, 5, 6], startMinute: 480, endMinute: 1080, value: { kind: 'rate', bitsPerSec } },
          ],
          otherwise: { kind: 'none' },
        },
      },
    },
  });
const slots =
  (count: number) =>
  (run: Run): Run => ({ ...run, policy: { ...run.policy, maxActiveTransfers: count } });
const slow =
  (bitsPerSec: number) =>
  (run: Run): Run =>
    withBandwidth(run, bitsPerSec);
const burst = (times: number): Disk['churn'] => ({
  kind: 'series',
  startMs: [0, 12 * HOUR_MS, 13 * HOUR_MS],
  writtenBytes: [2 * GIB, 2 * GIB * times, 2 * GIB],
  endMs: 24 * HOUR_MS,
  repeatMs: 24 * HOUR_MS,
});
const BUSY: Partial<Disk> = { churn: { kind: 'constant', bytesPerSec: 2e6 } };
/** Of 4,000 GiB, of which 200 are the reserve. */
const freeOnV1 =
  (freeBytes: number) =>
  (run: Run): Run => ({
    ...run,
    site: { ...run.site, volumes: [{ name: 'V1', capacityBytes: 4000 * GIB, freeBytes }] },
  });
const ALL = fleet(12).map(({ name }) => name);
const WEEK = { coverage: { hoursOfWeek: 168, measuredRatio: 1 } };

/** With a value for whatever a limit asks. */
function known(run: Run): Run {
  const vms = run.workload.vms.map((vm) => ({
    ...vm,
    traits: { ...KNOWN_VM, isClustered: false },
    disks: vm.disks.map((one) => ({ ...one, traits: { ...KNOWN_DISK, isOsDisk: true } })),
  }));
  return { ...run, workload: { ...run.workload, vms } };
}

/** For each rule a run in which it is fine, and one in which it is not; `undefined` where it says nothing. */
const CASES: Readonly<Record<string, { readonly fine: Run; readonly wrong: Run }>> = {
  'rpo-breach': { fine: calm(), wrong: calm(outage(20 * HOUR_MS, 3 * HOUR_MS)) },
  'bandwidth-shortfall': { fine: calm(), wrong: calm(slow(6e6)) },
  'overwhelming-vm': {
    fine: calm(),
    wrong: calm(slow(3e6), withVm(3, { churn: { kind: 'constant', bytesPerSec: 900_000 } })),
  },
  'initial-replication': { fine: calm(), wrong: calm(slow(500e3)) },
  'volume-space': {
    fine: calm(),
    wrong: calm((run) => ({
      ...run,
      site: { ...run.site, volumes: [{ name: 'V1', capacityBytes: 4000 * GIB, freeBytes: 200 * GIB }] },
    })),
  },
  'batches-do-not-fit': { fine: calm(), wrong: calm(freeOnV1(201 * GIB), withVm(0, { usedBytes: 90 * GIB, ...BUSY })) },
  'initial-replication-batches': {
    fine: calm(
      freeOnV1(201 * GIB),
      fleet(12, () => ({ disks: [disk({ usedBytes: 90 * GIB })] })),
    ),
    wrong: calm(
      (run) => slow(60e6)(freeOnV1(203 * GIB)(run)),
      fleet(12, () => ({ disks: [disk({ usedBytes: 90 * GIB })] })),
    ),
  },
  // Beside a first copy the busy VM has half of the link, which is less than it writes.
  'batch-breaks-objective': {
    fine: calm(),
    wrong: calm(slow(6e6), [
      buildVm({ name: 'busy', disks: [disk({ usedBytes: MIB, churn: { kind: 'constant', bytesPerSec: 500_000 } })] }),
      buildVm({ name: 'large', disks: [disk({ churn: { kind: 'constant', bytesPerSec: 100 } })] }),
    ]),
  },
  'missing-prerequisite': {
    fine: calm(),
    wrong: calm((run) => ({
      ...run,
      policy: {
        ...run.policy,
        overrides: [{ vm: 'vm1', settings: {}, missingPrerequisite: 'its cloud is not mapped' }],
      },
    })),
  },
  standstill: {
    fine: calm(),
    wrong: calm(event({ kind: 'action', action: 'pause', target: { scope: 'vm', name: 'vm2' }, atMs: 30 * HOUR_MS })),
  },
  'health-at-end': {
    fine: calm(),
    wrong: calm(
      event({
        kind: 'nonRecoverable',
        cause: 'authenticationError',
        target: { scope: 'vm', name: 'vm2' },
        atMs: 40 * HOUR_MS,
      }),
    ),
  },
  'forced-resynchronization': {
    fine: calm(),
    wrong: calm(
      outage(20 * HOUR_MS, 20 * HOUR_MS),
      withVm(0, { sizeBytes: 4 * GIB, churn: { kind: 'constant', bytesPerSec: 100_000 } }),
    ),
  },
  'resync-duration': { fine: calm(), wrong: calm(slow(8e6), withVm(0, { sizeBytes: 900 * GIB })) },
  'copy-instead': {
    fine: calm(
      outage(20 * HOUR_MS, 20 * HOUR_MS),
      withVm(0, {
        sizeBytes: 4 * GIB,
        usedBytes: 4 * GIB,
        meanWriteBytes: MIB,
        churn: { kind: 'constant', bytesPerSec: 100_000 },
      }),
    ),
    wrong: calm(
      outage(20 * HOUR_MS, 20 * HOUR_MS),
      withVm(0, { sizeBytes: 4 * GIB, usedBytes: MIB, churn: { kind: 'constant', bytesPerSec: 100_000 } }),
    ),
  },
  'log-headroom': {
    fine: calm(),
    wrong: calm(
      outage(20 * HOUR_MS, 5 * HOUR_MS),
      withVm(0, { sizeBytes: 5 * GIB, churn: { kind: 'constant', bytesPerSec: 90_000 } }),
    ),
  },
  'missed-cycles': {
    fine: calm(),
    wrong: calm((run) => slow(3e6)({ ...run, options: { ...run.options, skipInitialReplication: true } })),
  },
  'incompatible-vms': {
    fine: calm(),
    wrong: calm(undefined, withVm(2, { churn: { kind: 'constant', bytesPerSec: 30e6 } })),
  },
  'disk-without-tier': { fine: calm(), wrong: calm(undefined, withVm(2, { sizeBytes: 40_000 * GIB })) },
  'premium-storage': {
    fine: calm(),
    wrong: calm(undefined, withVm(2, { churn: { kind: 'constant', bytesPerSec: 4e6 } })),
  },
  'unchecked-limits': { fine: known(calm()), wrong: calm() },
  'copy-interval': {
    fine: calm(),
    wrong: calm((run) => ({ ...run, options: { ...run.options, rpoTargetMs: 9 * MINUTE_MS } })),
  },
  'throttle-wait': { fine: calm(throttled(900e6)), wrong: calm(throttled(2e6)) },
  'transfer-slots': {
    fine: calm(slots(8)),
    wrong: calm((run) => slow(20e6)(slots(1)(run))),
  },
  'back-off-wait': { fine: calm(outage(20 * HOUR_MS, 2 * MINUTE_MS)), wrong: calm(outage(20 * HOUR_MS, 3 * HOUR_MS)) },
  'link-clipping': { fine: calm(), wrong: calm(slow(6e6)) },
  'bandwidth-reserve': { fine: calm(), wrong: calm() },
  'catching-up': {
    fine: calm(
      undefined,
      fleet(12, () => ({ disks: [disk({ usedBytes: MIB })] })),
    ),
    wrong: calm((run) => ({ ...run, options: { ...run.options, rpoTargetMs: 6 * MINUTE_MS } })),
  },
  'link-outage': { fine: calm(outage(2 * DAY_MS - 1, 1)), wrong: calm(outage(20 * HOUR_MS, HOUR_MS)) },
  'outage-tolerance': {
    fine: calm((run) => ({ ...run, options: { ...run.options, rpoTargetMs: 3 * HOUR_MS } })),
    wrong: calm(),
  },
  'half-disk-bites': {
    fine: calm(),
    wrong: calm(undefined, withVm(0, { sizeBytes: 4 * GIB, churn: { kind: 'constant', bytesPerSec: 100_000 } })),
  },
  // After 4 h the next attempt comes within 25 min; a ladder whose gaps are hours has VMs wait on and on.
  'back-off-share': {
    fine: calm(),
    wrong: calm((run) => ({
      ...run,
      policy: { ...run.policy, rules: { ...run.policy.rules, retryLadderMs: [3 * HOUR_MS] } },
    })),
  },
  'resync-never-ends': {
    fine: calm(),
    wrong: calm(slow(20e6), withVm(0, { sizeBytes: 20 * GIB, churn: { kind: 'constant', bytesPerSec: 4e6 } })),
  },
  'resync-storm': { fine: calm(), wrong: calm(slow(20e6)) },
  'recovery-time': { fine: calm(recoveryPlan(ALL)), wrong: calm(recoveryPlan(ALL, 120)) },
  'outside-recovery-plans': { fine: calm(recoveryPlan(ALL)), wrong: calm(recoveryPlan(ALL.slice(1))) },
  'disks-worth-excluding': {
    fine: calm(),
    wrong: calm(
      undefined,
      fleet(12, (at) => (at === 0 ? { disks: [disk(), disk({ name: 'pagefile' })] } : {})),
    ),
  },
  'churn-concentration': {
    fine: calm(),
    wrong: calm(undefined, withVm(3, { churn: { kind: 'constant', bytesPerSec: 1e6 } })),
  },
  'host-concentration': {
    fine: calm(),
    wrong: calm(undefined, withVm(3, { churn: { kind: 'constant', bytesPerSec: 1e6 } })),
  },
  'busiest-hour': {
    fine: calm(),
    wrong: calm(
      undefined,
      fleet(12, () => ({ disks: [disk({ churn: burst(8) })] })),
    ),
  },
  'free-space-unknown': { fine: calm(), wrong: calm((run) => ({ ...run, site: { ...run.site, volumes: [] } })) },
  'assumed-churn': { fine: calm(), wrong: calm(undefined, withVm(1, { isChurnAssumed: true })) },
  'measured-week': {
    fine: calm(
      undefined,
      fleet(12, () => ({ disks: [disk(WEEK)] })),
    ),
    wrong: calm(),
  },
  'compression-unknown': {
    fine: calm((run) => ({ ...run, policy: { ...run.policy, compressionRatio: 0.6 } })),
    wrong: calm(),
  },
  'cost-incomplete': { fine: calm(), wrong: calm() },
  'drill-share': { fine: calm(), wrong: calm() },
  'vm-size-unknown': { fine: known(calm()), wrong: calm() },
};

/** Prices of what a small fleet needs. */
function bill(items: Readonly<Record<string, number>>, terms: Partial<CostTerms> = {}): PriceInput {
  const meters = Object.entries(items).map(([item, price]) => ({
    ...{ item, file: 'prices.json', name: item, product: '', date: null, perCount: 1 },
    tiers: [{ fromUnits: 0, price }],
  }));
  return { book: { currency: 'EUR', region: null, files: [], meters }, terms: { ...DEFAULT_TERMS, ...terms } };
}
const SIZED = { operationBytes: MIB, vmSizes: [{ vm: '*', size: 'A' }] };
const ITEMS = {
  ...{ 'licence/azure': 20, 'page-blob/gpv2/LRS/gb': 0.05, 'page-blob/gpv2/LRS/writes': 1e-6, connection: 0 },
  ...{ 'compute/A/linux': 0.001, 'disk/S10/LRS': 0.1, 'egress/gb': 0.1 },
};
/** Of rules that judge a bill: the prices of both runs. */
const PRICES: Readonly<Record<string, { readonly fine: PriceInput; readonly wrong: PriceInput }>> = {
  'cost-incomplete': { fine: bill(ITEMS, SIZED), wrong: bill(ITEMS) },
  'drill-share': { fine: bill(ITEMS, SIZED), wrong: bill({ ...ITEMS, 'compute/A/linux': 9 }, SIZED) },
};

function judged(run: Run, id: string, given = true, prices?: PriceInput): Finding | undefined {
  return planOf(run, given, prices).findings.find((finding) => finding.id === id);
}

describe('each rule', () => {
  it.each(FINDING_RULES.map(({ id }) => id))('%s: fine in one run, and wrong in another', (id) => {
    const { fine, wrong } = CASES[id]!;
    const good = judged(fine, id, true, PRICES[id]?.fine);
    expect(good, 'fine').toMatchObject({ ok: true, severity: null, action: null, evidence: [], evidenceCount: 0 });
    // A bandwidth that nobody gave is the smallest that was found: it has no reserve.
    const bad = judged(wrong, id, id !== 'bandwidth-reserve', PRICES[id]?.wrong);
    expect(bad, 'wrong').toMatchObject({ ok: false });
    expect(bad!.severity).not.toBeNull();
    expect(bad!.action!.length).toBeGreaterThan(10);
    expect(bad!.title).not.toBe(good!.title);
  });
});

describe('the findings of any run', () => {
  it('are whole, finite, bounded, sorted, and each rule’s at most once', () => {
    fc.assert(
      fc.property(anySiteRun, (run) => {
        const { findings } = planOf(run);
        const ids = findings.map(({ id }) => id);
        expect(new Set(ids).size).toBe(ids.length);
        const order = ['broken', 'warning', 'note', null];
        const ranks = findings.map(({ severity }) => order.indexOf(severity));
        expect(ranks).toEqual(ranks.toSorted((a, b) => a - b));
        for (const finding of findings) {
          expect(finding.value === null || Number.isFinite(finding.value), finding.id).toBe(true);
          expect(finding.ok).toBe(finding.severity === null);
          expect(finding.ok).toBe(finding.action === null);
          expect(finding.evidence.length).toBe(Math.min(20, finding.evidenceCount));
          expect(`${finding.title} ${finding.why} ${finding.action}`, finding.id).not.toMatch(
            /NaN|undefined|Infinity|\[object/,
          );
        }
      }),
      { numRuns: 40 },
    );
  }, 120_000);

  it('do not depend on the order of the VMs, but where two are alike', () => {
    const vms = fleet(12, (at) => ({
      disks: [disk({ sizeBytes: (100 + at) * GIB, churn: { kind: 'constant', bytesPerSec: 40_000 + 1000 * at } })],
    }));
    const titles = (run: Run): string[] => planOf(run).findings.map(({ title }) => title);
    expect(titles(calm(slow(9e6), vms.toReversed()))).toEqual(titles(calm(slow(9e6), vms)));
  });
});
