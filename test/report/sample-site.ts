import type { Plan } from '../../src/plan/plan.ts';
import { DAY_MS, GIB, HOUR_MS, MINUTE_MS } from '../../src/units.ts';
import { HOSTILE_NAMES } from './hostile-names.ts';
import { STATE_BUCKET_MS } from './sample-constraints.ts';
import type { SampleOptions } from './sample-plan.ts';

type Traffic = Plan['series']['traffic'];
type SitePart = Pick<Plan, 'furtherLinks' | 'hosts' | 'replicaStorage'>;

const TRAFFIC_BUCKET_MS = 5 * MINUTE_MS;

/** Two lines beside the site's, the hosts of the sample's VMs and one with a hostile name; nothing where the options say so. */
export function sampleSite(options: SampleOptions, traffic: Traffic, horizonMs: number): SitePart & SiteSeries {
  if (options.bareSite === true) {
    return { furtherLinks: [], hosts: [], replicaStorage: null, furtherLinkBytes: [], hostBytes: [] };
  }
  const totals = traffic.initial.map((bytes, bucket) => bytes + traffic.delta[bucket]! + traffic.resync[bucket]!);
  const branchMost = (20e6 / 8) * (TRAFFIC_BUCKET_MS / 1000);
  const furtherLinkBytes = [
    totals.map((bytes) => Math.round(Math.min(branchMost, bytes * 0.31))),
    totals.map((bytes) => Math.round(bytes * 0.12)),
  ];
  const shares = [0.34, 0.29, 0.22, 0.11, 0.04];
  const perState = STATE_BUCKET_MS / TRAFFIC_BUCKET_MS;
  const hostBytes = shares.map((share) =>
    Array.from({ length: Math.ceil(totals.length / perState) }, (_, bucket) =>
      Math.round(share * sum(totals.slice(bucket * perState, (bucket + 1) * perState))),
    ),
  );
  const full = furtherLinkBytes[0]!.filter((bytes) => bytes >= branchMost - 1).length / totals.length;
  const quiet = options.quiet === true;
  return {
    furtherLinks: [
      {
        name: 'Branch Rostock',
        capacityBitsPerSec: 20e6,
        sentBytes: sum(furtherLinkBytes[0]!),
        busyFraction: 0.58,
        clippedFraction: full,
        outages: quiet ? [] : sampleDrawnOutages(horizonMs),
      },
      {
        name: HOSTILE_NAMES[1]!,
        capacityBitsPerSec: 1e9,
        sentBytes: sum(furtherLinkBytes[1]!),
        busyFraction: 0.31,
        clippedFraction: 0,
        outages: [],
      },
    ],
    hosts: ['HV01', 'HV02', 'HV03', 'HV04', HOSTILE_NAMES[0]!].map((name, index) => ({
      name: index < 4 ? `${name}.contoso.local` : name,
      vmCount: index < 4 ? Math.ceil(((options.vmCount ?? 60) - index) / 4) : 0,
      uplinkBitsPerSec: index === 1 ? 40e6 : null,
      maxActiveTransfers: index === 2 ? null : 3,
      sentBytes: sum(hostBytes[index]!),
      clippedFraction: index === 1 ? 0.0821 : 0,
      slotWaitMs: index === 0 ? 3 * DAY_MS + 4 * HOUR_MS : index === 3 ? 40 * MINUTE_MS : 0,
    })),
    replicaStorage:
      options.scenario === 'vmm-to-vmm'
        ? {
            writeBytesPerSec: 24e6,
            writeRatioLeast: 1.5,
            writeRatioMost: 3,
            meanWriteBytesPerSec: 7.3e6,
            peakWriteBytesPerSec: 33.4e6,
            replicaBytes: 9400 * GIB,
            recoveryPointPeakBytes: 512 * GIB,
          }
        : null,
    furtherLinkBytes,
    hostBytes,
  };
}

type SiteSeries = Pick<Plan['series'], 'furtherLinkBytes' | 'hostBytes'>;

/** A short one every five hours. */
function sampleDrawnOutages(horizonMs: number): { startMs: number; endMs: number }[] {
  const every = 5 * HOUR_MS;
  return Array.from({ length: Math.floor(horizonMs / every) }, (_, index) => ({
    startMs: (index + 1) * every - 17 * MINUTE_MS,
    endMs: (index + 1) * every - (index % 9) * MINUTE_MS,
  }));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
