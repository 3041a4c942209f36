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
  /** Enabled; initial replication is scheduled for later. */
  awaitingStart: 2,
  /** Initial replication: a disk is being sent, or waits for a slot. */
  seeding: 3,
  /** Initial replication waits for its next attempt. */
  seedingBackoff: 4,
  /** Initial replication: the disks are exported to media. */
  exporting: 5,
  /** All disks have been sent or exported; the snapshot is merged into its parent. */
  merging: 6,
  /** Finalize protection runs. */
  finalizing: 7,
  /** Marked while the media travel: nothing is tracked or sent until they are imported. */
  awaitingMedia: 8,
  /** Delta replication, nothing in flight: the open log grows until the next cut. */
  tracking: 9,
  /** Delta replication, a set of logs is in flight: being sent, or waiting for a slot. */
  sending: 10,
  /** The set in flight waits for its next attempt. */
  sendingBackoff: 11,
  /** Planned failover: the guest is off, its last changes are being sent. */
  sendingLast: 12,
  /** Logs dropped, nothing tracked; waits for the window. */
  resyncMarked: 13,
  /** Chunks are compared and the differing ones sent. */
  resyncing: 14,
  /** Resynchronization broken off; waits for its next attempt. */
  resyncBackoff: 15,
  /** Resynchronization paused by an administrator. */
  resyncPaused: 16,
  /** Initial or delta replication paused by an administrator; tracking goes on. */
  paused: 17,
  /** A non-recoverable error: nothing is sent until an administrator has acted; tracking goes on. */
  critical: 18,
  /** The guest runs from its replica; it can be committed or cancelled. */
  failedOver: 19,
  /** The failover is final; replication back has not begun. */
  committed: 20,
} as const;
export type Phase = (typeof Phase)[keyof typeof Phase];
export type PhaseKey = keyof typeof Phase;

/**
 * What can happen. Past participles and facts; a deadline that the core asked for comes back as the input it named. The numbers
 * are the order at one instant: a VM's deadlines that coincide are answered lowest first.
 */
export const Input = {
  /** Enable protection has checked the prerequisites and created the relationship. */
  enableDone: 0,
  /** The time for which initial replication was scheduled has come. */
  startDue: 1,
  /** All disks have been exported to media. */
  exportDone: 2,
  /** The exported media have arrived and are imported. */
  mediaImported: 3,
  /** What was being sent has arrived and been applied. */
  transferDone: 4,
  /** The snapshot is merged into its parent. */
  mergeDone: 5,
  /** Finalize protection has configured the network and post-replication settings. */
  finalizeDone: 6,
  /** A recoverable error broke the transfer off, or refused it at once. */
  transferFailed: 7,
  /** A non-recoverable error. */
  fatalError: 8,
  /** Something that logs cannot repair: a failed log write, a log not closed, a disk changed while untracked … */
  resyncRequired: 9,
  /** An administrator protects the VM. */
  enabled: 10,
  /** An administrator protects the VM with a replica that is identical already (initial replication skipped). */
  adopted: 11,
  /** An administrator ends protection. */
  disabled: 12,
  /** An administrator pauses what is under way. */
  paused: 13,
  /** An administrator resumes it. */
  resumed: 14,
  /** An administrator has removed the cause of a non-recoverable error and resumes replication. */
  fixed: 15,
  /** An administrator asks for a resynchronization, at once. */
  resyncRequested: 16,
  /** A test machine is started from the replica; replication goes on. */
  testFailoverStarted: 17,
  /** The test machine is removed. */
  testFailoverCleanedUp: 18,
  /** An administrator fails over with the guest shut down first; from Azure this is the way back. */
  plannedFailover: 19,
  /** An administrator fails over to the recovery point that is there. */
  unplannedFailover: 20,
  /** An administrator takes the failover back. */
  failoverCancelled: 21,
  /** An administrator makes the failover final. */
  failoverCommitted: 22,
  /** Replication in the opposite direction begins, by the least that is needed … */
  reversed: 23,
  /** … or by a full copy. */
  reversedInFull: 24,
  /** The next rung of the ladder has come. */
  retryDue: 25,
  /** Automatic resynchronizations may start. */
  windowOpened: 26,
  /** The copy interval is over: cut. */
  intervalElapsed: 27,
  /** A disk's logs may have reached half its size. */
  logHalfDue: 28,
} as const;
export type Input = (typeof Input)[keyof typeof Input];
export type InputKey = keyof typeof Input;

type Followers = Partial<Readonly<Record<InputKey, readonly PhaseKey[]>>>;

/** Phase × input → the phases that may follow. What is not listed cannot happen in that phase. */
export const LIFECYCLE: Readonly<Record<PhaseKey, Followers>> = {
  unprotected: { enabled: ['enabling'], adopted: ['tracking'] },
  enabling: {
    enableDone: ['awaitingStart', 'seeding', 'exporting', 'resyncing'],
    fatalError: ['unprotected'],
    disabled: ['unprotected'],
  },
  awaitingStart: { startDue: ['seeding', 'exporting', 'resyncing'], disabled: ['unprotected'] },
  seeding: {
    transferDone: ['seeding', 'merging'],
    transferFailed: ['seedingBackoff'],
    fatalError: ['critical'],
    resyncRequired: ['seeding'],
    disabled: ['unprotected'],
    paused: ['paused'],
    logHalfDue: ['seeding'],
  },
  seedingBackoff: {
    fatalError: ['critical'],
    resyncRequired: ['seedingBackoff'],
    disabled: ['unprotected'],
    paused: ['paused'],
    retryDue: ['seeding'],
    logHalfDue: ['seedingBackoff'],
  },
  exporting: {
    exportDone: ['merging'],
    resyncRequired: ['exporting'],
    disabled: ['unprotected'],
    logHalfDue: ['exporting'],
  },
  merging: {
    mediaImported: ['merging'],
    mergeDone: ['finalizing', 'tracking', 'awaitingMedia'],
    resyncRequired: ['merging'],
    disabled: ['unprotected'],
    logHalfDue: ['merging'],
  },
  finalizing: {
    finalizeDone: ['tracking', 'resyncMarked'],
    resyncRequired: ['finalizing'],
    disabled: ['unprotected'],
    logHalfDue: ['finalizing'],
  },
  awaitingMedia: {
    mediaImported: ['resyncMarked'],
    resyncRequired: ['awaitingMedia'],
    disabled: ['unprotected'],
  },
  tracking: {
    mediaImported: ['tracking'],
    fatalError: ['critical'],
    resyncRequired: ['resyncMarked', 'awaitingMedia'],
    disabled: ['unprotected'],
    paused: ['paused'],
    resyncRequested: ['resyncing'],
    testFailoverStarted: ['tracking'],
    testFailoverCleanedUp: ['tracking'],
    plannedFailover: ['sendingLast'],
    unplannedFailover: ['failedOver'],
    intervalElapsed: ['sending'],
    logHalfDue: ['tracking', 'resyncMarked', 'awaitingMedia'],
  },
  sending: {
    mediaImported: ['sending'],
    transferDone: ['tracking'],
    transferFailed: ['sendingBackoff'],
    fatalError: ['critical'],
    resyncRequired: ['resyncMarked', 'awaitingMedia'],
    disabled: ['unprotected'],
    paused: ['paused'],
    resyncRequested: ['resyncing'],
    testFailoverStarted: ['sending'],
    testFailoverCleanedUp: ['sending'],
    plannedFailover: ['sendingLast'],
    unplannedFailover: ['failedOver'],
    logHalfDue: ['sending', 'resyncMarked', 'awaitingMedia'],
  },
  sendingBackoff: {
    mediaImported: ['sendingBackoff'],
    fatalError: ['critical'],
    resyncRequired: ['resyncMarked', 'awaitingMedia'],
    disabled: ['unprotected'],
    paused: ['paused'],
    resyncRequested: ['resyncing'],
    testFailoverStarted: ['sendingBackoff'],
    testFailoverCleanedUp: ['sendingBackoff'],
    unplannedFailover: ['failedOver'],
    retryDue: ['sending'],
    logHalfDue: ['sendingBackoff', 'resyncMarked', 'awaitingMedia'],
  },
  sendingLast: {
    transferDone: ['sendingLast', 'failedOver'],
    transferFailed: ['sendingBackoff'],
    fatalError: ['critical'],
    resyncRequired: ['resyncMarked'],
    disabled: ['unprotected'],
    unplannedFailover: ['failedOver'],
    failoverCancelled: ['sending'],
    logHalfDue: ['sendingLast', 'resyncMarked'],
  },
  resyncMarked: {
    fatalError: ['critical'],
    resyncRequired: ['resyncMarked'],
    disabled: ['unprotected'],
    resyncRequested: ['resyncing'],
    testFailoverStarted: ['resyncMarked'],
    testFailoverCleanedUp: ['resyncMarked'],
    unplannedFailover: ['failedOver'],
    windowOpened: ['resyncing'],
  },
  resyncing: {
    transferDone: ['tracking', 'finalizing', 'sendingLast'],
    transferFailed: ['resyncBackoff'],
    fatalError: ['critical'],
    resyncRequired: ['resyncMarked'],
    disabled: ['unprotected'],
    paused: ['resyncPaused'],
    testFailoverCleanedUp: ['resyncing'],
    unplannedFailover: ['failedOver'],
    logHalfDue: ['resyncing', 'resyncMarked'],
  },
  resyncBackoff: {
    fatalError: ['critical'],
    resyncRequired: ['resyncMarked'],
    disabled: ['unprotected'],
    paused: ['resyncPaused'],
    testFailoverCleanedUp: ['resyncBackoff'],
    unplannedFailover: ['failedOver'],
    retryDue: ['resyncing'],
    logHalfDue: ['resyncBackoff', 'resyncMarked'],
  },
  resyncPaused: {
    resyncRequired: ['resyncPaused'],
    disabled: ['unprotected'],
    resumed: ['resyncing', 'resyncMarked'],
    testFailoverCleanedUp: ['resyncPaused'],
    unplannedFailover: ['failedOver'],
    logHalfDue: ['resyncPaused'],
  },
  paused: {
    mediaImported: ['paused'],
    resyncRequired: ['paused'],
    disabled: ['unprotected'],
    resumed: ['seeding', 'tracking', 'sending', 'resyncMarked', 'awaitingMedia'],
    testFailoverStarted: ['paused'],
    testFailoverCleanedUp: ['paused'],
    unplannedFailover: ['failedOver'],
    logHalfDue: ['paused'],
  },
  critical: {
    mediaImported: ['critical'],
    resyncRequired: ['critical'],
    disabled: ['unprotected'],
    fixed: ['seeding', 'tracking', 'sending', 'resyncMarked', 'resyncing', 'awaitingMedia'],
    testFailoverStarted: ['critical'],
    testFailoverCleanedUp: ['critical'],
    unplannedFailover: ['failedOver'],
    logHalfDue: ['critical'],
  },
  failedOver: {
    disabled: ['unprotected'],
    failoverCancelled: ['tracking', 'sending', 'resyncMarked'],
    failoverCommitted: ['committed'],
  },
  committed: {
    resyncRequired: ['committed'],
    disabled: ['unprotected'],
    plannedFailover: ['resyncing', 'sendingLast'],
    reversed: ['tracking', 'resyncing'],
    reversedInFull: ['seeding'],
    logHalfDue: ['committed'],
  },
};

/** The state that the product's own interface shows for a phase (Msvm_ReplicationRelationship, ReplicationState; facts 6.1). */
export const REPLICATION_STATES: Readonly<Record<PhaseKey, { readonly value: number; readonly name: string }>> = {
  unprotected: { value: 0, name: 'Disabled' },
  enabling: { value: 0, name: 'Disabled' },
  awaitingStart: { value: 1, name: 'Ready for initial replication' },
  seeding: { value: 2, name: 'Waiting to complete initial replication' },
  seedingBackoff: { value: 2, name: 'Waiting to complete initial replication' },
  exporting: { value: 2, name: 'Waiting to complete initial replication' },
  merging: { value: 2, name: 'Waiting to complete initial replication' },
  finalizing: { value: 2, name: 'Waiting to complete initial replication' },
  awaitingMedia: { value: 2, name: 'Waiting to complete initial replication' },
  tracking: { value: 3, name: 'Replicating' },
  sending: { value: 3, name: 'Replicating' },
  sendingBackoff: { value: 8, name: 'Critical' },
  sendingLast: { value: 12, name: 'Failover in progress' },
  resyncMarked: { value: 9, name: 'Waiting to start resynchronization' },
  resyncing: { value: 10, name: 'Resynchronizing' },
  resyncBackoff: { value: 10, name: 'Resynchronizing' },
  resyncPaused: { value: 11, name: 'Resynchronization suspended' },
  paused: { value: 7, name: 'Suspended' },
  critical: { value: 8, name: 'Critical' },
  failedOver: { value: 5, name: 'Failover complete' },
  committed: { value: 6, name: 'Committed' },
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

/** The phases in which a transfer flows or waits for a slot. */
export function hasTransfer(phase: Phase): boolean {
  return phase === Phase.sending || phase === Phase.seeding || phase === Phase.resyncing || phase === Phase.sendingLast;
}
