import type { HostResult } from '../../plan/plan.ts';
import { shownName } from '../shown-name.ts';
import { type LineOutage, lastingMs, outagesOf, type SiteLine, siteLines } from '../site-lines.ts';
import { defineTable, type TableMaker } from './table.ts';

/** The site's link and the further lines. */
export const links: TableMaker = defineTable<SiteLine>({
  id: 'links',
  title: 'Links',
  sheet: 'Links',
  note: 'The site’s link, which carries everything, then the further lines. Busy: something was sent. Full: somebody waited for it.',
  columns: [
    { key: 'name', title: 'Line', kind: 'text', of: ({ name }) => name },
    { key: 'capacityBitsPerSec', title: 'Capacity', kind: 'rate', of: (line) => line.capacityBitsPerSec },
    { key: 'sentBytes', title: 'Sent', kind: 'bytes', of: ({ sentBytes }) => sentBytes },
    { key: 'busyShare', title: 'Busy', kind: 'share', of: ({ busyFraction }) => busyFraction },
    { key: 'clippedShare', title: 'Full', kind: 'share', of: ({ clippedFraction }) => clippedFraction },
    { key: 'outageCount', title: 'Outages', kind: 'number', of: (line, plan) => outagesOf(plan, [line]).length },
    {
      ...{ key: 'downMs', title: 'Down in all', kind: 'duration' },
      of: (line, plan) => lastingMs(outagesOf(plan, [line])),
    },
  ],
  items: siteLines,
});

/** Given and drawn outages alike. */
export const outages: TableMaker = defineTable<LineOutage>({
  id: 'outages',
  title: 'Outages',
  sheet: 'Outages',
  note: 'Outages that began within the run, given and drawn ones alike, cut at its end.',
  columns: [
    { key: 'line', title: 'Line', kind: 'text', of: ({ line }) => line },
    { key: 'startMs', title: 'Down from', kind: 'instant', of: ({ startMs }) => startMs },
    { key: 'endMs', title: 'To', kind: 'instant', of: ({ endMs }) => endMs },
    { key: 'durationMs', title: 'Lasts', kind: 'duration', of: ({ startMs, endMs }) => endMs - startMs },
  ],
  items: (plan) => outagesOf(plan),
});

/** Hosts with VMs. */
export const hosts: TableMaker = defineTable<HostResult>({
  id: 'hosts',
  title: 'Hosts',
  sheet: 'Hosts',
  note: 'A row per host. Empty limits are not set. Waited for: share of the run in which somebody waited for its way out or its throttle.',
  columns: [
    { key: 'name', title: 'Host', kind: 'text', of: ({ name }) => shownName(name) },
    { key: 'vmCount', title: 'VMs at the start', kind: 'number', of: ({ vmCount }) => vmCount },
    { key: 'uplinkBitsPerSec', title: 'Way out', kind: 'rate', of: (host) => host.uplinkBitsPerSec },
    { key: 'maxActiveTransfers', title: 'Transfers at a time', kind: 'number', of: (host) => host.maxActiveTransfers },
    { key: 'sentBytes', title: 'Sent', kind: 'bytes', of: ({ sentBytes }) => sentBytes },
    { key: 'clippedShare', title: 'Waited for', kind: 'share', of: ({ clippedFraction }) => clippedFraction },
    {
      ...{ key: 'slotWaitMs', title: 'VM-time waiting for a slot', kind: 'duration', unit: 'h' },
      of: ({ slotWaitMs }) => slotWaitMs,
    },
  ],
  items: (plan) => plan.hosts,
});
