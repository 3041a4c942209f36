/** Written bytes of a disk by looping over the steps of its churn (semantics 2, 4): slow and obvious. */
import type { Churn } from '../../src/model/workload.ts';
import type { TrackedWrites } from '../../src/replication/tracked-writes.ts';

/** A floor forgives what the last bits of a double lose. */
const FORGIVEN_BYTES = 1e-6;

/** Bytes, with a fraction, written from the run's start to an instant. */
export function naiveIntegral(churn: Churn, atMs: number): number {
  if (atMs <= 0) return 0;
  if (churn.kind === 'constant') return (churn.bytesPerSec * atMs) / 1000;
  let sum = measured(churn, 0, Math.min(atMs, churn.endMs));
  if (churn.repeatMs <= 0 || atMs <= churn.endMs) return sum;
  let leftMs = atMs - Math.max(0, churn.endMs);
  const fromMs = churn.endMs - churn.repeatMs;
  const whole = Math.floor(leftMs / churn.repeatMs);
  sum += whole * measured(churn, fromMs, churn.endMs);
  leftMs -= whole * churn.repeatMs;
  return sum + measured(churn, fromMs, fromMs + leftMs);
}

function measured(churn: Churn & { kind: 'series' }, fromMs: number, toMs: number): number {
  let sum = 0;
  for (const [index, startMs] of churn.startMs.entries()) {
    const endMs = churn.startMs[index + 1] ?? churn.endMs;
    const overlapMs = Math.min(endMs, toMs) - Math.max(startMs, fromMs);
    if (overlapMs > 0) sum += (churn.writtenBytes[index]! * overlapMs) / (endMs - startMs);
  }
  return sum;
}

export function naiveWritten(churn: Churn, atMs: number): number {
  return Math.floor(naiveIntegral(churn, atMs) + FORGIVEN_BYTES);
}

function highestBytesPerMs(churn: Churn): number {
  if (churn.kind === 'constant') return churn.bytesPerSec / 1000;
  return Math.max(
    0,
    ...churn.startMs.map((startMs, index) => {
      const endMs = churn.startMs[index + 1] ?? churn.endMs;
      return churn.writtenBytes[index]! / (endMs - startMs);
    }),
  );
}

/**
 * What the core must know of the guests' writes, for guests that the host stops and starts: what the churn says of the time in
 * which a guest is off is skipped (R40). Disks are numbered in the order given, VMs as `vmOfDisk` says.
 */
export class StoppableWrites implements TrackedWrites {
  readonly #churns: readonly Churn[];
  readonly #vmOfDisk: readonly number[];
  /** Per VM, when its guest was off; the last one may not be over. */
  readonly #off: { readonly fromMs: number; toMs: number }[][];

  constructor(churns: readonly Churn[], vmOfDisk: readonly number[] = churns.map((_, disk) => disk)) {
    this.#churns = churns;
    this.#vmOfDisk = vmOfDisk;
    this.#off = Array.from({ length: Math.max(0, ...vmOfDisk) + 1 }, () => []);
  }

  isStopped(vm: number): boolean {
    return this.#off[vm]!.at(-1)?.toMs === Number.POSITIVE_INFINITY;
  }

  stop(vm: number, atMs: number): void {
    if (!this.isStopped(vm)) this.#off[vm]!.push({ fromMs: atMs, toMs: Number.POSITIVE_INFINITY });
  }

  start(vm: number, atMs: number): void {
    if (this.isStopped(vm)) this.#off[vm]!.at(-1)!.toMs = atMs;
  }

  writtenBytes(disk: number, atMs: number): number {
    return this.#written(disk, atMs, this.#off[this.#vmOfDisk[disk]!]!);
  }

  /** While the guest is off: as if it started at `nowMs`, which is early, never late. */
  reachedAtMs(disk: number, bytes: number, nowMs: number): number {
    if (bytes <= 0) return 0;
    const off = this.#off[this.#vmOfDisk[disk]!]!.map(({ fromMs, toMs }) => ({
      fromMs,
      toMs: toMs === Number.POSITIVE_INFINITY ? Math.max(fromMs, nowMs) : toMs,
    }));
    const isReached = (atMs: number): boolean => this.#written(disk, atMs, off) >= bytes;
    let lateMs = 1;
    while (!isReached(lateMs)) {
      lateMs *= 2;
      if (lateMs > 2e10) return Number.POSITIVE_INFINITY;
    }
    let earlyMs = 0;
    for (;;) {
      const middleMs = (earlyMs + lateMs) / 2;
      if (middleMs <= earlyMs || middleMs >= lateMs) return lateMs;
      if (isReached(middleMs)) lateMs = middleMs;
      else earlyMs = middleMs;
    }
  }

  notReachedBeforeMs(disk: number, bytes: number, nowMs: number, writtenNowBytes: number): number {
    const highest = highestBytesPerMs(this.#churns[disk]!);
    const missing = bytes - writtenNowBytes - 1 - FORGIVEN_BYTES;
    if (missing <= 0) return nowMs;
    return highest === 0 ? Number.POSITIVE_INFINITY : nowMs + missing / highest;
  }

  #written(disk: number, atMs: number, off: readonly { readonly fromMs: number; readonly toMs: number }[]): number {
    const churn = this.#churns[disk]!;
    let bytes = naiveWritten(churn, atMs);
    for (const { fromMs, toMs } of off) {
      if (fromMs < atMs) bytes -= naiveWritten(churn, Math.min(toMs, atMs)) - naiveWritten(churn, fromMs);
    }
    return bytes;
  }
}
