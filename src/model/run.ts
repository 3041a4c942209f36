import type { BitsPerSec, Millis } from '../units.ts';
import type { SiteEvent } from './event.ts';
import type { Policy } from './policy.ts';
import type { Site } from './site.ts';
import type { Workload } from './workload.ts';

/** All that a simulation needs; the same run gives the same result to the byte, in Node and in a browser. */
export interface Run {
  readonly workload: Workload;
  readonly site: Site;
  readonly policy: Policy;
  readonly options: RunOptions;
  /** Faults and administrators' actions, in any order. */
  readonly events: readonly SiteEvent[];
}

export interface RunOptions {
  readonly horizonMs: Millis;
  /** The objective: recovery point objective in milliseconds. */
  readonly rpoTargetMs: Millis;
  /** Draws the VMs' phases (semantics 12) and whatever else is drawn. */
  readonly seed: number;
  /** 0.3 = churn times 1.30 (semantics 2). */
  readonly growthRatio: number;
  /** Every VM is protected at 0 with an empty log (semantics 6). */
  readonly skipInitialReplication: boolean;
}

/** The same run over a link of another capacity. */
export function withBandwidth(run: Run, capacityBitsPerSec: BitsPerSec): Run {
  return { ...run, site: { ...run.site, link: { ...run.site.link, capacityBitsPerSec } } };
}
