import { buildDisk, buildRun, buildVm } from '../../laws/build-run.ts';

export const DISK_BYTES: number = 3 * 1024 ** 2;
/** Times as fast as the machine's clock: a copy interval of 30 s passes in half a second. */
export const SPEED = 60;

/** Everything small and fast: a run is over within seconds. */
export const RUN: ReturnType<typeof buildRun> = buildRun({
  vms: [buildVm({ disks: [buildDisk({ sizeBytes: DISK_BYTES, usedBytes: DISK_BYTES })] })],
  policy: { copyFrequencyMs: 12_000, recoveryPointHours: 1 },
  rules: { chunkBytes: 65_536, snapshotBlockBytes: 131_072, compareBytesPerSec: 1e9, retryLadderMs: [3_000, 6_000] },
});

export interface PrimarySettings {
  readonly folder: string;
  readonly diskPath: string;
  readonly port: number;
  readonly seed: number;
  readonly firstWrite: number;
  /** Compressed, and over TLS with what lies in this folder; plain HTTP where it is absent. */
  readonly certificates?: string;
}

export interface ReplicaSettings {
  readonly folder: string;
  readonly port: number;
  readonly certificates?: string;
}

/** From a primary's process: that it runs, what its guest was told is written, and that all of it is at the replica. */
export type PrimaryMessage =
  | { readonly kind: 'started' }
  | { readonly kind: 'acknowledged'; readonly index: number }
  | { readonly kind: 'quiet'; readonly relationshipId: string }
  | { readonly kind: 'incident'; readonly words: string };
