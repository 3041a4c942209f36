import { settingsOf } from '../../model/policy.ts';
import type { Run } from '../../model/run.ts';
import { sharedVolumesOf, volumeKey } from '../../model/site.ts';
import type { Disk, Vm } from '../../model/workload.ts';
import { entryRunBytes, leastDataBytes } from '../../replication/log-size.ts';
import { ChurnIntegral } from '../../simulate/churn-integral.ts';
import { type Line, SITE_LINK, Topology } from '../../simulate/topology.ts';
import { type Bytes, DAY_MS, HOUR_MS, type Millis } from '../../units.ts';
import { addProfile, emptyProfile, WEEK_HOURS, type WeekProfile } from './week-profile.ts';

/** Further ahead no batch is looked for. [chosen] */
export const LOOK_AHEAD_MS: Millis = 60 * DAY_MS;
const LOOK_AHEAD_HOURS = LOOK_AHEAD_MS / HOUR_MS;

/** A line that never limits still needs a number: 8 Tbit/s. */
const BYTES_PER_MS_MOST = 1e9;

/** A VM as batches look at it. */
export interface BatchCandidate {
  readonly vm: Vm;
  /** Its place in the workload. */
  readonly index: number;
  readonly disks: readonly CandidateDisk[];
  /** The first copy over the network; 0 for one that travels on media or lies there. */
  readonly wireBytes: Bytes;
  readonly usedBytes: Bytes;
  /** Bytes of logs on the wire. */
  readonly deltas: WeekProfile;
  /** Lines on its way, the volumes' reading included, and what the first copy takes of each. */
  readonly ways: readonly { readonly line: number; readonly bytes: Bytes; readonly carriesDeltas: boolean }[];
  readonly capBytesPerMs: number;
  /** What the first copy takes, however wide the link is: an export and its shipping, or comparing what is there. */
  readonly leastMs: Millis;
  readonly copyMs: Millis;
  readonly host: number;
  readonly slots: number;
}

export interface CandidateDisk {
  readonly disk: Disk;
  /** Its number in the workload. */
  readonly number: number;
  readonly volume: number;
  readonly written: WeekProfile;
  readonly runBytes: Bytes;
  /** Written bytes at which its log marks the VM. */
  readonly markBytes: Bytes;
  readonly mergeBytesPerMs: number;
}

export interface BatchVolumeModel {
  readonly name: string;
  readonly freeBytes: Bytes | undefined;
  /** Free, less the reserve; Infinity where unknown. */
  readonly roomBytes: Bytes;
  /** Written to all its disks, times the share by which their files grow. */
  readonly growth: WeekProfile;
}

/** What the greedy rule works on; everything of it comes from the run. */
export interface FleetModel {
  readonly run: Run;
  readonly candidates: readonly BatchCandidate[];
  readonly volumes: readonly BatchVolumeModel[];
  readonly lines: readonly LineModel[];
  readonly churn: ChurnIntegral;
}

/** What a line has carried from the start of the run to each full hour. */
export interface LineModel {
  readonly name: string;
  readonly carriedBytes: Float64Array;
}

/** VMs that a policy marks as lacking a prerequisite are in no batch. */
export function fleetModel(run: Run): FleetModel {
  const { workload, policy, site, options } = run;
  const { vms } = workload;
  const longRun: Run = { ...run, options: { ...options, horizonMs: LOOK_AHEAD_MS } };
  const topology = new Topology(longRun, vms);
  const volumes = volumesOf(run);
  const numberOf = new Map(volumes.map(({ name }, index) => [name, index]));
  const shared = sharedVolumesOf(run.site);
  const churn = new ChurnIntegral(
    vms.flatMap((vm) => vm.disks.map((disk) => disk.churn)),
    options.growthRatio,
  );
  const settings = settingsOf(
    policy,
    vms.map(({ name }) => name),
  );
  const missing = new Set(policy.overrides.flatMap((own) => (own.missingPrerequisite === undefined ? [] : [own.vm])));
  const merges = topology.mergeBytesPerSec(vms);
  const { rules } = policy;
  const candidates: BatchCandidate[] = [];
  let number = 0;
  vms.forEach((vm, index) => {
    const own = settings[index]!;
    const perByte = own.compressionRatio / site.link.efficiencyRatio;
    const deltas = emptyProfile();
    const disks = vm.disks.map((disk): CandidateDisk => {
      const place = number++;
      const written = weekOf(churn, place);
      const volume = numberOf.get(volumeKey(vm.host, disk.volume, shared))!;
      const runBytes = entryRunBytes(disk.meanWriteBytes, rules);
      addProfile(deltas, written, perByte * (1 + rules.logBlockBytes / runBytes));
      addProfile(volumes[volume]!.growth, written, rules.vhdxGrowthRatio);
      return {
        ...{ disk, number: place, volume, written, runBytes },
        markBytes: leastDataBytes(Math.ceil(disk.sizeBytes * rules.resyncLogRatio), runBytes, rules),
        mergeBytesPerMs: (merges[place] ?? rules.mergeBytesPerSec) / 1000,
      };
    });
    if (missing.has(vm.name)) return;
    const { mode, shippingMs } = own.initialReplication;
    const usedBytes = vm.disks.reduce((sum, disk) => sum + disk.usedBytes, 0);
    const isSent = mode === 'network';
    const wireBytes = isSent ? Math.ceil(usedBytes * perByte) : 0;
    const host = topology.hostOf[index]!;
    candidates.push({
      ...{ vm, index, disks, wireBytes, usedBytes, deltas, host },
      ways: [
        ...topology.waysOut(index, host).map(({ line }) => ({ line, bytes: wireBytes, carriesDeltas: true })),
        ...(isSent ? readsOf(vm, topology) : []),
      ],
      capBytesPerMs: topology.capBytesPerMs(index, host),
      leastMs: leastMsOf(vm, mode, shippingMs, rules),
      copyMs: own.copyFrequencyMs,
      slots: topology.maxActiveTransfers(host),
    });
  });
  return { run, candidates, volumes, lines: topology.lines.map(lineModel), churn };
}

export { SITE_LINK };

function weekOf(churn: ChurnIntegral, disk: number): WeekProfile {
  const profile = emptyProfile();
  for (let hour = 1; hour <= WEEK_HOURS; hour++) profile[hour] = churn.writtenBytes(disk, hour * HOUR_MS);
  return profile;
}

/** By name, as the simulation has them. */
function volumesOf(run: Run): BatchVolumeModel[] {
  const { site, workload, policy } = run;
  const shared = sharedVolumesOf(run.site);
  const known = new Map(site.volumes.map((volume) => [volumeKey(volume.host ?? '', volume.name, shared), volume]));
  const names = new Set(workload.vms.flatMap(({ host, disks }) => disks.map((d) => volumeKey(host, d.volume, shared))));
  return [...names].sort().map((name) => {
    const { freeBytes, capacityBytes = 0 } = known.get(name) ?? {};
    const roomBytes =
      freeBytes === undefined
        ? Number.POSITIVE_INFINITY
        : Math.max(0, freeBytes - capacityBytes * policy.rules.volumeReserveRatio);
    return { name, freeBytes, roomBytes, growth: emptyProfile() };
  });
}

/** Of volumes whose read throughput is known. */
function readsOf({ host, disks }: Vm, topology: Topology): BatchCandidate['ways'] {
  const bytesOf = new Map<number, Bytes>();
  for (const { volume, usedBytes } of disks) {
    const line = topology.readLine(host, volume);
    if (line !== undefined) bytesOf.set(line, (bytesOf.get(line) ?? 0) + usedBytes);
  }
  return [...bytesOf].map(([line, bytes]) => ({ line, bytes, carriesDeltas: false }));
}

function leastMsOf(
  { disks }: Vm,
  mode: string,
  shippingMs: Millis,
  { exportBytesPerSec, compareBytesPerSec, enableMs, finalizeMs }: Run['policy']['rules'],
): Millis {
  const jobsMs = enableMs + finalizeMs;
  const usedBytes = disks.reduce((sum, disk) => sum + disk.usedBytes, 0);
  if (mode === 'media') return jobsMs + shippingMs + (usedBytes * 1000) / exportBytesPerSec;
  if (mode === 'existing') {
    const largestBytes = disks.reduce((most, disk) => Math.max(most, disk.sizeBytes), 0);
    return jobsMs + (largestBytes * 1000) / compareBytesPerSec;
  }
  return jobsMs;
}

/** Outages carry nothing. */
function lineModel({ name, capacity, outages }: Line): LineModel {
  const carriedBytes = new Float64Array(LOOK_AHEAD_HOURS + 1);
  const add = (fromMs: Millis, untilMs: Millis, bytesPerMs: number): void => {
    for (let hour = Math.floor(fromMs / HOUR_MS); hour * HOUR_MS < untilMs && hour < LOOK_AHEAD_HOURS; hour++) {
      const start = Math.max(fromMs, hour * HOUR_MS);
      const end = Math.min(untilMs, (hour + 1) * HOUR_MS);
      carriedBytes[hour + 1]! += (end - start) * bytesPerMs;
    }
  };
  const rates = capacity.map(({ atMs, bytesPerMs }, index) => ({
    atMs,
    untilMs: capacity[index + 1]?.atMs ?? LOOK_AHEAD_MS,
    bytesPerMs: Math.min(BYTES_PER_MS_MOST, bytesPerMs),
  }));
  let first = 0;
  for (const { atMs, untilMs, bytesPerMs } of rates) {
    let fromMs = atMs;
    while (first < outages.length && outages[first]!.endMs <= fromMs) first++;
    for (let o = first; o < outages.length && outages[o]!.startMs < untilMs; o++) {
      const { startMs, endMs } = outages[o]!;
      if (startMs > fromMs) add(fromMs, startMs, bytesPerMs);
      fromMs = Math.max(fromMs, endMs);
    }
    if (fromMs < untilMs) add(fromMs, untilMs, bytesPerMs);
  }
  for (let hour = 1; hour <= LOOK_AHEAD_HOURS; hour++) carriedBytes[hour]! += carriedBytes[hour - 1]!;
  return { name, carriedBytes };
}
