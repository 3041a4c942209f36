import { windowSpans } from '../../model/clock.ts';
import { settingsOf } from '../../model/policy.ts';
import type { Run } from '../../model/run.ts';
import { type Churn, distinctBytes, meanBytesPerSec, type Vm } from '../../model/workload.ts';
import type { ReplicationCore } from '../../replication/columns.ts';
import { Input, Phase } from '../../replication/lifecycle.ts';
import { entryRunBytes, leastDataBytes, logFileBytes } from '../../replication/log-size.ts';
import { type ObservedStep, type SimulationObserver, watchRun } from '../../simulate/simulate.ts';
import { type Bytes, HOUR_MS, type Millis } from '../../units.ts';
import { resyncCost } from '../resync-cost.ts';
import type { Budget } from './budget.ts';
import { RESYNC_VMS_MOST, type ResyncStudy, type VmResync } from './types.ts';
import { windowOf } from './window.ts';

const LONGER_BY = 4;

/**
 * Every VM's resynchronization alone by its closed form ({@link resyncCost}), and all at once by one simulation.
 *
 * @param followMostMs a storm that is not over after so long is not followed further
 */
export function resyncStudy(run: Run, budget: Budget, followMostMs: Millis): ResyncStudy {
  const missing = new Set(
    run.policy.overrides.flatMap((own) => (own.missingPrerequisite === undefined ? [] : [own.vm])),
  );
  const startMs = firstOpeningMs(run);
  const names = run.workload.vms.map(({ name }) => name);
  const settings = settingsOf(run.policy, names);
  const marked = run.workload.vms.flatMap((vm, v) =>
    missing.has(vm.name) ? [] : [markedVm(run, vm, settings[v]!.compressionRatio)],
  );
  const storm = stormOf(run, startMs, marked, { budget, followMostMs });
  const vms = marked.map(
    ({ vm, changedBytes, cost, converges }): VmResync => ({
      ...{ vm, changedBytes, converges },
      wireBytes: cost.resync.wireBytes,
      aloneMs: cost.resync.durationMs,
      fullCopyWireBytes: cost.fullCopy.wireBytes,
      stormMs: storm.endMs.get(vm) ?? null,
      restartCount: storm.restartCount.get(vm) ?? 0,
    }),
  );
  const unfinished = vms.filter(({ stormMs }) => stormMs === null).length;
  return {
    stormStartMs: startMs,
    vmCount: vms.length,
    wireBytes: sum(vms, ({ wireBytes }) => wireBytes),
    fullCopyWireBytes: sum(vms, ({ fullCopyWireBytes }) => fullCopyWireBytes),
    aloneTotalMs: sum(vms, ({ aloneMs }) => aloneMs),
    aloneLongestMs: vms.reduce((longest, { aloneMs }) => Math.max(longest, aloneMs), 0),
    stormMs:
      unfinished > 0 || vms.length === 0 ? null : vms.reduce((longest, { stormMs }) => Math.max(longest, stormMs!), 0),
    stormFollowedMs: storm.followedMs,
    unfinishedVmCount: unfinished,
    restartedVmCount: vms.filter(({ restartCount }) => restartCount > 0).length,
    neverThroughVmCount: vms.filter(({ converges }) => !converges).length,
    vms: vms.sort(worstFirst).slice(0, RESYNC_VMS_MOST),
  };
}

function worstFirst(a: VmResync, b: VmResync): number {
  const stormOf = ({ stormMs }: VmResync): number => stormMs ?? Number.MAX_VALUE;
  return (
    Number(a.converges) - Number(b.converges) ||
    stormOf(b) - stormOf(a) ||
    b.aloneMs - a.aloneMs ||
    (a.vm < b.vm ? -1 : 1)
  );
}

interface MarkedVm {
  readonly vm: string;
  /** At its mean churn the first of its disks has half its size in logs after so long. */
  readonly fillMs: Millis;
  readonly changedBytes: Bytes;
  readonly cost: ReturnType<typeof resyncCost>;
  readonly converges: boolean;
}

function markedVm({ policy, options, site }: Run, vm: Vm, compressionRatio: number): MarkedVm {
  const { rules } = policy;
  const disks = vm.disks.map((disk) => {
    const bytesPerMs = (meanBytesPerSec(disk.churn) * (1 + options.growthRatio)) / 1000;
    const runBytes = entryRunBytes(disk.meanWriteBytes, rules);
    const halfBytes = disk.sizeBytes * rules.resyncLogRatio;
    return { disk, bytesPerMs, runBytes, halfBytes, halfDataBytes: leastDataBytes(halfBytes, runBytes, rules) };
  });
  const fillMs = disks.reduce(
    (first, { bytesPerMs, halfDataBytes }) => (bytesPerMs > 0 ? Math.min(first, halfDataBytes / bytesPerMs) : first),
    Number.POSITIVE_INFINITY,
  );
  const writtenMs = fillMs === Number.POSITIVE_INFINITY ? 0 : fillMs;
  const changed = disks.map(({ disk, bytesPerMs }) => ({
    sizeBytes: disk.sizeBytes,
    usedBytes: disk.usedBytes,
    changedBytes: Math.ceil(distinctBytes(disk, bytesPerMs * writtenMs)),
  }));
  const cost = resyncCost(changed, { compressionRatio, rules }, site.link);
  const { durationMs } = cost.resync;
  const staysBelow = disks.every(
    ({ bytesPerMs, runBytes, halfBytes }) => logFileBytes(bytesPerMs * durationMs, runBytes, rules) < halfBytes,
  );
  const logBytesPerMs = sum(
    disks,
    ({ bytesPerMs, runBytes }) => bytesPerMs * (1 + rules.logBlockBytes / runBytes) * compressionRatio,
  );
  const carriedBytesPerMs = (site.link.capacityBitsPerSec * site.link.efficiencyRatio) / 8000;
  return {
    vm: vm.name,
    fillMs: writtenMs,
    changedBytes: sum(changed, ({ changedBytes }) => changedBytes),
    cost,
    converges: staysBelow && logBytesPerMs <= carriedBytesPerMs,
  };
}

interface Storm {
  /** From the storm's start; VMs that were not through are left out. */
  readonly endMs: ReadonlyMap<string, Millis>;
  readonly restartCount: ReadonlyMap<string, number>;
  readonly followedMs: Millis;
}

/** All VMs are resynchronized from one instant on, while their guests write on: what each one's logs held is what differs. */
function stormOf(
  run: Run,
  startMs: Millis,
  marked: readonly MarkedVm[],
  { budget, followMostMs }: { readonly budget: Budget; readonly followMostMs: Millis },
): Storm {
  const bytes = sum(marked, ({ cost }) => cost.resync.wireBytes);
  const longestMs = marked.reduce((longest, { cost }) => Math.max(longest, cost.resync.durationMs), 0);
  const sendingMs = (bytes * 8000) / run.site.link.capacityBitsPerSec;
  for (let lengthMs = 2 * Math.max(sendingMs, longestMs) + HOUR_MS; ; lengthMs *= LONGER_BY) {
    const followedMs = Math.ceil(Math.min(followMostMs, lengthMs));
    const watch = new StormWatch();
    watchRun(stormRun(run, startMs, followedMs, marked), watch);
    budget.spend(followedMs, watch.stepCount);
    if (watch.endMs.size === marked.length || lengthMs >= followMostMs) {
      return { endMs: watch.endMs, restartCount: watch.restarts(), followedMs };
    }
  }
}

/**
 * A first copy onto an existing replica is a resynchronization over what was written since that copy was taken, by the mean churn (semantics
 * 11): with the time that fills half a disk it is the one that the half-disk rule forces.
 */
function stormRun(run: Run, startMs: Millis, lengthMs: Millis, marked: readonly MarkedVm[]): Run {
  const window = windowOf(run, startMs, lengthMs);
  const fillMs = new Map(marked.map((vm) => [vm.vm, vm.fillMs]));
  const own = new Map(run.policy.overrides.map((override) => [override.vm, override]));
  const vms = window.workload.vms.map((vm, v) => {
    const whole = run.workload.vms[v]!.disks;
    return {
      ...vm,
      disks: vm.disks.map((disk, d) => ({ ...disk, churn: withMean(disk.churn, whole[d]!.churn, lengthMs) })),
    };
  });
  const overrides = vms.map(({ name }) => {
    const override = own.get(name) ?? { vm: name, settings: {} };
    const existingAgeMs = fillMs.get(name) ?? 0;
    const initialReplication = { mode: 'existing' as const, enableAtMs: 0, startAtMs: 0, shippingMs: 0, existingAgeMs };
    return { ...override, settings: { ...override.settings, initialReplication } };
  });
  return {
    ...window,
    workload: { ...window.workload, vms },
    policy: { ...window.policy, overrides },
    options: { ...window.options, skipInitialReplication: false },
  };
}

/** A window's churn with the mean of the whole run's: what is missing to it is written after the window's end, where nobody looks. */
function withMean(churn: Churn, whole: Churn, lengthMs: Millis): Churn {
  // What is still repeated has the mean of what is repeated.
  if (churn.kind === 'constant' || whole.kind === 'constant' || churn.repeatMs > 0) return churn;
  const bytesPerMs = meanBytesPerSec(whole) / 1000;
  if (bytesPerMs === 0) return churn;
  const inWindow = sum(churn.writtenBytes, (bytes) => bytes);
  const spanMs = lengthMs - (churn.startMs[0] ?? lengthMs);
  const tailMs = Math.max(HOUR_MS, Math.ceil(inWindow / bytesPerMs) - spanMs);
  const gap = churn.startMs.length > 0 && churn.endMs < lengthMs;
  return {
    kind: 'series',
    startMs: [...churn.startMs, ...(gap ? [churn.endMs] : []), lengthMs],
    writtenBytes: [...churn.writtenBytes, ...(gap ? [0] : []), bytesPerMs * (spanMs + tailMs) - inWindow],
    endMs: lengthMs + tailMs,
    repeatMs: 0,
  };
}

class StormWatch implements SimulationObserver {
  readonly endMs = new Map<string, Millis>();
  #core!: ReplicationCore;
  #names: readonly string[] = [];
  stepCount = 0;

  started(core: ReplicationCore, vmNames: readonly string[]): void {
    this.#core = core;
    this.#names = vmNames;
  }

  stepped({ vm, input, before, nowMs }: ObservedStep): void {
    this.stepCount++;
    if (before !== Phase.resyncing || input !== Input.transferDone) return;
    const name = this.#names[vm]!;
    this.endMs.set(name, Math.max(0, Math.ceil(nowMs - 1e-5)));
  }

  /** Marks after the start: the half-disk rule struck again. */
  restarts(): Map<string, number> {
    return new Map(this.#names.map((name, vm) => [name, this.#core.markCount[vm]!]));
  }
}

/** The first instant of the run at which the window for resynchronizations opens; 0 where it is open then, or never opens in the run. */
function firstOpeningMs({ workload, policy, options }: Run): Millis {
  const spans = windowSpans(workload.clock, policy.resyncWindow, options.horizonMs);
  const first = spans[0];
  return first === undefined || first.startMs <= 0 || first.startMs >= options.horizonMs
    ? 0
    : Math.floor(first.startMs);
}

function sum<T>(items: readonly T[], value: (item: T) => number): number {
  return items.reduce((total, item) => total + value(item), 0);
}
