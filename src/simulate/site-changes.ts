import { CAUSES, type CauseKey } from '../model/cause.ts';
import type { ActionKey, SiteEvent, Target } from '../model/event.ts';
import { settingsOf } from '../model/policy.ts';
import type { Run } from '../model/run.ts';
import type { Vm } from '../model/workload.ts';
import { Input } from '../replication/lifecycle.ts';
import type { Millis } from '../units.ts';
import { Drains } from './drains.ts';
import type { OrderedFleet } from './fleet.ts';
import { Order } from './order.ts';
import type { Hold, Topology } from './topology.ts';

/** One change of the world at an instant; an event that lasts makes two. */
export interface SiteChange {
  readonly atMs: Millis;
  readonly order: number;
  /** The event of the run that it comes from; −1 = none (an outage of the link, a batch). */
  readonly event: number;
  readonly what: Change;
}

export type Change =
  | { readonly kind: 'link'; readonly line: number; readonly up: boolean }
  | { readonly kind: 'capacity'; readonly line: number; readonly bytesPerMs: number; readonly hold: Hold }
  /** The VMs go on on another host, live. */
  | { readonly kind: 'move'; readonly vms: readonly number[]; readonly toHost: number }
  /** From `on` until off every transfer of the VMs fails with the cause. */
  | { readonly kind: 'block'; readonly vms: readonly number[]; readonly cause: number; readonly on: boolean }
  | { readonly kind: 'host'; readonly vms: readonly number[]; readonly down: boolean }
  | { readonly kind: 'volume'; readonly volume: string; readonly host: string | undefined; readonly bytes: number }
  | { readonly kind: 'input'; readonly vms: readonly number[]; readonly input: Input; readonly cause: number }
  | { readonly kind: 'refuse'; readonly vms: readonly number[]; readonly reason: string };

const INPUT_OF_ACTION: Readonly<Record<Exclude<ActionKey, 'addDisk' | 'resizeDisk'>, Input>> = {
  enable: Input.enabled,
  disable: Input.disabled,
  pause: Input.paused,
  resume: Input.resumed,
  resynchronize: Input.resyncRequested,
  fix: Input.fixed,
  testFailover: Input.testFailoverStarted,
  cleanUpTestFailover: Input.testFailoverCleanedUp,
  plannedFailover: Input.plannedFailover,
  unplannedFailover: Input.unplannedFailover,
  commit: Input.failoverCommitted,
  cancelFailover: Input.failoverCancelled,
  reverseReplicate: Input.reversed,
  reverseReplicateInFull: Input.reversedInFull,
};

/** "Microsoft, Hyper-V to Azure support matrix", 2020-01-27; the same between sites (facts 2.5). */
const NO_DISK_CHANGE =
  'a disk of a replicating VM cannot be added or resized: disable its protection, change the disk, and enable it again';

/** Everything that happens to the site in a run, in the order in which it happens. VMs are numbers of the ordered fleet. */
export function siteChanges(run: Run, fleet: OrderedFleet, topology: Topology): SiteChange[] {
  const { vms } = fleet.workload;
  const changes: SiteChange[] = [];
  const add = (atMs: Millis, order: number, what: Change, event = -1): void => {
    changes.push({ atMs, order, event, what });
  };
  topology.lines.forEach(({ capacity, outages }, line) => {
    for (const { startMs, endMs } of outages) {
      add(startMs, Order.linkDown, { kind: 'link', line, up: false });
      add(endMs, Order.capacity, { kind: 'link', line, up: true });
    }
    for (const step of capacity.slice(1)) {
      const hold = topology.holdOf(line, step);
      add(step.atMs, Order.capacity, { kind: 'capacity', line, bytesPerMs: step.bytesPerMs, hold });
    }
  });
  const drains = new Drains(run, vms, topology);
  const targets = targetFinder(run, vms, drains);
  run.events.forEach((event, index) => {
    for (const { atMs, order, what } of changesOf(event, targets, drains)) add(atMs, order, what, index);
  });
  for (const [atMs, batch] of batches(run, fleet)) {
    add(atMs, Order.action, { kind: 'input', vms: batch, input: Input.enabled, cause: 0 });
  }
  // Sorting is stable: events of one instant and kind stay in the order in which they were given.
  return changes.sort((a, b) => a.atMs - b.atMs || a.order - b.order);
}

/** The VMs that are enabled later than at 0, by instant (semantics 6). */
function batches({ policy, options }: Run, { workload, byName }: OrderedFleet): Map<Millis, number[]> {
  const later = new Map<Millis, number[]>();
  if (options.skipInitialReplication) return later;
  const settings = settingsOf(
    policy,
    workload.vms.map(({ name }) => name),
  );
  for (const vm of byName) {
    const { enableAtMs } = settings[vm]!.initialReplication;
    if (enableAtMs <= 0) continue;
    const batch = later.get(enableAtMs);
    if (batch === undefined) later.set(enableAtMs, [vm]);
    else batch.push(vm);
  }
  return later;
}

export type TimedChange = Omit<SiteChange, 'event'>;

function changesOf(event: SiteEvent, targets: Targets, drains: Drains): readonly TimedChange[] {
  switch (event.kind) {
    case 'linkSlow':
      return [];
    case 'hostDrained':
      return drains.movesOf(event);
    case 'recoverable': {
      const block = (on: boolean): Change => ({
        kind: 'block',
        vms: targets(event.target, event.atMs),
        cause: CAUSES[event.cause].code,
        on,
      });
      return [
        { atMs: event.atMs, order: Order.fault, what: block(true) },
        { atMs: event.untilMs, order: Order.fault, what: block(false) },
      ];
    }
    case 'nonRecoverable':
      return [{ atMs: event.atMs, order: Order.fault, what: strike(event, targets, Input.fatalError) }];
    case 'resyncTrigger':
      return [{ atMs: event.atMs, order: Order.fault, what: strike(event, targets, Input.resyncRequired) }];
    case 'volumeTaken': {
      const bytes = event.bytes ?? Number.POSITIVE_INFINITY;
      const taken = (sign: number): Change => ({
        kind: 'volume',
        volume: event.volume,
        host: event.host,
        bytes: sign * bytes,
      });
      return [
        { atMs: event.atMs, order: Order.fault, what: taken(1) },
        { atMs: event.untilMs, order: Order.fault, what: taken(-1) },
      ];
    }
    case 'hostDown': {
      const onHost = drains.onHost(event.host, event.atMs);
      return [
        { atMs: event.atMs, order: Order.fault, what: { kind: 'host', vms: onHost, down: true } },
        { atMs: event.untilMs, order: Order.fault, what: { kind: 'host', vms: onHost, down: false } },
      ];
    }
    case 'action': {
      const { action, atMs } = event;
      const onVms = targets(event.target, atMs);
      const what: Change =
        action === 'addDisk' || action === 'resizeDisk'
          ? { kind: 'refuse', vms: onVms, reason: NO_DISK_CHANGE }
          : { kind: 'input', vms: onVms, input: INPUT_OF_ACTION[action], cause: 0 };
      return [{ atMs, order: Order.action, what }];
    }
    default:
      return event satisfies never;
  }
}

/** Whom a target means at an instant. */
type Targets = (target: Target, atMs: Millis) => readonly number[];

function strike(
  event: { readonly target: Target; readonly cause: CauseKey; readonly atMs: Millis },
  targets: Targets,
  input: Input,
): Change {
  return { kind: 'input', vms: targets(event.target, event.atMs), input, cause: CAUSES[event.cause].code };
}

/** The VMs of a target, in the fleet's order; a plan's in the order of its groups. */
function targetFinder(run: Run, vms: readonly Vm[], drains: Drains): Targets {
  const numbers = new Map(vms.map(({ name }, vm) => [name, vm]));
  return (target, atMs) => {
    switch (target.scope) {
      case 'all':
        return vms.map((_, vm) => vm);
      case 'vm':
        return numberOf(numbers, target.name);
      case 'host':
        return drains.onHost(target.name, atMs);
      case 'plan': {
        const plan = run.site.recoveryPlans.find(({ name }) => name === target.name);
        return (plan?.groups ?? []).flatMap((group) => group.vms.flatMap((name) => numberOf(numbers, name)));
      }
      default:
        return target satisfies never;
    }
  };
}

function numberOf(numbers: ReadonlyMap<string, number>, name: string): number[] {
  const vm = numbers.get(name);
  return vm === undefined ? [] : [vm];
}
