import type { VmmCloud } from '../../../src/model/cloud.ts';
import { defaultPolicy } from '../../../src/model/defaults.ts';
import type { VmOverride } from '../../../src/model/policy.ts';
import type { Run } from '../../../src/model/run.ts';
import type { ScenarioId } from '../../../src/model/scenario.ts';
import type { ExclusionAdvice } from '../../../src/plan/exclusion-advice.ts';
import type { RunbookCommand, RunbookStep } from '../../../src/plan/plan.ts';
import { type Runbook, runbookOf } from '../../../src/plan/runbook.ts';
import { DAY_MS, GIB, HOUR_MS } from '../../../src/units.ts';
import { buildDisk, buildRun, buildVm } from '../../laws/build-run.ts';

/** Names of every kind that a fleet has; each may be a stranger's. */
export interface Names {
  readonly vms: readonly [string, string, string, string];
  readonly hosts: readonly [string, string];
  readonly disk: string;
  readonly cloud: string;
  readonly recoveryCloud: string;
  readonly vmmServer: string;
  readonly vault: string;
  readonly plan: string;
  readonly group: string;
}

export const PLAIN: Names = {
  vms: ['SQL01', 'WEB01', 'WEB02', 'OLD01'],
  hosts: ['HV01', 'HV02'],
  disk: 'D:\\VMs\\SQL01-tempdb.vhdx',
  cloud: 'Production',
  recoveryCloud: 'Production-DR',
  vmmServer: 'vmm-a',
  vault: 'contoso-dr',
  plan: 'Shop',
  group: 'Databases',
};

const INITIAL = { mode: 'network', startAtMs: 0, shippingMs: 0, existingAgeMs: 0 } as const;

/** Four VMs on two hosts: one enabled a day later, one that cannot be protected; a vault, a cloud, a plan, a host with work hours. */
export function sampleRun(scenario: ScenarioId, names: Names = PLAIN): Run {
  const [first, second, third, fourth] = names.vms;
  const vms = names.vms.map((name, index) =>
    buildVm({
      name,
      host: names.hosts[index % 2]!,
      disks: [buildDisk({ name: 'os' }), buildDisk({ name: names.disk })],
    }),
  );
  const overrides: VmOverride[] = [
    { vm: third, settings: { initialReplication: { ...INITIAL, enableAtMs: DAY_MS } } },
    { vm: fourth, settings: {}, missingPrerequisite: 'its cloud is not mapped' },
  ];
  const cloud: VmmCloud = {
    ...{ name: names.cloud, vmmServer: names.vmmServer, vault: names.vault, hosts: [], vms: names.vms },
    recoveryCloud: names.recoveryCloud,
  };
  const action = { title: 'Check', kind: 'manual', takesMs: HOUR_MS } as const;
  const run = buildRun({
    vms,
    options: { skipInitialReplication: false },
    policy: { ...defaultPolicy(scenario), overrides },
    clouds: scenario === 'hyperv-to-azure' ? [] : [cloud],
    hosts: [
      {
        ...{ name: names.hosts[0], uploadThreadsPerVm: 8, maxActiveTransfers: 6 },
        throttle: {
          windows: [
            {
              ...{ days: [0, 1, 2, 3, 4], startMinute: 540, endMinute: 1080 },
              value: { kind: 'rate', bitsPerSec: 20 * 1024 * 1024 },
            },
          ],
          otherwise: { kind: 'rate', bitsPerSec: 200 * 1024 * 1024 },
        },
      },
    ],
    recoveryPlans: [
      {
        name: names.plan,
        groups: [
          { name: names.group, vms: [first], before: [], after: [action] },
          { name: 'Front', vms: [second, third, fourth], before: [], after: [] },
        ],
      },
    ],
  });
  return { ...run, site: { ...run.site, vaults: [{ name: names.vault, region: 'westeurope' }] } };
}

export function sampleExclusions({ vms, disk }: Names = PLAIN): ExclusionAdvice[] {
  const figures = {
    meanBitsPerSec: 1e6,
    busiestHourBitsPerSec: 2e6,
    shareOfDeltas: 0.1,
    initialBytes: GIB,
    logBytes: 1e7,
  };
  return [{ vm: vms[0], disk, reason: 'tempdb', ...figures }];
}

export function sampleRunbookOf(scenario: ScenarioId, names: Names = PLAIN): Runbook {
  return runbookOf({ run: sampleRun(scenario, names), exclusions: sampleExclusions(names) });
}

export function stepsOf({ tasks }: Runbook): RunbookStep[] {
  return tasks.flatMap(({ steps }) => steps);
}

export function commandsOf(runbook: Runbook): RunbookCommand[] {
  return stepsOf(runbook).flatMap(({ commands }) => commands);
}
