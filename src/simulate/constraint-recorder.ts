import { CAUSES } from '../model/cause.ts';
import type { ReplicationCore } from '../replication/columns.ts';
import { Phase } from '../replication/lifecycle.ts';
import type { Millis } from '../units.ts';
import { CONSTRAINTS, type Constraint, type ConstraintSpan } from './result.ts';
import { Hold } from './topology.ts';
import type { Transfers } from './transfers.ts';

const COUNT = CONSTRAINTS.length;
const numberOf = (constraint: Constraint): number => CONSTRAINTS.indexOf(constraint);

/** The VM's transfer flows: the network says what holds it. */
const FLOWS = COUNT;
const SLOTS = numberOf('slots');
const REPLICA = numberOf('replica');
const SPACE = numberOf('space');
const BACK_OFF = numberOf('backOff');

/** What holds a VM in phases without a transfer; in the others a slot, the lines or the replica's storage do. */
const CONSTRAINT_OF_PHASE: Readonly<Partial<Record<Phase, Constraint>>> = {
  [Phase.unprotected]: 'unprotected',
  [Phase.enabling]: 'work',
  [Phase.awaitingStart]: 'window',
  [Phase.seedingBackoff]: 'backOff',
  [Phase.exporting]: 'work',
  [Phase.merging]: 'work',
  [Phase.finalizing]: 'work',
  [Phase.awaitingMedia]: 'work',
  [Phase.tracking]: 'churn',
  [Phase.sendingBackoff]: 'backOff',
  [Phase.resyncMarked]: 'window',
  [Phase.resyncBackoff]: 'backOff',
  [Phase.resyncPaused]: 'administrator',
  [Phase.paused]: 'administrator',
  [Phase.critical]: 'administrator',
  [Phase.failedOver]: 'administrator',
  [Phase.committed]: 'administrator',
};
const NUMBER_OF_PHASE = Uint8Array.from(Object.values(Phase), (phase) => {
  const constraint = CONSTRAINT_OF_PHASE[phase];
  return constraint === undefined ? SLOTS : numberOf(constraint);
});

const CONSTRAINT_OF_HOLD: Readonly<Record<Hold, Constraint>> = {
  [Hold.own]: 'threads',
  [Hold.host]: 'host',
  [Hold.link]: 'link',
  [Hold.throttle]: 'throttle',
  [Hold.read]: 'read',
};
const NUMBER_OF_HOLD = Uint8Array.from(Object.values(Hold), (hold) => numberOf(CONSTRAINT_OF_HOLD[hold]));

/**
 * What held each VM back, and for how long: of the fleet in each bucket of time, of each VM over the run, and of each VM the
 * constraint that held longest in each bucket. Bounded: a byte for each VM and bucket.
 */
export class ConstraintRecorder {
  /** Constraint × bucket: VM-time of the fleet. */
  readonly fleetMs: readonly Float64Array[];
  readonly #core: ReplicationCore;
  readonly #transfers: Transfers;
  readonly #bucketMs: Millis;
  readonly #bucketCount: number;
  readonly #horizonMs: Millis;
  /** What each VM is held by since when. */
  readonly #holds: Uint8Array;
  readonly #sinceMs: Float64Array;
  /** VM × constraint: time in the bucket that is open, and in all before. */
  readonly #openMs: Float64Array;
  readonly #totalMs: Float64Array;
  /** VM × bucket. */
  readonly #longest: Uint8Array;
  #bucket = 0;
  #vm = 0;
  readonly #takeHeld = (hold: number, ms: Millis): void => {
    this.#openMs[this.#vm * COUNT + NUMBER_OF_HOLD[hold]!]! += ms;
  };

  constructor(core: ReplicationCore, transfers: Transfers, bucketMs: Millis, horizonMs: Millis) {
    this.#core = core;
    this.#transfers = transfers;
    this.#bucketMs = bucketMs;
    this.#horizonMs = horizonMs;
    this.#bucketCount = Math.max(1, Math.ceil(horizonMs / bucketMs));
    this.fleetMs = CONSTRAINTS.map(() => new Float64Array(this.#bucketCount));
    this.#holds = new Uint8Array(core.vmCount).fill(numberOf('unprotected'));
    this.#sinceMs = new Float64Array(core.vmCount);
    this.#openMs = new Float64Array(core.vmCount * COUNT);
    this.#totalMs = new Float64Array(core.vmCount * COUNT);
    this.#longest = new Uint8Array(core.vmCount * this.#bucketCount);
  }

  /** To be called after each step of the VM, and whenever its transfer began, ended or went on to the replica's storage. */
  note(vm: number, nowMs: Millis): void {
    const hold = this.#holdNow(vm);
    if (hold === this.#holds[vm] && hold !== FLOWS) return;
    this.#close(vm, nowMs);
    this.#holds[vm] = hold;
    this.#sinceMs[vm] = nowMs;
  }

  /** Closes the open bucket. To be called at its end, before what happens at that instant. */
  closeBucket(): void {
    const endMs = Math.min(this.#horizonMs, (this.#bucket + 1) * this.#bucketMs);
    for (let vm = 0; vm < this.#core.vmCount; vm++) {
      this.#close(vm, endMs);
      let longest = 0;
      for (let constraint = 0; constraint < COUNT; constraint++) {
        const ms = this.#openMs[vm * COUNT + constraint]!;
        if (ms === 0) continue;
        if (ms > this.#openMs[vm * COUNT + longest]!) longest = constraint;
        this.#totalMs[vm * COUNT + constraint]! += ms;
        this.fleetMs[constraint]![this.#bucket]! += ms;
      }
      this.#longest[vm * this.#bucketCount + this.#bucket] = longest;
      this.#openMs.fill(0, vm * COUNT, (vm + 1) * COUNT);
    }
    this.#bucket++;
  }

  /** Time of the run that a VM spent under each constraint that ever held it. */
  totalsOf(vm: number): Partial<Record<Constraint, Millis>> {
    const totals: Partial<Record<Constraint, Millis>> = {};
    CONSTRAINTS.forEach((constraint, number) => {
      const ms = Math.round(this.#totalMs[vm * COUNT + number]!);
      if (ms > 0) totals[constraint] = ms;
    });
    return totals;
  }

  totalOf(vm: number, constraint: Constraint): Millis {
    return this.#totalMs[vm * COUNT + numberOf(constraint)]!;
  }

  /** The constraint that held longest in each bucket, equal neighbours joined. */
  spansOf(vm: number): ConstraintSpan[] {
    const spans: ConstraintSpan[] = [];
    for (let bucket = 0; bucket < this.#bucketCount; bucket++) {
      const constraint = CONSTRAINTS[this.#longest[vm * this.#bucketCount + bucket]!]!;
      const endMs = Math.min(this.#horizonMs, (bucket + 1) * this.#bucketMs);
      const last = spans.at(-1);
      if (last?.constraint === constraint) spans[spans.length - 1] = { ...last, endMs };
      else spans.push({ constraint, startMs: bucket * this.#bucketMs, endMs });
    }
    return spans;
  }

  #holdNow(vm: number): number {
    const number = NUMBER_OF_PHASE[this.#core.phase[vm]!]!;
    if (number === BACK_OFF) return this.#core.cause[vm] === CAUSES.lowDiskSpace.code ? SPACE : BACK_OFF;
    if (number !== SLOTS) return number;
    if (this.#transfers.isOnTheWay(vm)) return FLOWS;
    return this.#transfers.isApplying(vm) ? REPLICA : SLOTS;
  }

  #close(vm: number, nowMs: Millis): void {
    if (this.#holds[vm] === FLOWS) {
      this.#vm = vm;
      this.#transfers.takeHeldMs(vm, nowMs, this.#takeHeld);
    } else this.#openMs[vm * COUNT + this.#holds[vm]!]! += nowMs - this.#sinceMs[vm]!;
    this.#sinceMs[vm] = nowMs;
  }
}
