/**
 * The life of one protected VM: its phases, what can happen to it, and which phase may follow.
 *
 * Everything that may happen stands in {@link LIFECYCLE}; the handlers choose among the phases that it lists, and a phase that
 * it does not list is a defect of ours. Facts that are not phases (attempts in a row, recovery point, whether writes are
 * tracked) are columns of the core. `docs/lifecycle.md` is made from this table.
 */

export const Phase = {
  /** No replication relationship; nothing is tracked. */
  unprotected: 0,
  /** Enable protection runs. */
  enabling: 1,
  /** Initial replication: a disk is being sent, or waits for a slot. */
  seeding: 2,
  /** Initial replication waits for its next attempt. */
  seedingBackoff: 3,
  /** All disks have arrived; the snapshot is merged into its parent. */
  merging: 4,
  /** Finalize protection runs. */
  finalizing: 5,
  /** Delta replication, nothing in flight: the open log grows until the next cut. */
  tracking: 6,
  /** Delta replication, a set of logs is in flight: being sent, or waiting for a slot. */
  sending: 7,
  /** The set in flight waits for its next attempt. */
  sendingBackoff: 8,
  /** Logs dropped, nothing tracked; waits for the window. */
  resyncMarked: 9,
  /** Chunks are compared and the differing ones sent. */
  resyncing: 10,
  /** Resynchronization broken off; waits for its next attempt. */
  resyncBackoff: 11,
} as const;
export type Phase = (typeof Phase)[keyof typeof Phase];
export type PhaseKey = keyof typeof Phase;

/** What can happen. Past participles and facts; a deadline that the core asked for comes back as the input it named. */
export const Input = {
  /** An administrator protects the VM. */
  enabled: 0,
  /** An administrator protects the VM with a replica that is identical already (initial replication skipped). */
  adopted: 1,
  enableDone: 2,
  transferDone: 3,
  /** A recoverable error broke the transfer off, or refused it at once. */
  transferFailed: 4,
  retryDue: 5,
  mergeDone: 6,
  finalizeDone: 7,
  /** The copy interval is over: cut. */
  intervalElapsed: 8,
  /** A disk's logs may have reached half its size. */
  logHalfDue: 9,
  /** Automatic resynchronizations may start. */
  windowOpened: 10,
} as const;
export type Input = (typeof Input)[keyof typeof Input];
export type InputKey = keyof typeof Input;

/** Phase × input → the phases that may follow. What is not listed cannot happen in that phase. */
export const LIFECYCLE: Readonly<Record<PhaseKey, Partial<Readonly<Record<InputKey, readonly PhaseKey[]>>>>> = {
  unprotected: { enabled: ['enabling'], adopted: ['tracking'] },
  enabling: { enableDone: ['seeding'] },
  seeding: {
    transferDone: ['seeding', 'merging'],
    transferFailed: ['seedingBackoff'],
    logHalfDue: ['seeding'],
  },
  seedingBackoff: { retryDue: ['seeding'], logHalfDue: ['seedingBackoff'] },
  merging: { mergeDone: ['finalizing'], logHalfDue: ['merging'] },
  finalizing: { finalizeDone: ['tracking', 'resyncMarked'], logHalfDue: ['finalizing'] },
  tracking: { intervalElapsed: ['sending'], logHalfDue: ['tracking', 'resyncMarked'] },
  sending: {
    transferDone: ['tracking'],
    transferFailed: ['sendingBackoff'],
    logHalfDue: ['sending', 'resyncMarked'],
  },
  sendingBackoff: { retryDue: ['sending'], logHalfDue: ['sendingBackoff', 'resyncMarked'] },
  resyncMarked: { windowOpened: ['resyncing'] },
  resyncing: {
    transferDone: ['tracking'],
    transferFailed: ['resyncBackoff'],
    logHalfDue: ['resyncing', 'resyncMarked'],
  },
  resyncBackoff: { retryDue: ['resyncing'], logHalfDue: ['resyncBackoff', 'resyncMarked'] },
};

export const PHASE_KEYS = Object.keys(Phase) as readonly PhaseKey[];
export const INPUT_KEYS = Object.keys(Input) as readonly InputKey[];

/** The table as bits for the hot path: `ALLOWED[phase * inputs + input]` has a bit set for each phase that may follow. */
const ALLOWED: Uint32Array = new Uint32Array(PHASE_KEYS.length * INPUT_KEYS.length);
for (const phase of PHASE_KEYS) {
  for (const [input, next] of Object.entries(LIFECYCLE[phase]) as [InputKey, readonly PhaseKey[]][]) {
    for (const key of next) ALLOWED[Phase[phase] * INPUT_KEYS.length + Input[input]]! |= 1 << Phase[key];
  }
}

/** Whether `input` may happen in `phase` at all. */
export function isLegal(phase: Phase, input: Input): boolean {
  return ALLOWED[phase * INPUT_KEYS.length + input] !== 0;
}

/** Whether `input` may lead from `phase` to `next`. */
export function mayLead(phase: Phase, input: Input, next: Phase): boolean {
  return (ALLOWED[phase * INPUT_KEYS.length + input]! & (1 << next)) !== 0;
}
