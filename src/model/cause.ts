/**
 * Why replication stops or a VM has to be resynchronized: every example of the retry table and every documented trigger, by
 * name. The core carries the code; whoever shows it looks the rest up here.
 */
export interface CauseEntry {
  /** What the core's columns carry; 0 stands for none. */
  readonly code: number;
  /** As the sources name it; the words that the command line takes. */
  readonly title: string;
  /**
   * `recoverable`: tried again on the ladder (semantics 20). `nonRecoverable`: the VM is Critical until an administrator has acted
   * (semantics 21). `resync`: the replica can no longer be brought forward by logs (semantics 23, facts 4).
   */
  readonly kind: 'recoverable' | 'nonRecoverable' | 'resync';
  /** What an administrator does about it. */
  readonly remedy: string;
  /** After the remedy the logs no longer tell all changes: a resynchronization follows. */
  readonly resyncAfterFix: boolean;
  readonly source: string;
}

const RETRY_LOGIC = 'Microsoft, "Hyper-V replication with Azure Site Recovery", 2016, "Retry logic"';
const TRIGGERS = 'Microsoft Virtualization team blog, 2013-05-10, on resynchronization';
const RESYNC_REMEDY = 'Let the resynchronization run in its window, or start it by hand.';

export type CauseKey =
  | 'networkError'
  | 'lowDiskSpace'
  | 'lowMemory'
  | 'brokenVhdChain'
  | 'invalidReplicaState'
  | 'authenticationError'
  | 'authorizationError'
  | 'vmNotFound'
  | 'prerequisiteMissing'
  | 'logsAtHalfDisk'
  | 'logWriteFailed'
  | 'logNotClosed'
  | 'diskChanged'
  | 'volumeReverted'
  | 'logOutOfSequence'
  | 'resyncByHand'
  | 'repaired';

export const CAUSES: Readonly<Record<CauseKey, CauseEntry>> = {
  networkError: {
    code: 1,
    title: 'network error',
    kind: 'recoverable',
    remedy: 'Restore the way to the target; replication goes on at the next attempt.',
    resyncAfterFix: false,
    source: RETRY_LOGIC,
  },
  lowDiskSpace: {
    code: 2,
    title: 'low disk space',
    kind: 'recoverable',
    remedy: 'Free or add space on the volume of the disk and its logs.',
    resyncAfterFix: false,
    source: RETRY_LOGIC,
  },
  lowMemory: {
    code: 3,
    title: 'low memory',
    kind: 'recoverable',
    remedy: 'Free memory on the host.',
    resyncAfterFix: false,
    source: RETRY_LOGIC,
  },
  brokenVhdChain: {
    code: 4,
    title: 'broken VHD chain',
    kind: 'nonRecoverable',
    remedy:
      'Repair the chain of differencing disks (reconnect or merge them), then resume; a resynchronization follows.',
    resyncAfterFix: true,
    source: RETRY_LOGIC,
  },
  invalidReplicaState: {
    code: 5,
    title: 'invalid replica state',
    kind: 'nonRecoverable',
    remedy:
      'Put the replica virtual machine back into its state (off, not failed over), then resume; a resynchronization follows.',
    resyncAfterFix: true,
    source: RETRY_LOGIC,
  },
  authenticationError: {
    code: 6,
    title: 'authentication error',
    kind: 'nonRecoverable',
    remedy: 'Renew the certificate or the trust between the servers, or register the Provider again, then resume.',
    resyncAfterFix: false,
    source: RETRY_LOGIC,
  },
  authorizationError: {
    code: 7,
    title: 'authorization error',
    kind: 'nonRecoverable',
    remedy: 'Allow this server on the replica server or in the vault again, then resume.',
    resyncAfterFix: false,
    source: RETRY_LOGIC,
  },
  vmNotFound: {
    code: 8,
    title: 'VM not found',
    kind: 'nonRecoverable',
    remedy: 'Register the virtual machine on its standalone host again, then resume.',
    resyncAfterFix: false,
    source: RETRY_LOGIC,
  },
  prerequisiteMissing: {
    code: 9,
    title: 'prerequisite missing',
    kind: 'nonRecoverable',
    remedy: 'Meet the prerequisite, then enable protection again.',
    resyncAfterFix: false,
    source: 'Microsoft, "Hyper-V replication with Azure Site Recovery", 2016, "Enable protection"',
  },
  logsAtHalfDisk: {
    code: 10,
    title: 'logs at half the disk',
    kind: 'resync',
    remedy: 'Give the link or the volume more room; see the bandwidth that the deltas need.',
    resyncAfterFix: false,
    source: 'Microsoft, "Hyper-V replication with Azure Site Recovery", 2016, "Resynchronization"',
  },
  logWriteFailed: {
    code: 11,
    title: 'failed log write',
    kind: 'resync',
    remedy: `Free space on the volume of the logs. ${RESYNC_REMEDY}`,
    resyncAfterFix: false,
    source: TRIGGERS,
  },
  logNotClosed: {
    code: 12,
    title: 'log not closed',
    kind: 'resync',
    remedy: RESYNC_REMEDY,
    resyncAfterFix: false,
    source: `${TRIGGERS}; [MS-HRL] v20240423, 2.2 EOLLocation`,
  },
  diskChanged: {
    code: 13,
    title: 'disk changed while untracked',
    kind: 'resync',
    remedy: RESYNC_REMEDY,
    resyncAfterFix: false,
    source: TRIGGERS,
  },
  volumeReverted: {
    code: 14,
    title: 'reverted volume',
    kind: 'resync',
    remedy: RESYNC_REMEDY,
    resyncAfterFix: false,
    source: TRIGGERS,
  },
  logOutOfSequence: {
    code: 15,
    title: 'log out of sequence',
    kind: 'resync',
    remedy: RESYNC_REMEDY,
    resyncAfterFix: false,
    source: TRIGGERS,
  },
  resyncByHand: {
    code: 16,
    title: 'asked for by an administrator',
    kind: 'resync',
    remedy: 'None is needed: it starts at once.',
    resyncAfterFix: false,
    source: 'Microsoft, "Hyper-V replication with Azure Site Recovery", 2016, "Resynchronization"',
  },
  repaired: {
    code: 17,
    title: 'repaired after a non-recoverable error',
    kind: 'resync',
    remedy: RESYNC_REMEDY,
    resyncAfterFix: false,
    source: 'chosen',
  },
};

export const CAUSE_KEYS = Object.keys(CAUSES) as readonly CauseKey[];

/** The cause of a code that a column carries; `null` for 0. */
export function causeOf(code: number): (CauseEntry & { readonly key: CauseKey }) | null {
  const key = CAUSE_KEYS.find((candidate) => CAUSES[candidate].code === code);
  return key === undefined ? null : { key, ...CAUSES[key] };
}
