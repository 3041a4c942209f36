import { CAUSES, type CauseKey } from '../model/cause.ts';
import type { ActionKey, SiteEvent, Target } from '../model/event.ts';
import { settingsOf } from '../model/policy.ts';
import type { Run } from '../model/run.ts';
import { Input } from '../replication/lifecycle.ts';
import type { Millis } from '../units.ts';
import { Order } from './order.ts';

/** One change of the world at an instant; an event that lasts makes two. */
export interface SiteChange {
  readonly atMs: Millis;
  readonly order: number;
  /** The event of the run that it comes from; −1 = none (an outage of the link, a batch). */
  readonly event: number;
  readonly what: Change;
}

export type Change =
  | { readonly kind: 'link'; readonly up: boolean }
  | { readonly kind: 'capacity'; readonly bytesPerMs: number }
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
export function siteChanges(run: Run, vms: readonly { readonly name: string; readonly host: string }[]): SiteChange[] {
  const changes: SiteChange[] = [];
  const add = (atMs: Millis, order: number, what: Change, event = -1): void => {
    changes.push({ atMs, order, event, what });
  };
  for (const outage of run.site.link.outages) {
    add(outage.startMs, Order.linkDown, { kind: 'link', up: false });
    add(outage.endMs, Order.capacity, { kind: 'link', up: true });
  }
  const targets = targetFinder(run, vms);
  run.events.forEach((event, index) => {
    for (const { atMs, order, what } of changesOf(event, targets, vms)) add(atMs, order, what, index);
  });
  for (const { atMs, bytesPerMs } of capacitySteps(run)) add(atMs, Order.capacity, { kind: 'capacity', bytesPerMs });
  for (const [atMs, batch] of batches(run, vms)) {
    add(atMs, Order.action, { kind: 'input', vms: batch, input: Input.enabled, cause: 0 });
  }
  // Sorting is stable: events of one instant and kind stay in the order in which they were given.
  return changes.sort((a, b) => a.atMs - b.atMs || a.order - b.order);
}

/** The VMs that are enabled later than at 0, by instant (semantics 6). */
function batches(run: Run, vms: readonly { readonly name: string }[]): Map<Millis, number[]> {
  const later = new Map<Millis, number[]>();
  if (run.options.skipInitialReplication) return later;
  settingsOf(
    run.policy,
    vms.map(({ name }) => name),
  ).forEach(({ initialReplication: { enableAtMs } }, vm) => {
    if (enableAtMs <= 0) return;
    const batch = later.get(enableAtMs);
    if (batch === undefined) later.set(enableAtMs, [vm]);
    else batch.push(vm);
  });
  return later;
}

type Timed = Omit<SiteChange, 'event'>;

function changesOf(
  event: SiteEvent,
  targets: (target: Target) => readonly number[],
  vms: readonly { readonly host: string }[],
): Timed[] {
  switch (event.kind) {
    case 'linkSlow':
    case 'hostDrained':
      return [];
    case 'recoverable': {
      const block = (on: boolean): Change => ({
        kind: 'block',
        vms: targets(event.target),
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
      const onHost = vms.flatMap(({ host }, vm) => (host === event.host ? [vm] : []));
      return [
        { atMs: event.atMs, order: Order.fault, what: { kind: 'host', vms: onHost, down: true } },
        { atMs: event.untilMs, order: Order.fault, what: { kind: 'host', vms: onHost, down: false } },
      ];
    }
    case 'action': {
      const { action, atMs } = event;
      const onVms = targets(event.target);
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

function strike(
  event: { readonly target: Target; readonly cause: CauseKey },
  targets: (target: Target) => readonly number[],
  input: Input,
): Change {
  return { kind: 'input', vms: targets(event.target), input, cause: CAUSES[event.cause].code };
}

/** The VMs of a target, in the fleet's order; a plan's in the order of its groups. */
function targetFinder(
  run: Run,
  vms: readonly { readonly name: string; readonly host: string }[],
): (target: Target) => readonly number[] {
  const numbers = new Map(vms.map(({ name }, vm) => [name, vm]));
  return (target) => {
    switch (target.scope) {
      case 'all':
        return vms.map((_, vm) => vm);
      case 'vm':
        return numberOf(numbers, target.name);
      case 'host':
        return vms.flatMap(({ host }, vm) => (host === target.name ? [vm] : []));
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

/** The link's capacity from each instant on at which it changes: the least of the slow stretches, else its own. */
export function capacitySteps(run: Run): { readonly atMs: Millis; readonly bytesPerMs: number }[] {
  const slow = run.events.filter((event) => event.kind === 'linkSlow');
  const instants = [...new Set(slow.flatMap(({ atMs, untilMs }) => [atMs, untilMs]))].sort((a, b) => a - b);
  return instants.map((atMs) => {
    const active = slow.filter((event) => event.atMs <= atMs && atMs < event.untilMs);
    const bitsPerSec =
      active.length === 0
        ? run.site.link.capacityBitsPerSec
        : Math.min(...active.map(({ capacityBitsPerSec }) => capacityBitsPerSec));
    return { atMs, bytesPerMs: bitsPerSec / 8000 };
  });
}
