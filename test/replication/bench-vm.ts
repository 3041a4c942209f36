/** One VM with two disks on a core whose guest writes by hand: for tests of single sentences. */
import type { CauseKey } from '../../src/model/cause.ts';
import { CAUSES } from '../../src/model/cause.ts';
import { createCore, GuestEffect, type ReplicationCore } from '../../src/replication/columns.ts';
import { Input, type InputKey, PHASE_KEYS, type PhaseKey } from '../../src/replication/lifecycle.ts';
import { diskLogBytes, diskSnapshotBytes } from '../../src/replication/logs.ts';
import { refusalOf } from '../../src/replication/refusal.ts';
import { step } from '../../src/replication/step.ts';
import type { TouchedPlaces } from '../../src/replication/tracked-writes.ts';
import { HOUR_MS, MIB } from '../../src/units.ts';
import { buildDisk, buildRun, buildVm, type RunChange } from '../laws/build-run.ts';

export class BenchVm {
  readonly core: ReplicationCore;
  readonly written: number[] = [0, 0];
  nowMs = 0;

  constructor(change: RunChange = {}, places?: TouchedPlaces) {
    const run = buildRun({
      vms: [
        buildVm({
          disks: [
            buildDisk({ name: 'a', sizeBytes: 100 * MIB, usedBytes: 10 * MIB }),
            buildDisk({ name: 'b', sizeBytes: 100 * MIB, usedBytes: 20 * MIB }),
          ],
        }),
      ],
      ...change,
    });
    this.core = createCore(run.workload, run.policy, {
      writes: {
        writtenBytes: (disk) => this.written[disk]!,
        reachedAtMs: () => Number.POSITIVE_INFINITY,
        notReachedBeforeMs: () => Number.POSITIVE_INFINITY,
      },
      resyncSpans: [{ startMs: 10 * HOUR_MS, endMs: 20 * HOUR_MS }],
      cutPhaseMs: [0],
      ...(places === undefined ? {} : { places }),
    });
  }

  /** Feeds an input at an instant; `sentBytes` had gone out of the transfer. */
  feed(input: InputKey, atMs: number = this.nowMs, cause?: CauseKey, sentBytes = 0): this {
    this.nowMs = atMs;
    step(this.core, 0, Input[input], atMs, sentBytes, cause === undefined ? 0 : CAUSES[cause].code);
    return this;
  }

  /** The deadline comes. */
  wake(): this {
    this.nowMs = this.core.wakeAtMs[0]!;
    step(this.core, 0, this.core.wakeInput[0] as Input, this.nowMs);
    return this;
  }

  /** The guest writes to both disks. */
  write(bytes: number): this {
    this.written[0]! += bytes;
    this.written[1]! += bytes;
    return this;
  }

  refuses(input: InputKey): string | null {
    return refusalOf(this.core, 0, Input[input]);
  }

  get phase(): PhaseKey {
    return PHASE_KEYS[this.core.phase[0]!]!;
  }

  get guest(): 'goes on' | 'stops' | 'starts' {
    const { guest } = this.core.effects;
    return guest === GuestEffect.none ? 'goes on' : guest === GuestEffect.stop ? 'stops' : 'starts';
  }

  logBytes(disk: number): number {
    return diskLogBytes(this.core, 0, disk, this.nowMs);
  }

  snapshotBytes(disk: number): number {
    return diskSnapshotBytes(this.core, disk, this.nowMs);
  }

  /** Of both disks. */
  get allLogBytes(): number {
    return this.logBytes(0) + this.logBytes(1);
  }
}
