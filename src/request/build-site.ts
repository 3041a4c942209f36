import type { SiteFile } from '../ingest/site.ts';
import { leastUsed, nothingLeft, type SiteLink } from '../ingest/site-links.ts';
import { mergeOutages } from '../model/outages.ts';
import { DEFAULT_LINK_EFFICIENCY_RATIO } from '../model/policy.ts';
import type { Problem } from '../model/problem.ts';
import type { Host, Site } from '../model/site.ts';
import type { Workload } from '../model/workload.ts';

import type { AnalyzeFlags, Settings } from './flags.ts';
import type { Happenings } from './happenings.ts';
import type { Protection } from './protection.ts';

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

/** What shows only when flags and files are put together: others that use all of the link, and a loss without a round trip. */
export function checkTraits(
  { bandwidthBitsPerSec, network }: Settings,
  siteFile: SiteFile | undefined,
  { background = siteFile?.link.background }: Pick<Happenings, 'background'>,
  flags: Pick<AnalyzeFlags, 'background' | 'loss'>,
): Problem[] {
  const problems: Problem[] = [];
  const placeOf = (flag: '--background' | '--loss', isFlag: boolean, key: string): Pick<Problem, 'file' | 'column'> =>
    isFlag || siteFile === undefined ? { file: flag } : { file: siteFile.file, column: key };
  const capacity = bandwidthBitsPerSec ?? siteFile?.link.capacityBitsPerSec;
  if (background !== undefined && capacity !== undefined && leastUsed(background) >= capacity) {
    problems.push({
      ...{ severity: 'error', code: 'site-no-capacity' },
      ...placeOf('--background', flags.background !== undefined, 'link.background'),
      ...{ message: nothingLeft(background), remedy: 'Check the units of both, or give more --bandwidth.' },
    });
  }
  const links: Partial<SiteLink>[] = [siteFile?.link ?? {}, ...(siteFile?.furtherLinks ?? []), network];
  const isLossy = links.some(({ lossRatio = 0 }) => lossRatio > 0);
  if (isLossy && links.every(({ roundTripMs = 0 }) => roundTripMs === 0)) {
    problems.push({
      ...{ severity: 'warning', code: 'site-loss-unused' },
      ...placeOf('--loss', flags.loss !== undefined, 'link.loss'),
      message: 'A loss has no effect without a round trip: together they limit a connection.',
      remedy: 'Give the round trip too: --rtt 35ms, or "roundTrip" in the site file.',
    });
  }
  return problems;
}

/** The agents' setting is each host's own (facts 8): it holds on every host that has no other. */
function throttled(listed: readonly Host[], workload: Workload, throttle: NonNullable<Host['throttle']>): Host[] {
  const names = new Set(listed.map(({ name }) => name));
  const others = [...new Set(workload.vms.map(({ host }) => host))].filter((name) => !names.has(name));
  return [...listed.map((host) => ({ throttle, ...host })), ...others.map((name) => ({ name, throttle }))];
}
