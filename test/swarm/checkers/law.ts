/** What a checker is: it watches a run from outside and throws where a law is broken. */
import type { Run } from '../../../src/model/run.ts';
import type { Disk, Vm } from '../../../src/model/workload.ts';
import type { ReplicationCore } from '../../../src/replication/columns.ts';
import { INPUT_KEYS, PHASE_KEYS } from '../../../src/replication/lifecycle.ts';
import type { RunResult } from '../../../src/simulate/result.ts';
import type { ObservedStep } from '../../../src/simulate/simulate.ts';
import type { Millis } from '../../../src/units.ts';
import type { LogBook } from './log-book.ts';
import type { PointBook } from './point-book.ts';

/** The run that is watched, VMs and disks in the core's order. */
export interface Watched {
  readonly run: Run;
  /** The columns are read, and compared with what the checkers' own books say. */
  readonly core: ReplicationCore;
  readonly vms: readonly Vm[];
  readonly disks: readonly Disk[];
  /** From here on nothing fails; Infinity where the run is not made to heal. */
  readonly healAtMs: Millis;
  /** The checkers' own books, brought up to date before the laws see a step. */
  readonly logs: LogBook;
  readonly points: PointBook;
}

/** One law. Every method is optional but the law's name, which says what holds. */
export interface Law {
  readonly name: string;
  /** Before the books and the columns of this law's own reading change: nothing of the step is in the books yet. */
  before?(step: ObservedStep): void;
  stepped?(step: ObservedStep): void;
  transfer?(vm: number, flows: boolean, nowMs: Millis): void;
  finished?(result: RunResult): void;
}

export type LawMaker = (watched: Watched) => Law;

/** A law is broken: which, by which VM, when and how. */
export class LawBroken extends Error {
  readonly law: string;
  readonly vm: string;
  readonly atMs: Millis;

  constructor(law: string, vm: string, atMs: Millis, how: string) {
    super(how);
    this.law = law;
    this.vm = vm;
    this.atMs = atMs;
  }
}

/** Throws with the VM's name. */
export function broken({ vms }: Watched, law: string, vm: number, atMs: Millis, how: string): never {
  throw new LawBroken(law, vms[vm]?.name ?? '(the fleet)', atMs, how);
}

export function told({ input, before, after }: ObservedStep): string {
  return `${INPUT_KEYS[input]} led from ${PHASE_KEYS[before]} to ${PHASE_KEYS[after]}`;
}

/** Numbers of the VM's disks. */
export function disksOf({ core }: Pick<Watched, 'core'>, vm: number): number[] {
  const first = core.firstDisk[vm]!;
  return Array.from({ length: core.firstDisk[vm + 1]! - first }, (_, d) => first + d);
}
