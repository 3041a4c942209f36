import { defaultPolicy } from '../../src/model/defaults.ts';
import type { ScenarioId } from '../../src/model/scenario.ts';
import type { Runbook } from '../../src/plan/plan.ts';
import { runbookOf } from '../../src/plan/runbook.ts';
import { HOUR_MS } from '../../src/units.ts';
import { buildDisk, buildRun, buildVm } from '../laws/build-run.ts';
import { HOSTILE_NAMES } from './hostile-names.ts';

/** Of a fleet with strangers' names in every place that takes one. */
export function sampleRunbook(scenario: ScenarioId): Runbook {
  const vms = ['SQL01', 'WEB01', ...HOSTILE_NAMES.slice(0, 6)].map((name, index) =>
    buildVm({
      name,
      host: index % 2 === 0 ? 'HV01' : 'HV02',
      disks: [buildDisk({ name: 'D:\\os.vhdx' }), buildDisk({ name })],
    }),
  );
  const late = { mode: 'network', enableAtMs: 42 * HOUR_MS, startAtMs: 0, shippingMs: 0, existingAgeMs: 0 } as const;
  const overrides = vms.slice(2).map(({ name }) => ({ vm: name, settings: { initialReplication: late } }));
  const run = buildRun({ vms, policy: { ...defaultPolicy(scenario), overrides } });
  const figures = {
    meanBitsPerSec: 1e6,
    busiestHourBitsPerSec: 2e6,
    shareOfDeltas: 0.1,
    initialBytes: 1e9,
    logBytes: 1e7,
  };
  const exclusions = vms.map(({ name }) => ({ vm: name, disk: name, reason: 'tempdb' as const, ...figures }));
  return runbookOf({ run, exclusions });
}
