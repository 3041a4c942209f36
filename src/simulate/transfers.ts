import type { Policy } from '../model/policy.ts';
import type { Site } from '../model/site.ts';
import type { Vm } from '../model/workload.ts';
import { type Effects, TransferKind } from '../replication/columns.ts';
import type { Bytes, Millis } from '../units.ts';
import { HostSlots } from './host-slots.ts';
import { Network, type TrafficSink } from './network.ts';

/** The transfers of all VMs: waiting for a slot of their host, about to start, or flowing over the network. */
export class Transfers {
  /** By transfer kind: bytes on the wire of each VM. */
  readonly sentBytes: readonly Float64Array[];
  readonly #network: Network;
  readonly #slots: HostSlots;
  readonly #hostOf: Uint32Array;
  readonly #efficiencyRatio: number;
  readonly #kind: Uint8Array;
  readonly #bytes: Float64Array;
  readonly #capBytesPerMs: Float64Array;
  /** VMs that hold a slot and whose transfer is to start now. */
  readonly #starting: number[] = [];

  constructor(vms: readonly Vm[], site: Site, policy: Policy, sink: TrafficSink) {
    const hosts = [...new Set(vms.map((vm) => vm.host))].sort();
    const hostNumber = new Map(hosts.map((host, h) => [host, h]));
    const hostSite = new Map(site.hosts.map((host) => [host.name, host]));
    this.#hostOf = Uint32Array.from(vms, (vm) => hostNumber.get(vm.host)!);
    this.#network = new Network({
      flowCount: vms.length,
      uplinkBytesPerMs: hosts.map((host) => (hostSite.get(host)?.uplinkBitsPerSec ?? Number.POSITIVE_INFINITY) / 8000),
      capacityBytesPerMs: site.link.capacityBitsPerSec / 8000,
      sink,
    });
    this.#slots = new HostSlots(
      hosts.map(
        (host) => hostSite.get(host)?.maxActiveTransfers ?? policy.maxActiveTransfers ?? Number.POSITIVE_INFINITY,
      ),
      vms.length,
    );
    this.#efficiencyRatio = site.link.efficiencyRatio;
    this.#kind = new Uint8Array(vms.length);
    this.#bytes = new Float64Array(vms.length);
    this.#capBytesPerMs = new Float64Array(vms.length);
    this.sentBytes = Object.values(TransferKind).map(() => new Float64Array(vms.length));
  }

  isFlowing(vm: number): boolean {
    return this.#network.isFlowing(vm);
  }

  /** What has gone out of the VM's transfer, before the link's overhead; 0 where none flows. */
  goneOutBytes(vm: number, nowMs: Millis): Bytes {
    return this.#network.isFlowing(vm) ? this.#network.sentBytes(vm, nowMs) * this.#efficiencyRatio : 0;
  }

  get nextCompletionAtMs(): Millis {
    return this.#network.nextCompletionAtMs();
  }

  /** Ends the transfer whose completion is due. @returns its VM */
  complete(nowMs: Millis): number {
    const vm = this.#network.nextCompletionFlow();
    this.#account(vm, this.#network.finish(vm, nowMs));
    return vm;
  }

  /** Ends the VM's transfer where it flows; what it had sent was sent. */
  breakOff(vm: number, nowMs: Millis): void {
    if (this.#network.isFlowing(vm)) this.#account(vm, this.#network.remove(vm, nowMs));
  }

  /** Asks for a transfer: it starts as soon as the host has a slot for the VM. */
  request(vm: number, effects: Effects): void {
    this.#kind[vm] = effects.upload;
    this.#bytes[vm] = effects.uploadBytes / this.#efficiencyRatio;
    this.#capBytesPerMs[vm] = effects.uploadBytesPerMs / this.#efficiencyRatio;
    if (this.#slots.request(vm, this.#hostOf[vm]!, effects.queuedAtMs)) this.#starting.push(vm);
  }

  /** The VM gives its slot back, or leaves the line; who waits for it is admitted. */
  release(vm: number): void {
    const host = this.#hostOf[vm]!;
    this.#slots.release(vm, host);
    for (let next = this.#slots.admit(host); next >= 0; next = this.#slots.admit(host)) this.#starting.push(next);
  }

  /** The VMs whose transfers are to start now; more may join while they are gone through. */
  get starting(): number[] {
    return this.#starting;
  }

  /** Whether the VM's transfer is still to start: it may have been given up since it was admitted. */
  isToStart(vm: number): boolean {
    return this.#slots.holds(vm) && !this.#network.isFlowing(vm);
  }

  start(vm: number, nowMs: Millis): void {
    const cap = this.#capBytesPerMs[vm]!;
    this.#network.start(vm, this.#hostOf[vm]!, this.#bytes[vm]!, cap, this.#kind[vm]!, nowMs);
  }

  setCapacity(bytesPerMs: number, nowMs: Millis): void {
    this.#network.setCapacity(bytesPerMs, nowMs);
  }

  /** What flows at the horizon has sent so much. */
  finish(horizonMs: Millis): void {
    this.#network.advanceTo(horizonMs);
    for (let vm = 0; vm < this.#hostOf.length; vm++) this.breakOff(vm, horizonMs);
  }

  #account(vm: number, wireBytes: Bytes): void {
    this.sentBytes[this.#kind[vm]!]![vm]! += wireBytes;
  }
}
