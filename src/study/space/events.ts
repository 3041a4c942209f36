import type { SiteEvent, Target } from '../../model/event.ts';
import { isLike } from '../../model/name-pattern.ts';
import { mergeOutages } from '../../model/outages.ts';
import type { Run } from '../../model/run.ts';
import { sharedVolumesOf, volumeKey } from '../../model/site.ts';
import { HOUR_MS, type Millis } from '../../units.ts';
import type { Subject } from './space.ts';
import { burstChurn, withChurn } from './vary-churn.ts';

/** What happens in a scenario for some time. */
export const EVENT_KEYS = ['outage', 'slow', 'down', 'drain', 'storm', 'taken', 'burst'] as const;
export type EventKey = (typeof EVENT_KEYS)[number];
/** When it begins, how long it lasts, and how much of it there is. */
export type EventPart = 'start' | 'length' | 'amount';

export const SUBJECTS = ['vms', 'hosts', 'volumes', 'links'] as const;
export type SubjectScope = (typeof SUBJECTS)[number];

/** One event of a scenario, of whom and with what was said of it. */
export interface ScenarioEvent {
  readonly event: EventKey;
  readonly subject?: Subject;
  readonly parts: Partial<Readonly<Record<EventPart, number>>>;
}

/** How long it lasts where nothing is said: nothing that is not asked for happens. */
const DEFAULT_LENGTH_MS: Readonly<Record<EventKey, Millis>> = {
  outage: 0,
  slow: 8 * HOUR_MS,
  down: 0,
  drain: 0,
  storm: 0,
  taken: 24 * HOUR_MS,
  burst: 4 * HOUR_MS,
};
const DEFAULT_SLOW_SHARE = 0.5;
const DEFAULT_BURST_FACTOR = 3;

/** In the middle of the run, at the full hour [chosen]: before and after it there is time to see what changes. */
export function defaultStartMs({ options }: Pick<Run, 'options'>): Millis {
  return Math.floor(options.horizonMs / 2 / HOUR_MS) * HOUR_MS;
}

/** The run with the event; the same run where it has no length or begins after the end. */
export function withEvent(run: Run, { event, subject, parts }: ScenarioEvent): Run {
  const { horizonMs } = run.options;
  const atMs = parts.start ?? defaultStartMs(run);
  const untilMs = Math.min(horizonMs, atMs + (parts.length ?? DEFAULT_LENGTH_MS[event]));
  if (untilMs <= atMs) return run;
  switch (event) {
    case 'outage':
      return withOutage(run, subject, atMs, untilMs);
    case 'slow': {
      const link =
        subject === undefined ? run.site.link : run.site.furtherLinks?.find(({ name }) => name === subject.name);
      const share = parts.amount ?? DEFAULT_SLOW_SHARE;
      if (link === undefined || share >= 1) return run;
      const capacityBitsPerSec = Math.max(1, Math.round(link.capacityBitsPerSec * share));
      return withSiteEvent(run, {
        kind: 'linkSlow',
        atMs,
        untilMs,
        capacityBitsPerSec,
        ...(subject === undefined ? {} : { link: subject.name }),
      });
    }
    case 'down':
      return withSiteEvent(run, { kind: 'hostDown', host: subject!.name, atMs, untilMs });
    case 'drain': {
      const to = hostBeside(run, subject!.name);
      return to === undefined
        ? run
        : withSiteEvent(run, { kind: 'hostDrained', host: subject!.name, to, atMs, untilMs });
    }
    case 'storm':
      return targetsOf(run, subject).reduce(
        (changed, target) =>
          withSiteEvent(changed, { kind: 'recoverable', cause: 'networkError', target, atMs, untilMs }),
        run,
      );
    case 'taken': {
      const volume = volumeOf(run, subject!.name);
      if (volume === undefined || parts.amount === 0) return run;
      return withSiteEvent(run, {
        kind: 'volumeTaken',
        ...volume,
        ...(parts.amount === undefined ? {} : { bytes: parts.amount }),
        atMs,
        untilMs,
      });
    }
    case 'burst': {
      const factor = parts.amount ?? DEFAULT_BURST_FACTOR;
      if (factor === 1) return run;
      const vms = run.workload.vms.map((vm) =>
        isOf(subject, vm) ? withChurn(vm, (churn) => burstChurn(churn, atMs, untilMs, factor, horizonMs)) : vm,
      );
      return { ...run, workload: { ...run.workload, vms } };
    }
    default:
      return event satisfies never;
  }
}

function withSiteEvent(run: Run, event: SiteEvent): Run {
  return { ...run, events: [...run.events, event] };
}

function withOutage(run: Run, subject: Subject | undefined, startMs: Millis, endMs: Millis): Run {
  const { site } = run;
  if (subject === undefined) {
    const outages = mergeOutages([...site.link.outages, { startMs, endMs }]);
    return { ...run, site: { ...site, link: { ...site.link, outages } } };
  }
  const furtherLinks = (site.furtherLinks ?? []).map((link) =>
    link.name === subject.name ? { ...link, outages: mergeOutages([...link.outages, { startMs, endMs }]) } : link,
  );
  return { ...run, site: { ...site, furtherLinks } };
}

/** The host to which a drained one's VMs go: the one with the fewest VMs, the first by name of several. */
export function hostBeside({ workload, site }: Run, host: string): string | undefined {
  const counts = new Map<string, number>();
  for (const { name } of site.hosts) counts.set(name, 0);
  for (const vm of workload.vms) counts.set(vm.host, (counts.get(vm.host) ?? 0) + 1);
  counts.delete(host);
  return [...counts].toSorted(([a, one], [b, other]) => one - other || (a < b ? -1 : 1))[0]?.[0];
}

function targetsOf(run: Run, subject: Subject | undefined): Target[] {
  if (subject === undefined) return [{ scope: 'all' }];
  if (subject.scope === 'hosts') return [{ scope: 'host', name: subject.name }];
  return run.workload.vms.filter((vm) => isOf(subject, vm)).map(({ name }) => ({ scope: 'vm', name }));
}

function isOf(subject: Subject | undefined, vm: { readonly name: string; readonly host: string }): boolean {
  if (subject === undefined) return true;
  return subject.scope === 'hosts' ? vm.host === subject.name : isLike(vm.name, subject.name);
}

/** A volume by the name that results call it by: with its host where it is local. */
export function volumeOf({ workload, site }: Run, key: string): { volume: string; host?: string } | undefined {
  const shared = sharedVolumesOf(site);
  for (const { host, disks } of workload.vms) {
    for (const { volume } of disks) {
      const own = volumeKey(host, volume, shared);
      if (own === key) return own === volume ? { volume } : { volume, host };
    }
  }
  return undefined;
}

/** Names of all volumes, as results call them. */
export function volumeNames({ workload, site }: Run): string[] {
  const shared = sharedVolumesOf(site);
  return [
    ...new Set(workload.vms.flatMap(({ host, disks }) => disks.map(({ volume }) => volumeKey(host, volume, shared)))),
  ];
}
