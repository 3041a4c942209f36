/**
 * The rule of batches for fleets of constant churn on one plain link: no profiles, no hours, no looking ahead. Everything is worked out
 * anew for every VM that is offered.
 */
import type { Run } from '../../../src/model/run.ts';
import { isShared } from '../../../src/model/site.ts';
import type { Vm } from '../../../src/model/workload.ts';
import { DAY_MS, HOUR_MS, MIB, MINUTE_MS } from '../../../src/units.ts';

const BLOCK = 2 * MIB;
const METADATA_8K = 4096 / (127 * 8192);

interface Batch {
  startMs: number;
  members: Vm[];
  tailMs: number;
  transferMs: number;
}

/** Names by batch; VMs that do not hold alone are not in it. Margins are 1. */
export function naiveArrange(run: Run): string[][] {
  const { site, workload, options, policy } = run;
  const slots = policy.maxActiveTransfers ?? Number.POSITIVE_INFINITY;
  const linkBytesPerMs = site.link.capacityBitsPerSec / 8000;
  const shared = new Set(site.volumes.filter(({ host }) => host === undefined).map(({ name }) => name));
  const keyOf = ({ host, disks: [disk] }: Vm): string =>
    isShared(disk!.volume, shared) ? disk!.volume : `${host}: ${disk!.volume}`;
  const roomOf = (vm: Vm): number => {
    const volume = site.volumes.find(
      ({ name, host }) => (host === undefined ? name : `${host}: ${name}`) === keyOf(vm),
    );
    if (volume?.freeBytes === undefined) return Number.POSITIVE_INFINITY;
    return Math.max(0, volume.freeBytes - (volume.capacityBytes ?? 0) * policy.rules.volumeReserveRatio);
  };
  const churn = ({ disks: [disk] }: Vm): number =>
    disk!.churn.kind === 'constant' ? disk!.churn.bytesPerSec / 1000 : Number.NaN;
  const delta = (vm: Vm): number => churn(vm) * (1 + 4096 / (127 * vm.disks[0]!.meanWriteBytes));
  const used = (vm: Vm): number => vm.disks[0]!.usedBytes;
  const logBytes = (vm: Vm, bytes: number): number =>
    8192 + bytes + 4096 * Math.ceil(bytes / (127 * vm.disks[0]!.meanWriteBytes));
  const snapshot = (vm: Vm, ms: number): number =>
    Math.min(vm.disks[0]!.sizeBytes, Math.ceil(Math.min(vm.disks[0]!.sizeBytes, churn(vm) * ms) / BLOCK) * BLOCK);
  const own = (vm: Vm, ms: number): number => logBytes(vm, churn(vm) * ms) + 12_288 + snapshot(vm, ms);
  const total = (vms: readonly Vm[], of: (vm: Vm) => number): number => vms.reduce((sum, vm) => sum + of(vm), 0);
  const waitMs = Math.min(options.rpoTargetMs, HOUR_MS);

  const transferMs = (before: readonly Vm[], members: readonly Vm[]): number => {
    const bytes = total(members, used);
    const free = linkBytesPerMs - total([...before, ...members], delta);
    if (bytes === 0) return 0;
    return free <= 0 ? Number.POSITIVE_INFINITY : bytes / free;
  };
  const need = (before: readonly Vm[], members: readonly Vm[], of: Vm, ms: number): number => {
    const there = before.filter((vm) => keyOf(vm) === keyOf(of));
    const logs = total(there, churn) * waitMs * (1 + METADATA_8K) + there.length * 2 * 12_288;
    return (
      logs +
      total(
        members.filter((vm) => keyOf(vm) === keyOf(of)),
        (vm) => own(vm, ms),
      )
    );
  };
  const withOne = (before: readonly Vm[], batch: Batch, vm: Vm): Batch => {
    const members = [...batch.members, vm];
    const ms = Math.max(batch.transferMs, transferMs(before, members));
    const tailMs = Math.max(batch.tailMs, snapshot(vm, ms) / 100e3 + policy.copyFrequencyMs);
    return { startMs: batch.startMs, members, transferMs: ms, tailMs };
  };
  const holds = (before: readonly Vm[], batch: Batch): boolean => {
    const { members } = batch;
    const lastMs = batch.transferMs + batch.tailMs;
    const last = members.at(-1)!;
    if (batch.startMs + lastMs > 60 * DAY_MS) return false;
    const sameHost = members.filter(({ host }) => host === last.host).length;
    const reserved = before.some(({ host }) => host === last.host) ? 1 : 0;
    if (sameHost > 1 && sameHost > slots - reserved) return false;
    if (members.some((vm) => logBytes(vm, churn(vm) * lastMs) >= vm.disks[0]!.sizeBytes / 2)) return false;
    if (members.some((vm) => need(before, members, vm, lastMs) > roomOf(vm))) return false;
    const hosts = Map.groupBy(members, ({ host }) => host);
    const flows = [...hosts.values()].reduce((sum, vms) => sum + Math.min(slots, vms.length), 0);
    const largest = Math.max(1, ...[...before, ...members].map((vm) => delta(vm) * policy.copyFrequencyMs));
    const free = linkBytesPerMs - total([...before, ...members], delta);
    const most = Math.floor((free * Math.max(0, waitMs - policy.copyFrequencyMs)) / largest) - 1;
    return batch.transferMs === 0 || flows <= 1 || most < 1 || flows <= most;
  };
  const empty = (startMs: number): Batch => ({ startMs, members: [], transferMs: 0, tailMs: 0 });

  const pressure = (vm: Vm): number => {
    const room = roomOf(vm);
    const { transferMs: ms, tailMs } = withOne([], empty(0), vm);
    return room === Number.POSITIVE_INFINITY ? 0 : own(vm, Math.min(60 * DAY_MS, ms + tailMs)) / Math.max(1, room);
  };
  let waiting = workload.vms
    .filter((vm) => holds([], withOne([], empty(0), vm)))
    .sort((a, b) => pressure(b) - pressure(a) || used(b) - used(a) || (a.name < b.name ? -1 : 1));
  const before: Vm[] = [];
  const batches: string[][] = [];
  let startMs = 0;
  while (waiting.length > 0) {
    let batch = empty(startMs);
    const left: Vm[] = [];
    for (const vm of waiting) {
      const larger = withOne(before, batch, vm);
      if (holds(before, larger)) batch = larger;
      else left.push(vm);
    }
    if (batch.members.length === 0) batch = withOne(before, batch, left.shift()!);
    batches.push(batch.members.map(({ name }) => name));
    before.push(...batch.members);
    const endMs = batch.startMs + batch.transferMs + batch.tailMs;
    startMs = Math.ceil(endMs / (15 * MINUTE_MS)) * 15 * MINUTE_MS;
    waiting = left;
  }
  return batches;
}
