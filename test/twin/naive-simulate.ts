/**
 * A whole simulation, naive: the naive core for every VM, a list of flows whose rates are found anew at every event by
 * progressive filling, slots as a count, outages as a list; what happens at one instant in the order of semantics 13.
 * Slow and obvious. It shares with the fast one the core's names, the windows of the clock and the phases of the cuts.
 */
import { windowSpans } from '../../src/model/clock.ts';
import type { Run } from '../../src/model/run.ts';
import type { Churn } from '../../src/model/workload.ts';
import type { InputKey } from '../../src/replication/lifecycle.ts';
import { naiveRates } from './brute-force-fluid.ts';
import {
  byName,
  type NaiveVm,
  type NaiveWake,
  type NaiveWorld,
  naiveDiskLogBytes,
  naiveDiskSnapshotBytes,
  naiveSnapshotBytes,
  naiveStep,
  naiveVm,
} from './naive-core.ts';
import { naiveWritten } from './naive-writes.ts';

interface Transfer {
  readonly kind: 'initial' | 'delta' | 'resync';
  /** On the wire. */
  readonly bytes: number;
  readonly capBytesPerMs: number;
  readonly queuedAtMs: number;
  leftBytes: number;
  flowing: boolean;
}

interface Member {
  readonly name: string;
  readonly host: string;
  readonly world: NaiveWorld;
  state: NaiveVm;
  wake: NaiveWake;
  transfer: Transfer | null;
  holdsSlot: boolean;
  readonly sentBytes: { initial: number; delta: number; resync: number };
  /** Stretches of the age of the recovery point: from, to. */
  readonly ages: [number, number][];
  ageSinceMs: number | null;
  agePointMs: number;
  hrlPeakBytes: number;
  snapshotPeakBytes: number;
}

export interface NaiveVolumeResult {
  readonly name: string;
  readonly hrlPeakBytes: number;
  readonly snapshotPeakBytes: number;
  readonly extraPeakBytes: number;
}

export interface NaiveResult {
  readonly vms: readonly NaiveVmResult[];
  readonly volumes: readonly NaiveVolumeResult[];
}

export interface NaiveVmResult {
  readonly name: string;
  readonly state: NaiveVm;
  readonly sentBytes: { readonly initial: number; readonly delta: number; readonly resync: number };
  readonly minAgeMs: number | null;
  readonly maxAgeMs: number | null;
  readonly withinMs: number;
  readonly observedMs: number;
  readonly missed: number;
  readonly hrlPeakBytes: number;
  readonly snapshotPeakBytes: number;
}

const SNAP_MS = 1e-5;

/** R15 */
function snap(atMs: number): number {
  return Math.abs(atMs - Math.round(atMs)) < SNAP_MS ? Math.round(atMs) : atMs;
}

/** @param cutPhaseMs of each VM, by name */
export function naiveSimulate(run: Run, cutPhaseMs: (name: string) => number): NaiveResult {
  const { workload, site, policy, options } = run;
  const { horizonMs, growthRatio } = options;
  const spans = windowSpans(workload.clock, policy.resyncWindow, horizonMs);
  const efficiency = site.link.efficiencyRatio;
  const capacity = site.link.capacityBitsPerSec / 8000;
  const hosts = [...new Set(workload.vms.map((vm) => vm.host))];
  const siteHost = (name: string) => site.hosts.find((host) => host.name === name);
  const uplinks = hosts.map((host) => (siteHost(host)?.uplinkBitsPerSec ?? Number.POSITIVE_INFINITY) / 8000);
  const grown = (churn: Churn): Churn =>
    churn.kind === 'constant'
      ? { ...churn, bytesPerSec: churn.bytesPerSec * (1 + growthRatio) }
      : { ...churn, writtenBytes: churn.writtenBytes.map((bytes) => bytes * (1 + growthRatio)) };

  const phaseMs = (name: string): number => (policy.alignedCuts ? 0 : cutPhaseMs(name));
  // Decision 0006, 1: by phase, then by name.
  const ordered = byName(workload.vms).sort((a, b) => phaseMs(a.name) - phaseMs(b.name));
  const members = ordered.map((given): Member => {
    const vm = { ...given, disks: byName(given.disks) };
    const churns = vm.disks.map((disk) => grown(disk.churn));
    return {
      name: vm.name,
      host: vm.host,
      world: {
        vm,
        policy,
        cutPhaseMs: phaseMs(vm.name),
        resyncSpans: spans,
        written: (disk, atMs) => naiveWritten(churns[disk]!, atMs),
      },
      state: naiveVm(vm),
      wake: { atMs: Number.POSITIVE_INFINITY, input: null },
      transfer: null,
      holdsSlot: false,
      sentBytes: { initial: 0, delta: 0, resync: 0 },
      ages: [],
      ageSinceMs: null,
      agePointMs: 0,
      hrlPeakBytes: 0,
      snapshotPeakBytes: 0,
    };
  });

  let nowMs = 0;
  const isDown = (): boolean => site.link.outages.some((outage) => outage.startMs <= nowMs && nowMs < outage.endMs);
  const slotsOf = (host: string): number =>
    siteHost(host)?.maxActiveTransfers ?? policy.maxActiveTransfers ?? Number.POSITIVE_INFINITY;

  const measure = (member: Member): void => {
    const { state, world } = member;
    const logs = world.vm.disks.reduce((sum, _, d) => sum + naiveDiskLogBytes(state, d, nowMs, world), 0);
    member.hrlPeakBytes = Math.max(member.hrlPeakBytes, logs);
    member.snapshotPeakBytes = Math.max(member.snapshotPeakBytes, naiveSnapshotBytes(state, nowMs, world));
  };

  /** [22] Volumes of the hosts; nothing here is shared. What they hold is largest just before something is given back. */
  const volumes = new Map<string, { hrlPeakBytes: number; snapshotPeakBytes: number; extraPeakBytes: number }>();
  const measureVolumes = (): void => {
    const held = new Map<string, { logs: number; snapshots: number }>();
    for (const { host, state, world } of members) {
      for (const [index, { volume }] of world.vm.disks.entries()) {
        const name = `${host}: ${volume}`;
        const sums = held.get(name) ?? { logs: 0, snapshots: 0 };
        sums.logs += naiveDiskLogBytes(state, index, nowMs, world);
        sums.snapshots += naiveDiskSnapshotBytes(state, index, nowMs, world);
        held.set(name, sums);
      }
    }
    for (const [name, { logs, snapshots }] of held) {
      const peaks = volumes.get(name) ?? { hrlPeakBytes: 0, snapshotPeakBytes: 0, extraPeakBytes: 0 };
      volumes.set(name, {
        hrlPeakBytes: Math.max(peaks.hrlPeakBytes, logs),
        snapshotPeakBytes: Math.max(peaks.snapshotPeakBytes, snapshots),
        extraPeakBytes: Math.max(peaks.extraPeakBytes, logs + snapshots),
      });
    }
  };

  const feed = (member: Member, input: InputKey, amountBytes: number): void => {
    measure(member);
    measureVolumes();
    const before = member.state;
    const { state, effects, wake } = naiveStep(before, input, nowMs, amountBytes, member.world);
    member.state = state;
    member.wake = wake;
    const brought =
      state.recoveryPointMs !== before.recoveryPointMs ||
      (input === 'transferDone' && (before.phase === 'sending' || before.phase === 'resyncing'));
    if (brought && state.protectedMs !== null) {
      if (member.ageSinceMs !== null) closeAge(member);
      member.ageSinceMs = nowMs;
      member.agePointMs = state.recoveryPointMs!;
    }
    for (const effect of effects) {
      if (effect.type === 'abort') {
        if (member.transfer !== null) account(member);
        member.transfer = null;
        member.holdsSlot = false;
      } else {
        const bytes = effect.bytes / efficiency;
        member.transfer = {
          kind: effect.kind,
          bytes,
          capBytesPerMs: effect.capBytesPerMs / efficiency,
          queuedAtMs: effect.queuedAtMs,
          leftBytes: bytes,
          flowing: false,
        };
      }
    }
    if (member.transfer === null) member.holdsSlot = false;
    measure(member);
  };

  const closeAge = (member: Member): void => {
    member.ages.push([member.ageSinceMs! - member.agePointMs, nowMs - member.agePointMs]);
  };

  const account = (member: Member): void => {
    const { kind, bytes, leftBytes } = member.transfer!;
    member.sentBytes[kind] += bytes - leftBytes;
  };

  const fail = (member: Member): void => {
    account(member);
    const sent = (member.transfer!.bytes - member.transfer!.leftBytes) * efficiency;
    member.transfer = null;
    feed(member, 'transferFailed', sent);
  };

  /** [15] Slots go by the instant of the cut, then by name; while the link is down every attempt fails at once [19]. */
  const admit = (): void => {
    for (;;) {
      const ready = members
        .filter((member) => member.transfer !== null && !member.transfer.flowing)
        .filter((member) => {
          const taken = members.filter((other) => other.host === member.host && other.holdsSlot).length;
          return member.holdsSlot || taken < slotsOf(member.host);
        })
        .sort((a, b) => a.transfer!.queuedAtMs - b.transfer!.queuedAtMs || (a.name < b.name ? -1 : 1))[0];
      if (ready === undefined) return;
      ready.holdsSlot = true;
      if (isDown()) fail(ready);
      else ready.transfer!.flowing = true;
    }
  };

  const rates = (): Map<number, number> =>
    naiveRates(
      members.flatMap((member, index) =>
        member.transfer?.flowing === true
          ? [{ flow: index, uses: usesOf(member), weight: 1, capBytesPerMs: member.transfer.capBytesPerMs }]
          : [],
      ),
      [isDown() ? 0 : capacity, ...uplinks],
    );
  const usesOf = (member: Member): { line: number; factor: number }[] =>
    [0, 1 + hosts.indexOf(member.host)].map((line) => ({ line, factor: 1 }));

  for (const member of byName(members)) feed(member, options.skipInitialReplication ? 'adopted' : 'enabled', 0);
  admit();

  const order: Readonly<Partial<Record<InputKey, number>>> = {
    enabled: 0,
    adopted: 0,
    enableDone: 0,
    transferDone: 0,
    mergeDone: 0,
    finalizeDone: 0,
    transferFailed: 1,
    retryDue: 3,
    windowOpened: 3,
    intervalElapsed: 4,
    logHalfDue: 5,
  };
  const downs = site.link.outages.map((outage) => outage.startMs);
  const failedDowns = new Set<number>();

  for (;;) {
    const now = rates();
    const doneAtMs = members.map((member, index) => {
      if (member.transfer?.flowing !== true) return Number.POSITIVE_INFINITY;
      const rate = now.get(index)!;
      if (member.transfer.leftBytes <= 0) return nowMs;
      return rate === 0 ? Number.POSITIVE_INFINITY : Math.max(nowMs, snap(nowMs + member.transfer.leftBytes / rate));
    });
    const wakeAtMs = members.map((member) =>
      member.wake.input === 'logHalfDue' ? Math.max(nowMs, member.wake.atMs) : Math.max(nowMs, snap(member.wake.atMs)),
    );
    const changes = site.link.outages
      .flatMap((outage) => [outage.startMs, outage.endMs])
      .filter((atMs) => atMs > nowMs || (atMs === nowMs && downs.includes(atMs) && !failedDowns.has(atMs)));
    const atMs = Math.min(...doneAtMs, ...wakeAtMs, ...changes);
    if (atMs > horizonMs) break;
    // What can happen now, and the first of it.
    const due: { readonly rank: number; readonly act: () => void }[] = [];
    members.forEach((member, index) => {
      if (doneAtMs[index] === atMs) {
        due.push({
          rank: 0,
          act: () => {
            member.transfer!.leftBytes = 0;
            account(member);
            member.transfer = null;
            feed(member, 'transferDone', 0);
          },
        });
      }
      if (wakeAtMs[index] === atMs) {
        const input = member.wake.input!;
        due.push({ rank: order[input]!, act: () => feed(member, input, 0) });
      }
    });
    if (downs.includes(atMs) && !failedDowns.has(atMs)) {
      due.push({
        rank: 1,
        act: () => {
          failedDowns.add(atMs);
          for (const member of members) if (member.transfer?.flowing === true) fail(member);
        },
      });
    }
    due.sort((a, b) => a.rank - b.rank);
    const first = due[0];
    if (atMs === horizonMs && (first === undefined || first.rank > 0)) break; // R14
    for (const [index, rate] of now) {
      const transfer = members[index]!.transfer!;
      transfer.leftBytes = Math.max(0, transfer.leftBytes - rate * (atMs - nowMs));
    }
    nowMs = atMs;
    first?.act();
    admit();
  }

  const last = rates();
  for (const [index, rate] of last) {
    const transfer = members[index]!.transfer!;
    transfer.leftBytes = Math.max(0, transfer.leftBytes - rate * (horizonMs - nowMs));
  }
  nowMs = horizonMs;
  measureVolumes();
  for (const member of members) {
    measure(member);
    if (member.transfer !== null) account(member);
    if (member.ageSinceMs !== null) closeAge(member);
  }

  const byGiven = new Map(members.map((member) => [member.name, member]));
  const vms = workload.vms.map(({ name }): NaiveVmResult => {
    const member = byGiven.get(name)!;
    const { state, world } = member;
    const ages = member.ages.filter(([from, to]) => to > from);
    let pending = 0;
    if (state.cutMs !== null) {
      for (let atMs = state.cutMs + policy.copyFrequencyMs; atMs < horizonMs; atMs += policy.copyFrequencyMs) pending++;
    }
    return {
      name,
      state,
      sentBytes: member.sentBytes,
      minAgeMs: ages.length === 0 ? null : Math.min(...ages.map(([from]) => from)),
      maxAgeMs: ages.length === 0 ? null : Math.max(...ages.map(([, to]) => to)),
      observedMs: ages.reduce((sum, [from, to]) => sum + to - from, 0),
      withinMs: ages.reduce((sum, [from, to]) => sum + Math.max(0, Math.min(to, options.rpoTargetMs) - from), 0),
      missed: state.missed + pending,
      hrlPeakBytes: member.hrlPeakBytes,
      snapshotPeakBytes: Math.max(member.snapshotPeakBytes, naiveSnapshotBytes(state, horizonMs, world)),
    };
  });
  const names = [...volumes.keys()].sort();
  return { vms, volumes: names.map((name) => ({ name, ...volumes.get(name)! })) };
}
