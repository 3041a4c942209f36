/** Small runs for tests: everything has a plain value, and a test names only what it is about. */
import type { SiteEvent } from '../../src/model/event.ts';
import {
  DEFAULT_RULES,
  INITIAL_REPLICATION_AT_ONCE,
  type Policy,
  type RuleParameters,
} from '../../src/model/policy.ts';
import type { Run, RunOptions } from '../../src/model/run.ts';
import type { Host, Link, Outage, Site } from '../../src/model/site.ts';
import type { Disk, Vm, Workload } from '../../src/model/workload.ts';
import type { RunResult } from '../../src/simulate/result.ts';
import { type SimulateOptions, simulate } from '../../src/simulate/simulate.ts';
import { DAY_MS, GIB, MINUTE_MS } from '../../src/units.ts';

/** Monday 2026-01-05T00:00Z: at 0 the default window for resynchronizations (18:30–06:00) is open. */
export const START_EPOCH_MS: number = 1_767_571_200_000;

export function buildDisk(change: Partial<Disk> = {}): Disk {
  return {
    name: 'disk0',
    volume: 'D:',
    sizeBytes: 100 * GIB,
    usedBytes: 10 * GIB,
    churn: { kind: 'constant', bytesPerSec: 100_000 },
    meanWriteBytes: 8192,
    ...change,
  };
}

export function buildVm(change: Partial<Vm> = {}): Vm {
  return { name: 'vm0', host: 'host0', disks: [buildDisk()], ...change };
}

export interface RunChange {
  readonly vms?: readonly Vm[];
  readonly startEpochMs?: number;
  readonly policy?: Partial<Omit<Policy, 'rules'>>;
  readonly rules?: Partial<RuleParameters>;
  readonly hosts?: readonly Host[];
  readonly volumes?: Site['volumes'];
  readonly link?: Partial<Link>;
  readonly outages?: readonly Outage[];
  readonly clouds?: Site['clouds'];
  readonly recoveryPlans?: Site['recoveryPlans'];
  readonly events?: readonly SiteEvent[];
  readonly options?: Partial<RunOptions>;
}

/** One VM with one disk, cuts at multiples of 5 minutes, 10 Mbit/s all payload, one day, replica in step at 0. */
export function buildRun(change: RunChange = {}): Run {
  const workload: Workload = {
    schema: 'asr-plan/workload@1',
    clock: {
      startEpochMs: change.startEpochMs ?? START_EPOCH_MS,
      timeZone: 'UTC',
      offsets: [{ fromMs: 0, offsetMs: 0 }],
    },
    vms: change.vms ?? [buildVm()],
  };
  return {
    workload,
    site: {
      hosts: change.hosts ?? [],
      volumes: change.volumes ?? [],
      link: { capacityBitsPerSec: 10e6, efficiencyRatio: 1, outages: change.outages ?? [], ...change.link },
      vaults: [],
      clouds: change.clouds ?? [],
      recoveryPlans: change.recoveryPlans ?? [],
    },
    policy: {
      scenario: 'hyperv-to-azure',
      copyFrequencyMs: 5 * MINUTE_MS,
      compressionRatio: 1,
      authentication: null,
      recoveryPointHours: 0,
      appConsistentHours: null,
      initialReplication: INITIAL_REPLICATION_AT_ONCE,
      overrides: [],
      maxActiveTransfers: null,
      alignedCuts: true,
      resyncWindow: { startMinute: 18 * 60 + 30, endMinute: 6 * 60 },
      ...change.policy,
      rules: { ...DEFAULT_RULES, ...change.rules },
    },
    options: {
      horizonMs: DAY_MS,
      rpoTargetMs: 15 * MINUTE_MS,
      seed: 1,
      growthRatio: 0,
      skipInitialReplication: true,
      ...change.options,
    },
    events: change.events ?? [],
  };
}

/** Simulates, and says so where a run makes no headway, instead of hanging the test. */
export function simulated(run: Run, options: SimulateOptions = {}): RunResult {
  let lastMs = -1;
  return simulate(run, {
    ...options,
    onProgress: (atMs) => {
      if (atMs === lastMs) throw new Error(`the simulation makes no headway at ${atMs} ms`);
      lastMs = atMs;
    },
  });
}
