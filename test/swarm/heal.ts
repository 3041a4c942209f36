/**
 * The time to heal: after the last fault, with administrators who repair what only they can repair, every VM must be back in
 * delta replication within a bound that is computed from the run's own data.
 */
import type { ActionKey, SiteEvent, Target } from '../../src/model/event.ts';
import { type Policy, settingsOf } from '../../src/model/policy.ts';
import { SCENARIOS } from '../../src/model/scenario.ts';
import type { Site } from '../../src/model/site.ts';
import type { Disk, Vm } from '../../src/model/workload.ts';
import { type Bytes, DAY_MS, HOUR_MS, MINUTE_MS, type Millis } from '../../src/units.ts';
import { highestBytesPerMs } from './draw/draw-fleet.ts';
import type { Random } from './draw/random.ts';

/** What the fleet needs of the link, from the data of the run alone. Payload: before the link's overhead. */
export interface Demand {
  /** Payload of all deltas at their highest rates, metadata and empty logs included. */
  readonly loadBytesPerMs: number;
  /** Payload of one full copy of every disk, or of a resynchronization in which every chunk differs, checksums included. */
  readonly copyBytes: Bytes;
  /** The disk whose logs reach half its size first, at its highest churn, when nothing is sent. */
  readonly halfMs: Millis;
}

export function demandOf(vms: readonly Vm[], policy: Policy, growthRatio: number): Demand {
  const settings = settingsOf(
    policy,
    vms.map(({ name }) => name),
  );
  const { rules } = policy;
  let loadBytesPerMs = 0;
  let copyBytes = 0;
  let halfMs = Number.POSITIVE_INFINITY;
  vms.forEach((vm, v) => {
    for (const disk of vm.disks) {
      const logBytesPerMs = logRate(disk, growthRatio, rules);
      loadBytesPerMs += logBytesPerMs + (rules.logEmptyBytes + rules.logBlockBytes) / settings[v]!.copyFrequencyMs;
      copyBytes += (disk.sizeBytes + rules.chunkBytes) * (1 + rules.checksumBytes / rules.chunkBytes);
      // A log in flight and an open one are two headers, and two blocks of metadata that are not full.
      const roomBytes = disk.sizeBytes * rules.resyncLogRatio - 2 * (rules.logEmptyBytes + rules.logBlockBytes);
      if (logBytesPerMs > 0) halfMs = Math.min(halfMs, roomBytes / logBytesPerMs);
    }
  });
  return { loadBytesPerMs, copyBytes, halfMs };
}

function logRate(disk: Disk, growthRatio: number, rules: Policy['rules']): number {
  const metadataRatio = rules.logBlockBytes / (rules.logBlockEntries * disk.meanWriteBytes);
  return highestBytesPerMs(disk.churn) * (1 + growthRatio) * (1 + metadataRatio);
}

/** The rate at which full copies get through beside the deltas, over the narrowest part of the way. */
export function copyBytesPerMs(site: Site, demand: Demand): number {
  const narrowest = Math.min(site.link.capacityBitsPerSec, ...site.hosts.map((host) => host.uplinkBitsPerSec ?? 1e18));
  return (narrowest / 8000) * site.link.efficiencyRatio - demand.loadBytesPerMs;
}

/** Reading of all VMs one after another, as one slot of one host would have it. */
export function readingMs(vms: readonly Vm[], policy: Policy): Millis {
  const largest = vms.map((vm) => Math.max(...vm.disks.map((disk) => disk.sizeBytes)));
  return (sum(largest) * 1000) / policy.rules.compareBytesPerSec;
}

export function mergingMs(vms: readonly Vm[], policy: Policy): Millis {
  const ofVms = vms.map((vm) => sum(vm.disks.map((disk) => disk.sizeBytes)));
  return (Math.max(...ofVms) * 1000) / policy.rules.mergeBytesPerSec;
}

/**
 * A bound on the time from the last fault to delta replication of every VM. It is one because, once nothing fails any more,
 *
 * - an attempt comes after the ladder's longest gap at the latest, and a look at a volume that was full after half an hour;
 * - a copy, a resynchronization and what has piled up in the logs are sent at `copyBytesPerMs` at least: max-min fairness
 *   leaves no capacity idle while somebody waits for it, deltas take their load of it at most, and slots only put the same
 *   bytes one after another (as they put the reading: hence the sum over all VMs);
 * - the logs do not reach half a disk between the start of a copy or resynchronization and its end, since the run was drawn so
 *   (`draw-run.ts`): nothing that STARTS after the last fault is marked. What was under way may be, once: it waits for
 *   the window once and starts anew. So there are at most a full copy, a resynchronization and one piled-up log of each VM;
 * - whoever needs two waves of repair (a failback that ends, then commit and reverse replication) waits for two.
 */
export function healingBoundMs(vms: readonly Vm[], policy: Policy, site: Site, demand: Demand): Millis {
  const settings = settingsOf(
    policy,
    vms.map(({ name }) => name),
  );
  const { rules, resyncWindow } = policy;
  const openMinutes = (((resyncWindow.endMinute - resyncWindow.startMinute) % 1440) + 1440) % 1440 || 1440;
  const exportMs =
    Math.max(...vms.map((vm) => sum(vm.disks.map((disk) => disk.usedBytes)))) / (rules.exportBytesPerSec / 1000);
  const usesMedia = settings.some((own) => own.initialReplication.mode === 'media');
  return Math.ceil(
    Math.max(...rules.retryLadderMs) +
      LOOK_AT_FULL_MS +
      2 * WAVE_MS +
      rules.enableMs +
      2 * rules.finalizeMs +
      (usesMedia ? exportMs + Math.max(...settings.map((own) => own.initialReplication.shippingMs)) : 0) +
      mergingMs(vms, policy) +
      // An hour more, since a change of summer time can make a day longer.
      (openMinutes === 1440 ? 0 : DAY_MS - openMinutes * MINUTE_MS + HOUR_MS) +
      (3 * demand.copyBytes) / copyBytesPerMs(site, demand) +
      2 * readingMs(vms, policy) +
      2 * Math.max(...settings.map((own) => own.copyFrequencyMs)),
  );
}

const LOOK_AT_FULL_MS = 31 * MINUTE_MS;

/** Administrators look after the VMs once an hour. */
const WAVE_MS: Millis = HOUR_MS;

const EVERYONE: Target = { scope: 'all' };

/**
 * What administrators do to every VM, whatever it is in: an action that its phase refuses changes nothing, which is what the
 * order of the actions relies on.
 */
export function repairs(random: Random, policy: Policy, healAtMs: Millis, untilMs: Millis): SiteEvent[] {
  const toAzure = SCENARIOS[policy.scenario].target === 'azure';
  const reverse: ActionKey = random.chance(0.3) ? 'reverseReplicateInFull' : 'reverseReplicate';
  const first = random.pick(toAzure ? FIRST_REPAIRS_IN_AZURE : firstRepairsBetweenSites(reverse));
  const repairsOf = (actions: readonly ActionKey[], atMs: Millis): SiteEvent[] =>
    actions.map((action) => ({ kind: 'action', action, target: EVERYONE, atMs }));
  const events = repairsOf(first, healAtMs);
  // What follows touches no healthy VM: each of these actions is refused while a VM replicates.
  for (let atMs = healAtMs + WAVE_MS; atMs < untilMs; atMs += WAVE_MS) {
    events.push(...repairsOf(['commit', reverse, 'fix', 'resume', 'enable'], atMs));
  }
  return events;
}

function firstRepairsBetweenSites(reverse: ActionKey): ActionKey[][] {
  return [
    ['cleanUpTestFailover', 'cancelFailover', 'fix', 'resume', reverse, 'enable'],
    ['cleanUpTestFailover', 'commit', reverse, 'fix', 'resume', 'enable'],
    ['disable', 'enable'],
  ];
}

/**
 * From Azure the way back is a planned failover of the VMs that are committed there. Replicating VMs must not follow: they are
 * paused meanwhile, and the others refuse it.
 */
const FAIL_BACK: readonly ActionKey[] = ['fix', 'pause', 'plannedFailover', 'resume', 'enable'];
const FIRST_REPAIRS_IN_AZURE: readonly (readonly ActionKey[])[] = [
  ['cleanUpTestFailover', 'cancelFailover', ...FAIL_BACK],
  ['cleanUpTestFailover', 'commit', 'cancelFailover', ...FAIL_BACK],
  ['disable', 'enable'],
];

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
