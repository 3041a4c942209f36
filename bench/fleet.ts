import { DEFAULT_RESYNC_WINDOW, DEFAULT_RULES, INITIAL_REPLICATION_AT_ONCE } from '../src/model/policy.ts';
import type { Run } from '../src/model/run.ts';
import type { Disk, Vm } from '../src/model/workload.ts';
import { DAY_MS, GIB, MIB } from '../src/units.ts';

/** A made fleet for benches: every VM two disks, churn that differs from VM to VM and is the same in every run. */
export function benchFleet(vmCount: number): Vm[] {
  return Array.from({ length: vmCount }, (_, v): Vm => {
    const name = `vm${String(v).padStart(5, '0')}`;
    return { name, host: `host${v % 20}`, disks: [disk('os', v, 20e3, 1), disk('data', v, 60e3, 2)] };
  });
}

function disk(name: string, v: number, bytesPerSec: number, salt: number): Disk {
  // A spread of 1 to 9, drawn by multiplication so that it needs no generator.
  const spread = 1 + (((v * 2654435761 + salt * 40503) >>> 0) % 9);
  return {
    name,
    volume: `C:\\ClusterStorage\\Volume${(v % 8) + 1}`,
    sizeBytes: 128 * GIB,
    usedBytes: 5 * GIB + spread * 100 * MIB,
    meanWriteBytes: 8192,
    churn: { kind: 'constant', bytesPerSec: bytesPerSec * spread },
  };
}

/** The fleet over seven days at five minutes, on a link that its deltas fill to about nine tenths. */
export function benchRun(vmCount: number, days = 7): Run {
  const vms = benchFleet(vmCount);
  const bytesPerSec = vms
    .flatMap((vm) => vm.disks)
    .reduce((sum, { churn }) => sum + (churn.kind === 'constant' ? churn.bytesPerSec : 0), 0);
  return {
    workload: {
      schema: 'asr-plan/workload@1',
      clock: { startEpochMs: 1_767_571_200_000, timeZone: 'UTC', offsets: [{ fromMs: 0, offsetMs: 0 }] },
      vms,
    },
    site: {
      hosts: [],
      volumes: [],
      link: { capacityBitsPerSec: Math.round((bytesPerSec * 8) / 0.95 / 0.9), efficiencyRatio: 0.95, outages: [] },
      vaults: [],
      clouds: [],
      recoveryPlans: [],
    },
    policy: {
      scenario: 'hyperv-to-azure',
      copyFrequencyMs: 300_000,
      compressionRatio: 1,
      authentication: null,
      recoveryPointHours: 0,
      appConsistentHours: null,
      initialReplication: INITIAL_REPLICATION_AT_ONCE,
      overrides: [],
      maxActiveTransfers: null,
      alignedCuts: false,
      resyncWindow: DEFAULT_RESYNC_WINDOW,
      rules: DEFAULT_RULES,
    },
    options: {
      horizonMs: days * DAY_MS,
      rpoTargetMs: 900_000,
      seed: 0,
      growthRatio: 0,
      skipInitialReplication: true,
    },
    events: [],
  };
}
