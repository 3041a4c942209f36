import type { Outage } from './site.ts';

/** Sorts outages and joins those that overlap or touch, as the link's list must be. */
export function mergeOutages(outages: readonly Outage[]): Outage[] {
  const merged: Outage[] = [];
  for (const outage of outages.toSorted((a, b) => a.startMs - b.startMs)) {
    const last = merged.at(-1);
    if (last === undefined || outage.startMs > last.endMs) merged.push(outage);
    else merged[merged.length - 1] = { startMs: last.startMs, endMs: Math.max(last.endMs, outage.endMs) };
  }
  return merged;
}
