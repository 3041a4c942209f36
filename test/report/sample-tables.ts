import type { Plan, PlanVm } from '../../src/plan/plan.ts';
import { GIB, HOUR_MS, MIB } from '../../src/units.ts';
import { HOSTILE_NAMES } from './hostile-names.ts';
import { samplePlan } from './sample-plan.ts';

const FAILED: Plan['compatibility']['vms'][number]['failed'][number] = {
  ...{ rule: 'disk-size', title: 'Size of a disk', effect: 'incompatible', disk: 'os', diskCount: 1 },
  ...{ value: 40_000, limit: 32_767, unit: 'GiB', source: 'a document', sourceDate: '2024-01-01' },
  ...{ action: 'Split it.', comparison: 'at-most' },
};

/** Names that mean something to a spreadsheet, to XML, to Markdown or to a program that looks them up in an object. */
export const DOCUMENT_NAMES: readonly string[] = [
  ...HOSTILE_NAMES,
  '+cmd|" /C calc"!A0',
  '-2+3',
  '@SUM(1,1)',
  '\t=1+1',
  "'=1+1",
  ' =1+1',
  'a;=1+1',
  'a; \'@b;+c"',
  '＝1＋1',
  '_x0041_ and _x000D_',
  'constructor',
  'toString',
  'quote " comma , semicolon ; line\nbreak\r\n',
  ']]> &amp; <!-- -->',
  '😀 \uD83D',
  '\uFFFE\uFFFF\u0000',
  'x'.repeat(40_000),
  '   ',
  "'",
  '=',
  '# heading | `code` *b* _i_ [l](http://evil.example) ![i](x) <b>h</b>',
  '@octocat #12 GH-12 https://evil.example www.evil.example :tada:',
  '1. - + > ```',
];

const PAIR = { predicted: 1.5, measured: 1, ratio: 1.5, error: 0.5, errorShare: 0.5 };
const SCORE = { vmCount: 1, medianErrorShare: 0.5, closeCount: 0 };

/** A plan in which every table has rows and every column a value; strangers' names are hostile wherever there is one. */
export function fullPlan(): Plan {
  const plan = samplePlan({ scenario: 'vmm-to-vmm' });
  const at = (index: number): string => DOCUMENT_NAMES[index % DOCUMENT_NAMES.length]!;
  const hostile = <Item extends { readonly name: string }>(items: readonly Item[]): Item[] =>
    items.map((item, index) => ({ ...item, name: at(index) }));
  const vms = plan.vms.map(
    (vm, index): PlanVm => ({
      ...vm,
      name: at(index),
      host: at(index + 1),
      cloud: index % 2 === 0 ? at(index + 2) : null,
      enableFailure: index === 3 ? at(6) : null,
      lastBreachAtMs: index === 4 ? 5 * HOUR_MS + 7 : null,
      initialReplication: { ...vm.initialReplication, disks: hostile(vm.initialReplication.disks) },
    }),
  );
  return {
    ...plan,
    vms,
    hosts: hostile(plan.hosts).map((host, index) => ({ ...host, maxActiveTransfers: index === 0 ? 3 : null })),
    volumes: hostile(plan.volumes),
    furtherLinks: hostile(plan.furtherLinks),
    receipts: plan.receipts.map((receipt) => ({ ...receipt, file: at(0), sizeBytes: 12_345 })),
    compatibility: {
      ...plan.compatibility,
      vms: vms.map((vm, index) => ({
        ...{ vm: vm.name, unchecked: ['encryption'], excludeOption: null },
        verdict: index % DOCUMENT_NAMES.length === 3 ? ('incompatible' as const) : ('unknown' as const),
        failed: index % DOCUMENT_NAMES.length === 3 ? [FAILED] : [],
      })),
    },
    placement: {
      vms: vms.map((vm, index) => ({
        ...{ vm: vm.name, storage: 'premium' as const, storageReason: at(index), azureVmSize: 'Standard_D2s_v5' },
        azureVmSizeReason: at(index),
        disks: [
          {
            ...{ disk: at(index + 1), sizeBytes: 8 * GIB, type: 'premium-ssd' as const, tier: 'P10' },
            tierReason: at(index + 2),
          },
        ],
      })),
      ...{ tiers: [], unplacedDiskCount: 0 },
    },
    cost: {
      ...plan.cost,
      vms: hostile(plan.cost.vms).map((vm, index) => ({ ...vm, size: at(index), disasterMicros: 1_500_000 })),
    },
    findings: plan.findings.map((finding, index) => ({
      ...finding,
      title: at(index),
      evidence: DOCUMENT_NAMES.slice(0, 20),
      evidenceCount: 33,
    })),
    recoveryPlans: plan.recoveryPlans.map((recovery, index) => ({
      ...recovery,
      unplanned: { ...recovery.unplanned, lossUnknown: index === 0 ? [at(9)] : recovery.unplanned.lossUnknown },
    })),
    assumptions: [
      ...plan.assumptions,
      ...DOCUMENT_NAMES.map((name, index) => ({
        ...{ name: `hostile${index}`, value: name, reason: name, source: name },
        origin: 'given' as const,
      })),
    ],
    calibration: {
      vms: DOCUMENT_NAMES.map((name) => ({
        ...{ vm: name, measuredFromMs: -HOUR_MS, measuredUntilMs: 0, cycleCount: 12, modelLogBytes: 9 * MIB },
        ...{ churnBasis: 'window' as const, sizeRatio: 1.2 },
        pairs: { averageSizeBytes: PAIR, maximumSizeBytes: PAIR, averageLatencySec: PAIR, missesPerDay: PAIR },
        compression: { ratio: 0.4, basis: 'counter' as const, reason: name },
      })),
      notCompared: [],
      unmeasuredCount: 0,
      fleet: { averageSizeBytes: SCORE, maximumSizeBytes: SCORE, averageLatencySec: SCORE, missesPerDay: SCORE },
      compressionRatio: 0.4,
      growthRatio: 0,
    },
  };
}
