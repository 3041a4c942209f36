import type { SiteEvent } from '../model/event.ts';
import type { Run } from '../model/run.ts';
import type { Vm } from '../model/workload.ts';
import type { Millis } from '../units.ts';
import { Order } from './order.ts';
import type { Change, TimedChange } from './site-changes.ts';
import type { Topology } from './topology.ts';

const DISK_STAYS = 'one of its disks lies on a volume of its host alone: a drain moves machines, not their storage';
const HOST_IS_DOWN = 'its host is down: there is nothing to move it from';

/** Which VMs run on which host when, as drains move them: all of it is known before the run. */
export class Drains {
  readonly #moves = new Map<SiteEvent, TimedChange[]>();
  /** Per VM: from when on it runs where, ascending; the first from the start. */
  readonly #stays: { readonly fromMs: Millis; readonly host: string }[][];

  constructor(run: Run, vms: readonly Vm[], topology: Topology) {
    this.#stays = vms.map(({ host }) => [{ fromMs: Number.NEGATIVE_INFINITY, host }]);
    const isLocal = ({ host, disks }: Vm): boolean =>
      disks.some(({ volume }) => topology.volumeKey(host, volume) !== volume);
    const isDown = (host: string, atMs: Millis): boolean =>
      run.events.some(
        (event) => event.kind === 'hostDown' && event.host === host && event.atMs <= atMs && atMs < event.untilMs,
      );
    const moves = run.events
      .filter((event) => event.kind === 'hostDrained')
      .flatMap((event) => [
        { event, atMs: event.atMs, back: false },
        ...(event.untilMs === undefined ? [] : [{ event, atMs: event.untilMs, back: true }]),
      ])
      .sort((a, b) => a.atMs - b.atMs);
    const movedBy = new Map<SiteEvent, number[]>();
    for (const { event, atMs, back } of moves) {
      const [from, to] = back ? [event.to, event.host] : [event.host, event.to];
      const onHost = this.onHost(from, atMs);
      const meant = back ? (movedBy.get(event) ?? []).filter((vm) => onHost.includes(vm)) : onHost;
      const stuck = isDown(from, atMs) ? meant : [];
      const local = stuck.length > 0 ? [] : meant.filter((vm) => isLocal(vms[vm]!));
      const movable = meant.filter((vm) => !stuck.includes(vm) && !local.includes(vm));
      for (const vm of movable) this.#stays[vm]!.push({ fromMs: atMs, host: to });
      if (!back) movedBy.set(event, movable);
      const toHost = topology.hostNames.indexOf(to);
      const made: Change[] = [
        { kind: 'move', vms: movable, toHost },
        { kind: 'refuse', vms: local, reason: DISK_STAYS },
        { kind: 'refuse', vms: stuck, reason: HOST_IS_DOWN },
      ];
      const timed = made.filter((what) => what.kind === 'move' || (what.kind === 'refuse' && what.vms.length > 0));
      const known = this.#moves.get(event) ?? [];
      this.#moves.set(event, [...known, ...timed.map((what) => ({ atMs, order: Order.fault, what }))]);
    }
  }

  movesOf(event: SiteEvent): readonly TimedChange[] {
    return this.#moves.get(event) ?? [];
  }

  /** VMs on a host at an instant, moves of that instant included. */
  onHost(host: string, atMs: Millis): number[] {
    return this.#stays.flatMap((stays, vm) =>
      stays.findLast(({ fromMs }) => fromMs <= atMs)!.host === host ? [vm] : [],
    );
  }
}
