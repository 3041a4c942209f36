/** A seed's run: everything is drawn, and after the last fault it is such that every VM can heal. */
import type { ZoneOffset } from '../../../src/model/clock.ts';
import type { Policy } from '../../../src/model/policy.ts';
import type { Run } from '../../../src/model/run.ts';
import { type Host, isShared, type Site, type Volume, volumeKey } from '../../../src/model/site.ts';
import type { Vm } from '../../../src/model/workload.ts';
import { type Bytes, DAY_MS, HOUR_MS, MINUTE_MS, type Millis } from '../../../src/units.ts';
import { type Demand, demandOf, healingBoundMs, mergingMs, readingMs, repairs } from '../heal.ts';
import { drawEvents, drawOutages, drawPlans } from './draw-events.ts';
import { drawVms } from './draw-fleet.ts';
import { drawPolicy } from './draw-policy.ts';
import { Random } from './random.ts';

export interface SwarmRun {
  readonly seed: number;
  readonly run: Run;
  /** From here on nothing fails … */
  readonly healAtMs: Millis;
  /** … and by here, the horizon, every VM must have healed. */
  readonly healedByMs: Millis;
}

/** Monday 2026-01-05T00:00Z. */
const EPOCH_MS = 1_767_571_200_000;

export function drawRun(seed: number): SwarmRun {
  const stream = (purpose: string): Random => new Random(seed, purpose);
  const options = stream('options');
  const healAtMs = Math.round(options.logUniform(0.4 * DAY_MS, 5 * DAY_MS));
  const growthRatio = options.pick([0, 0, 0.3]);
  const vms = drawVms(stream('fleet'));
  const drawn = drawPolicy(stream('policy'), vms, healAtMs);
  const demand = demandOf(vms, drawn, growthRatio);
  const policy = { ...drawn, rules: quickEnough(vms, drawn, demand) };
  const plans = drawPlans(stream('plans'), vms);
  const site = { ...drawSite(stream('site'), vms, policy, demand, healAtMs), recoveryPlans: plans };
  const healedByMs = healAtMs + healingBoundMs(vms, policy, site, demand);
  const loadBitsPerSec = (demand.loadBytesPerMs * 8000) / site.link.efficiencyRatio;
  const run: Run = {
    workload: { schema: 'asr-plan/workload@1', clock: drawClock(stream('clock'), healAtMs), vms },
    site,
    policy,
    options: {
      horizonMs: healedByMs,
      rpoTargetMs: options.pick([60_000, 15 * MINUTE_MS, HOUR_MS]),
      seed,
      growthRatio,
      skipInitialReplication: options.chance(0.4),
    },
    events: [
      ...drawEvents(stream('events'), { vms, plans, healAtMs, loadBitsPerSec }),
      ...repairs(stream('repairs'), policy, healAtMs, healedByMs),
    ],
  };
  return { seed, run, healAtMs, healedByMs };
}

/** Shares of the time in which logs reach half a disk; together they leave a third of it. */
const COPY_SHARE = 0.25;
const OTHER_SHARE = 0.12;

/** Reading, merging and finalizing must be over long before logs can reach half a disk. */
function quickEnough(vms: readonly Vm[], policy: Policy, { halfMs }: Demand): Policy['rules'] {
  const { rules } = policy;
  const mostMs = halfMs * OTHER_SHARE;
  return {
    ...rules,
    finalizeMs: Math.floor(Math.min(rules.finalizeMs, mostMs)),
    compareBytesPerSec: rules.compareBytesPerSec * Math.max(1, readingMs(vms, policy) / mostMs),
    mergeBytesPerSec: rules.mergeBytesPerSec * Math.max(1, mergingMs(vms, policy) / mostMs),
  };
}

/** The link and the ways out as they are without faults: they carry the churn, and copies in time. What is too weak, faults make so. */
function drawSite(random: Random, vms: readonly Vm[], policy: Policy, demand: Demand, healAtMs: Millis): Site {
  const efficiencyRatio = random.pick([1, 0.95]);
  const copyMs = Math.min(demand.halfMs * COPY_SHARE, 12 * HOUR_MS);
  const neededBytesPerMs = 2 * demand.loadBytesPerMs + demand.copyBytes / copyMs;
  const drawBitsPerSec = (): number =>
    Math.ceil(((neededBytesPerMs * 8000) / efficiencyRatio) * random.logUniform(1.1, 20));
  const hosts = [...new Set(vms.map(({ host }) => host))].flatMap((name): Host[] => {
    if (random.chance(0.4)) return [];
    return [
      {
        name,
        ...(random.chance(0.5) ? { uplinkBitsPerSec: drawBitsPerSec() } : {}),
        ...(random.chance(0.4) ? { maxActiveTransfers: random.integer(1, 3) } : {}),
      },
    ];
  });
  return {
    hosts,
    volumes: drawVolumes(random, vms, policy),
    link: { capacityBitsPerSec: drawBitsPerSec(), efficiencyRatio, outages: drawOutages(random, healAtMs) },
    vaults: [],
    clouds: [],
    recoveryPlans: [],
  };
}

/** Volumes with room for the most that logs and snapshots can take; faults take it away. */
function drawVolumes(random: Random, vms: readonly Vm[], policy: Policy): Volume[] {
  const shared = new Set(random.chance(0.2) ? ['D:'] : []);
  const mostBytes = new Map<string, Bytes>();
  const found = new Map<string, { name: string; host: string }>();
  for (const { host, disks } of vms) {
    for (const { volume, sizeBytes } of disks) {
      const key = volumeKey(host, volume, shared);
      mostBytes.set(key, (mostBytes.get(key) ?? 0) + sizeBytes * (1 + policy.rules.resyncLogRatio));
      found.set(key, { name: volume, host });
    }
  }
  return [...found].flatMap(([key, { name, host }]): Volume[] => {
    const belongs = isShared(name, shared) ? {} : { host };
    if (random.chance(0.3) && belongs.host !== undefined) return [];
    const roomBytes = Math.round(mostBytes.get(key)! * random.logUniform(1.05, 2));
    const capacityBytes = Math.round(roomBytes * random.logUniform(1.5, 4));
    const freeBytes = Math.round(roomBytes + capacityBytes * policy.rules.volumeReserveRatio);
    return [{ name, ...belongs, ...(random.chance(0.3) ? {} : { capacityBytes }), freeBytes }];
  });
}

function drawClock(random: Random, healAtMs: Millis): Run['workload']['clock'] {
  const offsetMs = random.pick([0, HOUR_MS, -5 * HOUR_MS, 5.75 * HOUR_MS]);
  const offsets: ZoneOffset[] = [{ fromMs: 0, offsetMs }];
  if (random.chance(0.2)) {
    const fromMs = random.integer(1, Math.floor(healAtMs / HOUR_MS)) * HOUR_MS;
    offsets.push({ fromMs, offsetMs: offsetMs + random.pick([-HOUR_MS, HOUR_MS]) });
  }
  const startEpochMs = EPOCH_MS + random.integer(0, 23) * HOUR_MS + random.pick([0, 0, 1_234_567]);
  return { startEpochMs, timeZone: 'UTC', offsets };
}
