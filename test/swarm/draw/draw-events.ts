/** What strikes the site before it heals, and what administrators do meanwhile, most of it at the wrong moment. */
import { CAUSE_KEYS, CAUSES, type CauseKey } from '../../../src/model/cause.ts';
import { ACTION_KEYS, type ActionKey, type SiteEvent, type Target } from '../../../src/model/event.ts';
import type { RecoveryPlan } from '../../../src/model/recovery-plan.ts';
import type { Outage } from '../../../src/model/site.ts';
import type { Vm } from '../../../src/model/workload.ts';
import { DAY_MS, GIB, HOUR_MS, MIB, MINUTE_MS, type Millis } from '../../../src/units.ts';
import type { Random } from './random.ts';

export interface World {
  readonly vms: readonly Vm[];
  readonly plans: readonly RecoveryPlan[];
  /** Everything that strikes is over by then. */
  readonly healAtMs: Millis;
  /** What the deltas of the whole fleet need on the wire. */
  readonly loadBitsPerSec: number;
}

/** Causes that come from outside, by kind; those that only the core itself names are left out. */
const OUTSIDE = CAUSE_KEYS.filter(
  (key) => !['logsAtHalfDisk', 'resyncByHand', 'repaired', 'prerequisiteMissing'].includes(key),
);
const causesOf = (kind: string): readonly CauseKey[] => OUTSIDE.filter((key) => CAUSES[key].kind === kind);
const RECOVERABLE = causesOf('recoverable');
const NON_RECOVERABLE = [...causesOf('nonRecoverable'), 'prerequisiteMissing'] as const satisfies readonly CauseKey[];
const TRIGGERS = causesOf('resync');

export function drawEvents(random: Random, world: World): SiteEvent[] {
  const count = Math.round(random.logUniform(2, 120));
  const events: SiteEvent[] = Array.from({ length: count }, () => drawEvent(random, world));
  const stories = Array.from({ length: random.integer(0, 3) }, () => drawStory(random, world)).flat();
  return random.shuffled([...events, ...stories, ...drawWeakLink(random, world)]);
}

/** In many runs the link is too weak up to the end of all faults, so that logs pile up. */
function drawWeakLink(random: Random, world: World): SiteEvent[] {
  if (random.chance(0.4)) return [];
  const atMs = random.chance(0.5) ? 0 : random.integer(0, world.healAtMs - 1);
  const capacityBitsPerSec = Math.ceil(world.loadBitsPerSec * random.logUniform(0.2, 30));
  return [{ kind: 'linkSlow', atMs, untilMs: world.healAtMs, capacityBitsPerSec }];
}

function drawEvent(random: Random, world: World): SiteEvent {
  const atMs = drawInstant(random, world.healAtMs);
  const drawn = random.unit();
  if (drawn < 0.55)
    return { kind: 'action', action: random.pick(ACTION_KEYS), target: drawTarget(random, world), atMs };
  const untilMs = drawEnd(random, atMs, world.healAtMs);
  if (drawn < 0.63) {
    return { kind: 'recoverable', cause: random.pick(RECOVERABLE), target: drawTarget(random, world), atMs, untilMs };
  }
  if (drawn < 0.71) {
    return { kind: 'nonRecoverable', cause: random.pick(NON_RECOVERABLE), target: drawTarget(random, world), atMs };
  }
  if (drawn < 0.8) {
    return { kind: 'resyncTrigger', cause: random.pick(TRIGGERS), target: drawTarget(random, world), atMs };
  }
  if (drawn < 0.87) return drawTaken(random, world, atMs, untilMs);
  if (drawn < 0.93) return { kind: 'hostDown', host: random.pick(world.vms).host, atMs, untilMs };
  const capacityBitsPerSec = Math.ceil(world.loadBitsPerSec * random.logUniform(0.05, 100));
  return { kind: 'linkSlow', atMs, untilMs, capacityBitsPerSec };
}

function drawTaken(random: Random, world: World, atMs: Millis, untilMs: Millis): SiteEvent {
  const { host, disks } = random.pick(world.vms);
  const { volume } = random.pick(disks);
  const bytes = Math.round(random.logUniform(16 * MIB, 32 * GIB));
  return {
    kind: 'volumeTaken',
    volume,
    ...(volume.includes('ClusterStorage') || random.chance(0.3) ? {} : { host }),
    ...(random.chance(0.3) ? {} : { bytes }),
    atMs,
    untilMs,
  };
}

function drawTarget(random: Random, { vms, plans }: World): Target {
  const drawn = random.unit();
  if (drawn < 0.08) return { scope: 'all' };
  if (drawn < 0.16) return { scope: 'host', name: random.pick(vms).host };
  if (drawn < 0.22 && plans.length > 0) return { scope: 'plan', name: random.pick(plans).name };
  return { scope: 'vm', name: random.pick(vms).name };
}

/** Round instants coincide with cuts, windows and each other; others do not. */
function drawInstant(random: Random, mostMs: Millis): Millis {
  const grainMs = random.pick([1, 1000, 30_000, 15 * MINUTE_MS, HOUR_MS]);
  return Math.min(mostMs - 1, random.integer(0, Math.floor((mostMs - 1) / grainMs)) * grainMs);
}

function drawEnd(random: Random, atMs: Millis, mostMs: Millis): Millis {
  return Math.min(mostMs, atMs + Math.max(1, Math.round(random.logUniform(1000, DAY_MS))));
}

/** What people do one after another; single actions at random instants would seldom get so far. */
const STORIES: readonly (readonly ActionKey[])[] = [
  ['plannedFailover', 'commit', 'reverseReplicate', 'plannedFailover', 'commit', 'reverseReplicate'],
  ['plannedFailover', 'commit', 'reverseReplicateInFull'],
  ['plannedFailover', 'commit', 'plannedFailover', 'commit', 'reverseReplicate'],
  ['plannedFailover', 'cancelFailover'],
  ['unplannedFailover', 'commit', 'reverseReplicate', 'plannedFailover', 'cancelFailover'],
  ['unplannedFailover', 'commit', 'plannedFailover', 'commit', 'reverseReplicate'],
  ['unplannedFailover', 'cancelFailover', 'testFailover', 'cleanUpTestFailover'],
  ['resynchronize', 'pause', 'unplannedFailover', 'commit', 'reverseReplicateInFull'],
  ['resynchronize', 'pause', 'resume'],
  ['disable', 'enable', 'pause', 'resume', 'pause', 'resynchronize'],
  ['testFailover', 'plannedFailover', 'cleanUpTestFailover', 'plannedFailover', 'disable', 'enable'],
];

function drawStory(random: Random, world: World): SiteEvent[] {
  const target = drawTarget(random, world);
  let atMs = drawInstant(random, world.healAtMs);
  return random.pick(STORIES).flatMap((action): SiteEvent[] => {
    const event: SiteEvent = { kind: 'action', action, target, atMs };
    // A planned failover takes a while, which may be over or not when the next action comes.
    atMs += Math.round(random.chance(0.2) ? 0 : random.logUniform(1000, 8 * HOUR_MS));
    return event.atMs < world.healAtMs ? [event] : [];
  });
}

export function drawOutages(random: Random, healAtMs: Millis): Outage[] {
  const outages: Outage[] = [];
  let atMs = 0;
  const count = random.pick([0, 0, 1, 2, 5]);
  for (let i = 0; i < count; i++) {
    const startMs = atMs + Math.max(1, Math.round(random.logUniform(MINUTE_MS, healAtMs)));
    const endMs = Math.min(healAtMs, startMs + Math.round(random.logUniform(1000, 12 * HOUR_MS)));
    if (endMs <= startMs) break;
    outages.push({ startMs, endMs });
    atMs = endMs;
  }
  return outages;
}

export function drawPlans(random: Random, vms: readonly Vm[]): RecoveryPlan[] {
  if (random.chance(0.5)) return [];
  const members = random.shuffled(vms).slice(0, random.integer(1, vms.length));
  const group = { name: 'first', vms: members.map(({ name }) => name), before: [], after: [] };
  return [{ name: 'plan', groups: [group] }];
}
