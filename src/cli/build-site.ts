import type { SiteFile } from '../ingest/site.ts';
import { mergeOutages } from '../model/outages.ts';
import { DEFAULT_LINK_EFFICIENCY_RATIO } from '../model/policy.ts';
import type { Host, Site } from '../model/site.ts';
import type { Workload } from '../model/workload.ts';
import type { Protection } from './analyze.ts';
import type { Settings } from './flags.ts';
import type { Happenings } from './happenings.ts';

export interface SiteSources {
  readonly workload: Workload;
  readonly settings: Settings;
  readonly siteFile: SiteFile | undefined;
  readonly happenings: Happenings;
  readonly protection: Protection;
}

/** A flag is nearer than the site file, and the site file nearer than a default. A bandwidth of 0 = none was given. */
export function buildSite({ workload, settings, siteFile, happenings, protection }: SiteSources): Site {
  const { throttle, replicaWriteBytesPerSec, ...traits } = settings.network;
  const replicaStorage =
    replicaWriteBytesPerSec === undefined ? siteFile?.replicaStorage : { writeBytesPerSec: replicaWriteBytesPerSec };
  return {
    hosts: throttle === undefined ? (siteFile?.hosts ?? []) : throttled(siteFile?.hosts ?? [], workload, throttle),
    volumes: siteFile?.volumes ?? [],
    link: {
      ...siteFile?.link,
      ...traits,
      ...(happenings.background === undefined ? {} : { background: happenings.background }),
      capacityBitsPerSec: settings.bandwidthBitsPerSec ?? siteFile?.link.capacityBitsPerSec ?? 0,
      efficiencyRatio: settings.linkEfficiencyRatio ?? siteFile?.link.efficiencyRatio ?? DEFAULT_LINK_EFFICIENCY_RATIO,
      outages: mergeOutages([...(siteFile?.link.outages ?? []), ...(happenings.outages.get('') ?? [])]),
    },
    furtherLinks: (siteFile?.furtherLinks ?? []).map((link) => ({
      ...link,
      outages: mergeOutages([...link.outages, ...(happenings.outages.get(link.name) ?? [])]),
    })),
    vms: protection.network,
    ...(replicaStorage === undefined ? {} : { replicaStorage }),
    vaults: siteFile?.vaults ?? [],
    clouds: protection.clouds,
    recoveryPlans: siteFile?.recoveryPlans ?? [],
  };
}

/** The agents' setting is each host's own (facts 8): it holds on every host that has no other. */
function throttled(listed: readonly Host[], workload: Workload, throttle: NonNullable<Host['throttle']>): Host[] {
  const names = new Set(listed.map(({ name }) => name));
  const others = [...new Set(workload.vms.map(({ host }) => host))].filter((name) => !names.has(name));
  return [...listed.map((host) => ({ throttle, ...host })), ...others.map((name) => ({ name, throttle }))];
}
