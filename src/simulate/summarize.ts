import { sharedVolumesOf, volumeKey } from '../model/site.ts';
import { TransferKind } from '../replication/columns.ts';
import type { Bytes, Millis } from '../units.ts';
import type { PooledAges } from './age-distribution.ts';
import type { Finished } from './finished.ts';
import { instant, roundedUp } from './instants.ts';
import type {
  FleetRpo,
  FurtherLinkResult,
  HostResult,
  LinkResult,
  RunResult,
  VmResult,
  VolumeResult,
} from './result.ts';
import { allAges, rpoStats } from './rpo-stats.ts';
import { NO_SERIES, summarizeSeries } from './summarize-series.ts';
import { summarizeVm } from './summarize-vm.ts';
import { SITE_LINK } from './topology.ts';
import type { TrafficMeter } from './traffic-meter.ts';

const SURVIVAL_POINTS = 240;

/** The result of a simulation, its VMs in the order of the workload that was given. */
export function summarize(finished: Finished): RunResult {
  const { run, fleet, recorder } = finished;
  const inRank = fleet.workload.vms.map((_, vm) => summarizeVm(finished, vm));
  const vms = fleet.rankOf.map((rank) => inRank[rank]!);
  return {
    schema: 'asr-plan/run@1',
    horizonMs: run.options.horizonMs,
    link: summarizeLink(finished, inRank),
    furtherLinks: summarizeFurtherLinks(finished),
    hosts: summarizeHosts(finished),
    rpo: summarizeRpo(finished),
    vms,
    volumes: summarizeVolumes(finished),
    events: finished.events,
    series: recorder.bucketCount === 0 ? NO_SERIES : summarizeSeries(finished),
    eventCount: finished.eventCount,
  };
}

function summarizeLink({ run, topology, transfers, traffic }: Finished, vms: readonly VmResult[]): LinkResult {
  const { horizonMs } = run.options;
  const sum = (kind: 'initial' | 'delta' | 'resync'): Bytes => vms.reduce((total, vm) => total + vm.sentBytes[kind], 0);
  const sent = { initial: sum('initial'), delta: sum('delta'), resync: sum('resync') };
  return {
    capacityBitsPerSec: run.site.link.capacityBitsPerSec,
    outages: topology.lines[SITE_LINK]!.outages,
    sentBytes: { ...sent, total: sent.initial + sent.delta + sent.resync },
    busyFraction: Math.min(1, transfers.busyMs(SITE_LINK, horizonMs) / horizonMs),
    clippedFraction: Math.min(1, transfers.fullMs(SITE_LINK, horizonMs) / horizonMs),
    p95BitsPerSec: traffic === undefined ? 0 : Math.round(p95BitsPerSec(traffic, horizonMs)),
  };
}

/** The nearest-rank 95th percentile of the buckets' mean rates. */
function p95BitsPerSec(traffic: TrafficMeter, horizonMs: Millis): number {
  const rates = traffic.bytes[TransferKind.initial]!.map((initial, bucket) => {
    const bytes = initial + traffic.bytes[TransferKind.delta]![bucket]! + traffic.bytes[TransferKind.resync]![bucket]!;
    return (bytes * 8000) / (Math.min(horizonMs, (bucket + 1) * traffic.bucketMs) - bucket * traffic.bucketMs);
  }).sort();
  return rates[Math.max(0, Math.ceil(rates.length * 0.95) - 1)]!;
}

function summarizeFurtherLinks({ run, topology, transfers, traffic }: Finished): FurtherLinkResult[] {
  const { horizonMs } = run.options;
  return (run.site.furtherLinks ?? []).map(({ name, capacityBitsPerSec }) => {
    const line = topology.furtherLinkLine(name);
    return {
      name,
      capacityBitsPerSec,
      sentBytes: Math.round(traffic?.lineSentBytes[line] ?? 0),
      busyFraction: Math.min(1, transfers.busyMs(line, horizonMs) / horizonMs),
      clippedFraction: Math.min(1, transfers.fullMs(line, horizonMs) / horizonMs),
      outages: topology.lines[line]!.outages,
    };
  });
}

function summarizeHosts({ run, topology, transfers, traffic, constraints }: Finished): HostResult[] {
  const { horizonMs } = run.options;
  const vmCounts = new Uint32Array(topology.hostNames.length);
  for (const host of topology.hostOf) vmCounts[host]!++;
  const slotWaitMs = new Float64Array(topology.hostNames.length);
  transfers.hostOf.forEach((host, vm) => {
    slotWaitMs[host]! += constraints?.totalOf(vm, 'slots') ?? 0;
  });
  const uplinks = new Map(run.site.hosts.map(({ name, uplinkBitsPerSec }) => [name, uplinkBitsPerSec]));
  return topology.hostNames.map((name, host) => {
    const line = topology.hostLine(host);
    const slots = topology.maxActiveTransfers(host);
    return {
      name,
      vmCount: vmCounts[host]!,
      uplinkBitsPerSec: uplinks.get(name) ?? null,
      maxActiveTransfers: slots === Number.POSITIVE_INFINITY ? null : slots,
      sentBytes: Math.round(traffic?.hostSentBytes[host] ?? 0),
      clippedFraction: line === undefined ? 0 : Math.min(1, transfers.fullMs(line, horizonMs) / horizonMs),
      slotWaitMs: Math.round(slotWaitMs[host]!),
    };
  });
}

function summarizeRpo(finished: Finished): FleetRpo {
  const { recorder, core, run } = finished;
  const { rpoTargetMs } = run.options;
  const all = allAges(finished);
  const steady = recorder.steadyAges.pool(core.vmCount);
  return {
    targetMs: rpoTargetMs,
    ...rpoStats(all, rpoTargetMs),
    steady: rpoStats(steady, rpoTargetMs),
    survival: survival(all),
    steadySurvival: survival(steady),
  };
}

function survival(ages: PooledAges): { ageMs: Millis; above: number }[] {
  return ages.survival(SURVIVAL_POINTS).map(({ ageMs, above }) => ({ ageMs: roundedUp(ageMs), above }));
}

function summarizeVolumes({ run, fleet, recorder, shortages }: Finished): VolumeResult[] {
  const { site } = run;
  const shared = sharedVolumesOf(site);
  const known = new Map(site.volumes.map((volume) => [volumeKey(volume.host ?? '', volume.name, shared), volume]));
  const sizes = fleet.workload.vms.flatMap((vm) => vm.disks.map((disk) => disk.sizeBytes));
  return recorder.volumes.map((volume, v) => ({
    name: volume.name,
    diskCount: volume.disks.length,
    provisionedBytes: volume.disks.reduce((sum, disk) => sum + sizes[disk]!, 0),
    hrlPeakBytes: volume.hrlPeakBytes,
    snapshotPeakBytes: volume.snapshotPeakBytes,
    growthBytes: volume.growthPeakBytes,
    extraPeakBytes: volume.extraPeakBytes,
    peakAtMs: roundedUp(volume.peakAtMs),
    lowAtMs: instant(shortages[v]?.lowAtMs ?? -1),
    fullAtMs: instant(shortages[v]?.fullAtMs ?? -1),
    capacityBytes: known.get(volume.name)?.capacityBytes ?? null,
    freeBytes: known.get(volume.name)?.freeBytes ?? null,
  }));
}
