import type { Run } from '../model/run.ts';
import type { Vm } from '../model/workload.ts';
import { type Effects, type ReplicationCore, TransferKind } from '../replication/columns.ts';
import type { Bytes, Millis } from '../units.ts';
import type { OrderedFleet } from './fleet.ts';
import { HostSlots } from './host-slots.ts';
import { type LineUse, Network, type Path } from './network.ts';
import { ReplicaStorage } from './replica-storage.ts';
import { type Hold, SITE_LINK, type Topology } from './topology.ts';
import type { TrafficMeter } from './traffic-meter.ts';

/**
 * The transfers of all VMs: waiting for a slot of their host, about to start, flowing over the lines, or, between sites, being
 * written by the replica's storage.
 */
export class Transfers {
  /** By transfer kind: bytes on the wire of each VM. */
  readonly sentBytes: readonly Float64Array[];
  /** The host on which each VM runs now. */
  readonly hostOf: Uint32Array;
  readonly #core: ReplicationCore;
  readonly #topology: Topology;
  readonly #vms: readonly Vm[];
  readonly #network: Network;
  /** Absent where nothing is known of it. */
  readonly #replica: ReplicaStorage | undefined;
  readonly #slots: HostSlots;
  readonly #meter: TrafficMeter | undefined;
  readonly #efficiencyRatio: number;
  readonly #kind: Uint8Array;
  readonly #bytes: Float64Array;
  readonly #capBytesPerMs: Float64Array;
  /** Most that each VM's transfers take, whatever they carry. */
  readonly #ownCapBytesPerMs: Float64Array;
  /** Bytes of the flowing transfer that the meter knows of. */
  readonly #meteredBytes: Float64Array;
  readonly #pathOf: Path[] = [];
  readonly #furtherLinksOf: (readonly number[])[] = [];
  readonly #paths = new Map<string, Path>();
  readonly #readsAreLimited: boolean;
  readonly #downCount: Uint8Array;
  #linksDown = 0;
  /** VMs that hold a slot and whose transfer is to start now, and how many: an array that is emptied would be made anew each time. */
  readonly #starting: number[] = [];
  #startingCount = 0;
  #started = 0;

  /** @param meter absent where nobody asks for traffic over time */
  constructor(
    run: Run,
    topology: Topology,
    core: ReplicationCore,
    fleet: OrderedFleet,
    meter: TrafficMeter | undefined,
  ) {
    const { vms } = fleet.workload;
    const { lines } = topology;
    this.#core = core;
    this.#topology = topology;
    this.#vms = vms;
    this.#meter = meter;
    this.#network = new Network({
      flowCount: vms.length,
      capacityBytesPerMs: lines.map(({ capacity }) => capacity[0]!.bytesPerMs),
      kindOfLine: lines.map(({ capacity }, line) => topology.holdOf(line, capacity[0]!)),
      watchHolds: meter !== undefined,
    });
    this.#replica = ReplicaStorage.of(run, core);
    this.#slots = new HostSlots(
      topology.hostNames.map((_, host) => topology.maxActiveTransfers(host)),
      fleet.byName,
    );
    this.#efficiencyRatio = run.site.link.efficiencyRatio;
    this.#kind = new Uint8Array(vms.length);
    this.#bytes = new Float64Array(vms.length);
    this.#capBytesPerMs = new Float64Array(vms.length);
    this.#ownCapBytesPerMs = new Float64Array(vms.length);
    this.#meteredBytes = new Float64Array(vms.length);
    this.#readsAreLimited = lines.some(({ kind }) => kind === 'volume');
    this.#downCount = new Uint8Array(lines.length);
    this.sentBytes = Object.values(TransferKind).map(() => new Float64Array(vms.length));
    this.hostOf = topology.hostOf.slice();
    for (let vm = 0; vm < vms.length; vm++) this.#findWay(vm);
  }

  /** Whether the VM's transfer is under way: over the lines, or into the replica's storage. */
  isFlowing(vm: number): boolean {
    return this.#network.isFlowing(vm) || this.isApplying(vm);
  }

  /** Whether all has arrived and the replica's storage is writing it. */
  isApplying(vm: number): boolean {
    return this.#replica?.isWriting(vm) === true;
  }

  /** What has gone out of the VM's transfer, before the link's overhead; 0 where none flows. */
  goneOutBytes(vm: number, nowMs: Millis): Bytes {
    if (this.isApplying(vm)) return this.#bytes[vm]! * this.#efficiencyRatio;
    return this.#network.isFlowing(vm) ? this.#network.sentBytes(vm, nowMs) * this.#efficiencyRatio : 0;
  }

  get nextCompletionAtMs(): Millis {
    const atMs = this.#network.nextCompletionAtMs();
    return this.#replica === undefined ? atMs : Math.min(atMs, this.#replica.nextCompletionAtMs());
  }

  /** Ends what is due. @returns the VM whose transfer is done, or has only arrived: then {@link isApplying} */
  complete(nowMs: Millis): number {
    const replica = this.#replica;
    if (replica !== undefined && replica.nextCompletionAtMs() <= this.#network.nextCompletionAtMs()) {
      return replica.finish(nowMs);
    }
    const vm = this.#network.nextCompletionFlow();
    this.#account(vm, this.#network.finish(vm, nowMs));
    const isApplied = replica?.begin(vm, this.#kind[vm] as TransferKind, this.#arrivedBytes(vm), nowMs);
    // Nothing leaves the host any more: the next may.
    if (isApplied === true) this.release(vm);
    return vm;
  }

  /** Ends the VM's transfer where it flows; what it had sent was sent. */
  breakOff(vm: number, nowMs: Millis): void {
    this.#replica?.remove(vm, nowMs);
    if (!this.#network.isFlowing(vm)) return;
    this.#account(vm, this.#network.remove(vm, nowMs));
  }

  /** Asks for a transfer: it starts as soon as the host has a slot for the VM. */
  request(vm: number, effects: Effects): void {
    this.#kind[vm] = effects.upload;
    this.#bytes[vm] = effects.uploadBytes / this.#efficiencyRatio;
    this.#capBytesPerMs[vm] = effects.uploadBytesPerMs / this.#efficiencyRatio;
    if (this.#slots.request(vm, this.hostOf[vm]!, effects.queuedAtMs)) this.#starting[this.#startingCount++] = vm;
  }

  /** The VM gives its slot back, or leaves the line; who waits for it is admitted. */
  release(vm: number): void {
    const host = this.hostOf[vm]!;
    if (!this.#slots.release(vm, host)) return;
    for (let next = this.#slots.admit(host); next >= 0; next = this.#slots.admit(host)) {
      this.#starting[this.#startingCount++] = next;
    }
  }

  /** The next VM whose transfer is to start now; −1 where there is none. More may join meanwhile, and some be given up. */
  nextToStart(): number {
    while (this.#started < this.#startingCount) {
      const vm = this.#starting[this.#started++]!;
      if (this.#slots.holds(vm) && !this.isFlowing(vm)) return vm;
    }
    this.#started = 0;
    this.#startingCount = 0;
    return -1;
  }

  start(vm: number, nowMs: Millis): void {
    const cap = Math.min(this.#capBytesPerMs[vm]!, this.#ownCapBytesPerMs[vm]!);
    this.#meteredBytes[vm] = 0;
    this.#network.start(vm, this.#pathFor(vm), this.#bytes[vm]!, this.#topology.weight[vm]!, cap, nowMs);
  }

  /** The VM runs on another host from now on. To be called while its transfer does not flow. */
  move(vm: number, host: number): void {
    const queuedAtMs = this.#slots.queuedAtMs(vm);
    this.release(vm);
    this.hostOf[vm] = host;
    this.#findWay(vm);
    if (queuedAtMs !== undefined && this.#slots.request(vm, host, queuedAtMs))
      this.#starting[this.#startingCount++] = vm;
  }

  setCapacity(line: number, bytesPerMs: number, hold: Hold, nowMs: Millis): void {
    this.#network.setCapacity(line, bytesPerMs, hold, nowMs);
  }

  linkDown(line: number, isDown: boolean): void {
    const change = isDown ? 1 : -1;
    this.#downCount[line]! += change;
    this.#linksDown += change;
  }

  /** Whether a link on the VM's way is down. */
  isCutOff(vm: number): boolean {
    if (this.#linksDown === 0) return false;
    return this.#pathOf[vm]!.lines.some((line) => this.#downCount[line]! > 0);
  }

  /** Whether the VM's transfer flows over a line. */
  flowsOver(vm: number, line: number): boolean {
    return this.#network.isFlowing(vm) && this.#pathOf[vm]!.lines.includes(line);
  }

  /** Accounts to the meter for all that has flowed up to an instant. */
  meterAll(nowMs: Millis): void {
    for (let vm = 0; vm < this.#vms.length; vm++) {
      if (this.#network.isFlowing(vm)) this.#meterFlow(vm, this.#network.sentBytes(vm, nowMs));
    }
  }

  /** For how long the flowing transfer was held by what, since it began or since this was asked last. */
  takeHeldMs(vm: number, nowMs: Millis, into: (kind: number, ms: Millis) => void): void {
    this.#network.takeHeldMs(vm, nowMs, into);
  }

  isOnTheWay(vm: number): boolean {
    return this.#network.isFlowing(vm);
  }

  busyMs(line: number, nowMs: Millis): Millis {
    return this.#network.busyMs(line, nowMs);
  }

  fullMs(line: number, nowMs: Millis): Millis {
    return this.#network.fullMs(line, nowMs);
  }

  /** What flows at the horizon has sent so much. */
  finish(horizonMs: Millis): void {
    for (let vm = 0; vm < this.#vms.length; vm++) this.breakOff(vm, horizonMs);
  }

  #account(vm: number, wireBytes: Bytes): void {
    this.sentBytes[this.#kind[vm]!]![vm]! += wireBytes;
    if (this.#meter !== undefined) this.#meterFlow(vm, wireBytes);
  }

  #meterFlow(vm: number, sentBytes: Bytes): void {
    const bytes = sentBytes - this.#meteredBytes[vm]!;
    this.#meteredBytes[vm] = sentBytes;
    this.#meter!.add(this.#kind[vm] as TransferKind, this.hostOf[vm]!, this.#furtherLinksOf[vm]!, bytes);
  }

  /** Log or chunk bytes of the VM's transfer, uncompressed. */
  #arrivedBytes(vm: number): Bytes {
    return (this.#bytes[vm]! * this.#efficiencyRatio) / this.#core.compressionRatio[vm]!;
  }

  /** The way of the VM's deltas from the host on which it runs. */
  #findWay(vm: number): void {
    const host = this.hostOf[vm]!;
    const uses = this.#topology.waysOut(vm, host);
    const key = uses.map(({ line }) => line).join();
    const path = this.#paths.get(key) ?? this.#network.path(uses);
    this.#paths.set(key, path);
    this.#pathOf[vm] = path;
    this.#furtherLinksOf[vm] = this.#topology.linksOf(vm, host).filter((line) => line !== SITE_LINK);
    this.#ownCapBytesPerMs[vm] = this.#topology.capBytesPerMs(vm, host);
  }

  /** Initial replication and resynchronization read from volumes, too. */
  #pathFor(vm: number): Path {
    const kind = this.#kind[vm];
    if (kind === TransferKind.delta || !this.#readsAreLimited) return this.#pathOf[vm]!;
    const reads = kind === TransferKind.initial ? this.#readsOfSeeding(vm) : this.#readsOfResync(vm);
    if (reads.length === 0) return this.#pathOf[vm]!;
    return this.#network.path([...this.#topology.waysOut(vm, this.hostOf[vm]!), ...reads]);
  }

  /** The disk that is being sent is read as it goes. */
  #readsOfSeeding(vm: number): LineUse[] {
    const { host, disks } = this.#vms[vm]!;
    const line = this.#topology.readLine(host, disks[this.#core.seedingDisk[vm]!]!.volume);
    return line === undefined ? [] : [{ line, factor: this.#efficiencyRatio / this.#core.compressionRatio[vm]! }];
  }

  /** All disks are read side by side while what differs is sent. */
  #readsOfResync(vm: number): LineUse[] {
    const { host, disks } = this.#vms[vm]!;
    const wireBytes = this.#core.resyncBytes[vm]! / this.#efficiencyRatio;
    if (wireBytes <= 0) return [];
    const readBytes = new Map<number, Bytes>();
    for (const { volume, sizeBytes } of disks) {
      const line = this.#topology.readLine(host, volume);
      if (line !== undefined) readBytes.set(line, (readBytes.get(line) ?? 0) + sizeBytes);
    }
    return [...readBytes].map(([line, bytes]) => ({ line, factor: bytes / wireBytes }));
  }
}
