import { mergeOutages } from '../model/outages.ts';
import { type Run, withBandwidth } from '../model/run.ts';
import type { Throttle, WeeklySchedule } from '../model/schedule.ts';
import type { Host, Outage, Site } from '../model/site.ts';
import type { Vm } from '../model/workload.ts';
import { type BitsPerSec, formatBitsPerSec, formatDurationMs, type Millis } from '../units.ts';

/** What a reader of the report changes about the run; what is absent stays as it was planned. Plain data. */
export interface WhatIf {
  /** Of the site's link. */
  readonly bandwidthBitsPerSec?: BitsPerSec;
  /** Of every VM that has no interval of its own. */
  readonly copyFrequencyMs?: Millis;
  /** Wire bytes per log byte of every VM that has none of its own. */
  readonly compressionRatio?: number;
  readonly growthRatio?: number;
  /** Parallel uploads of one VM, on every host. */
  readonly uploadThreadsPerVm?: number;
  readonly throttle?: WhatIfThrottle;
  /** One more outage of the site's link. */
  readonly outage?: Outage;
  /** Disks that are left out. */
  readonly excluded?: readonly DiskName[];
}

/** Every throttle lifted, or the agents' on every host: so much on workdays from 8:00 to 18:00, and all otherwise. */
export type WhatIfThrottle =
  | { readonly kind: 'lifted' }
  | { readonly kind: 'workHours'; readonly bitsPerSec: BitsPerSec };

export interface DiskName {
  readonly vm: string;
  readonly disk: string;
}

/** Monday to Friday. */
const WORKDAYS = [0, 1, 2, 3, 4];
const WORK_START_MINUTE = 8 * 60;
const WORK_END_MINUTE = 18 * 60;

/** The run with what is changed; the same objects where nothing is, so that an empty what-if is the run itself. */
export function changedRun(run: Run, whatIf: WhatIf): Run {
  const { bandwidthBitsPerSec, copyFrequencyMs, compressionRatio, growthRatio, outage, throttle, excluded } = whatIf;
  const { uploadThreadsPerVm } = whatIf;
  let changed = run;
  if (excluded !== undefined && excluded.length > 0) {
    changed = withVms(changed, without(run.workload.vms, excluded));
  }
  if (bandwidthBitsPerSec !== undefined) changed = withBandwidth(changed, bandwidthBitsPerSec);
  if (growthRatio !== undefined) changed = { ...changed, options: { ...changed.options, growthRatio } };
  const settings = {
    ...(copyFrequencyMs === undefined ? {} : { copyFrequencyMs }),
    ...(compressionRatio === undefined ? {} : { compressionRatio }),
  };
  if (Object.keys(settings).length > 0) changed = { ...changed, policy: { ...changed.policy, ...settings } };
  if (throttle !== undefined) changed = { ...changed, site: throttled(changed, throttle) };
  if (uploadThreadsPerVm !== undefined) changed = withUploadThreads(changed, uploadThreadsPerVm);
  if (outage !== undefined && outage.endMs > outage.startMs) {
    const { link } = changed.site;
    const outages = mergeOutages([...link.outages, outage]);
    changed = { ...changed, site: { ...changed.site, link: { ...link, outages } } };
  }
  return changed;
}

/** Whether nothing is changed. */
export function isUnchanged(whatIf: WhatIf): boolean {
  return Object.entries(whatIf).every(
    ([, value]) => value === undefined || (Array.isArray(value) && value.length === 0),
  );
}

/** A VM that has lost all its disks has nothing to protect, and goes. */
function without(vms: readonly Vm[], excluded: readonly DiskName[]): Vm[] {
  const out = new Set(excluded.map(({ vm, disk }) => JSON.stringify([vm, disk])));
  return vms
    .map((vm) => ({ ...vm, disks: vm.disks.filter((disk) => !out.has(JSON.stringify([vm.name, disk.name]))) }))
    .filter((vm) => vm.disks.length > 0);
}

/**
 * The run with some of its VMs. Settings, events and plans of those that are gone go with them: the simulation looks every name up.
 */
export function withVms(run: Run, vms: readonly Vm[]): Run {
  const workload = { ...run.workload, vms };
  const names = new Set(vms.map((vm) => vm.name));
  if (names.size === run.workload.vms.length) return { ...run, workload };
  const overrides = run.policy.overrides.filter((own) => names.has(own.vm));
  const events = run.events.filter(
    (event) => !('target' in event) || event.target.scope !== 'vm' || names.has(event.target.name),
  );
  const site: Site = {
    ...run.site,
    ...(run.site.vms === undefined ? {} : { vms: run.site.vms.filter((own) => names.has(own.vm)) }),
    clouds: run.site.clouds.map((cloud) =>
      cloud.vms === undefined ? cloud : { ...cloud, vms: cloud.vms.filter((vm) => names.has(vm)) },
    ),
    recoveryPlans: run.site.recoveryPlans.map((plan) => ({
      ...plan,
      groups: plan.groups.map((group) => ({ ...group, vms: group.vms.filter((vm) => names.has(vm)) })),
    })),
  };
  return { ...run, workload, site, events, policy: { ...run.policy, overrides } };
}

function throttled({ site, workload }: Run, throttle: WhatIfThrottle): Site {
  const bare = ({ throttle: _, ...host }: Host): Host => host;
  if (throttle.kind === 'lifted') {
    const { throttle: _, ...link } = site.link;
    const furtherLinks = (site.furtherLinks ?? []).map(({ throttle: _own, ...further }) => further);
    return { ...site, hosts: site.hosts.map(bare), link, ...(site.furtherLinks === undefined ? {} : { furtherLinks }) };
  }
  const schedule: WeeklySchedule<Throttle> = {
    windows: [
      {
        ...{ days: WORKDAYS, startMinute: WORK_START_MINUTE, endMinute: WORK_END_MINUTE },
        value: { kind: 'rate', bitsPerSec: throttle.bitsPerSec },
      },
    ],
    otherwise: { kind: 'none' },
  };
  const listed = new Set(site.hosts.map(({ name }) => name));
  const others = [...new Set(workload.vms.map(({ host }) => host))].filter((name) => !listed.has(name));
  const hosts = [...site.hosts.map(bare), ...others.map((name) => ({ name }))];
  return { ...site, hosts: hosts.map((host) => ({ ...host, throttle: schedule })) };
}

function withUploadThreads(run: Run, uploadThreadsPerVm: number): Run {
  const hosts = run.site.hosts.map(({ uploadThreadsPerVm: _, ...host }) => host);
  const rules = { ...run.policy.rules, uploadThreadsPerVm };
  return { ...run, site: { ...run.site, hosts }, policy: { ...run.policy, rules } };
}

/** What is changed, a phrase each, for a banner and for the printed page. */
export function whatIfWords(whatIf: WhatIf, formatInstant: (atMs: Millis) => string): string[] {
  const { bandwidthBitsPerSec, copyFrequencyMs, compressionRatio, growthRatio, outage, throttle, excluded } = whatIf;
  const words: string[] = [];
  if (bandwidthBitsPerSec !== undefined) words.push(`link of ${formatBitsPerSec(bandwidthBitsPerSec)}`);
  if (copyFrequencyMs !== undefined) words.push(`a copy every ${formatDurationMs(copyFrequencyMs)}`);
  if (compressionRatio !== undefined) words.push(`compression to ${percentText(compressionRatio)} %`);
  if (growthRatio !== undefined) words.push(`churn grown by ${percentText(growthRatio)} %`);
  if (whatIf.uploadThreadsPerVm !== undefined) words.push(`${whatIf.uploadThreadsPerVm} upload threads`);
  if (throttle?.kind === 'lifted') words.push('no throttle');
  if (throttle?.kind === 'workHours') {
    words.push(`hosts throttled to ${formatBitsPerSec(throttle.bitsPerSec)} on workdays from 8:00 to 18:00`);
  }
  if (outage !== undefined && outage.endMs > outage.startMs) {
    words.push(`link down on ${formatInstant(outage.startMs)} for ${formatDurationMs(outage.endMs - outage.startMs)}`);
  }
  if (excluded !== undefined && excluded.length > 0) {
    words.push(`without ${excluded.length === 1 ? 'one disk' : `${excluded.length} disks`}`);
  }
  return words;
}

/**
 * The options of `asr-plan analyze` that make the same change; what has no option of its own is left out. The bandwidth is always named:
 * without it another one would be searched for.
 */
export function whatIfOptions(
  whatIf: WhatIf,
  plannedBitsPerSec: BitsPerSec,
): { readonly option: string; readonly value: string }[] {
  const { copyFrequencyMs, compressionRatio, growthRatio, outage } = whatIf;
  const bandwidth = whatIf.bandwidthBitsPerSec ?? plannedBitsPerSec;
  const options = [{ option: '--bandwidth', value: `${bandwidth}bps` }];
  const add = (option: string, value: string): void => void options.push({ option, value });
  if (copyFrequencyMs !== undefined) add('--copy-frequency', `${copyFrequencyMs / 1000}s`);
  if (compressionRatio !== undefined) add('--compression', String(compressionRatio));
  if (growthRatio !== undefined) add('--growth-factor', `${percentText(growthRatio)}%`);
  if (whatIf.uploadThreadsPerVm !== undefined) add('--upload-threads', String(whatIf.uploadThreadsPerVm));
  if (outage !== undefined && outage.endMs > outage.startMs) {
    add('--fault', `link down at ${outage.startMs / 1000}s for ${(outage.endMs - outage.startMs) / 1000}s`);
  }
  return options;
}

/** As it was set: 29, not 28.99. */
function percentText(ratio: number): string {
  return String(Math.round(ratio * 1e4) / 100);
}
