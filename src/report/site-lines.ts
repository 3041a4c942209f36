import type { Outage } from '../model/site.ts';
import type { FurtherLinkResult, HostResult, Plan } from '../plan/plan.ts';
import type { Millis } from '../units.ts';
import { shownName } from './shown-name.ts';

/** A line of the site as reports show it: the site's link, or a further one. */
export interface SiteLine extends FurtherLinkResult {
  /** The way of everything. */
  readonly isSiteLink: boolean;
}

/** So many are listed, the first ones; drawn outages can be many more. */
export const OUTAGES_MOST = 20;

/** The site's link, then the others in the site's order; names as they can stand in a report. */
export function siteLines({ link, furtherLinks }: Plan): SiteLine[] {
  return [
    { ...link, name: 'Site link', sentBytes: link.sentBytes.total, isSiteLink: true },
    ...furtherLinks.map((further) => ({ ...further, name: shownName(further.name), isSiteLink: false })),
  ];
}

/** An outage and the line that it struck. */
export interface LineOutage extends Outage {
  readonly line: string;
}

/** The outages that began within the run, cut at its end, by their start. */
export function outagesOf(plan: Plan, lines: readonly SiteLine[] = siteLines(plan)): LineOutage[] {
  return lines
    .flatMap(({ name, outages }) =>
      outages
        .filter(({ startMs }) => startMs < plan.horizonMs)
        .map(({ startMs, endMs }) => ({ line: name, startMs, endMs: Math.min(endMs, plan.horizonMs) })),
    )
    .sort((left, right) => left.startMs - right.startMs);
}

export function lastingMs(outages: readonly Outage[]): Millis {
  return outages.reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0);
}

/** What somebody waited for longest comes first; the plan's order where nobody did. */
export function byClipping<Part extends Pick<HostResult, 'clippedFraction'>>(parts: readonly Part[]): Part[] {
  return [...parts].sort((left, right) => right.clippedFraction - left.clippedFraction);
}
