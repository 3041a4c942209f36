import { SCENARIOS } from '../model/scenario.ts';
import type { ReplicationCore } from './columns.ts';
import { Input, isLegal, PHASE_KEYS, Phase, type PhaseKey } from './lifecycle.ts';

/** What a VM is doing, in the words of a refusal. */
export const PHASE_TITLES: Readonly<Record<PhaseKey, string>> = {
  unprotected: 'the VM is not protected',
  enabling: 'Enable protection runs',
  awaitingStart: 'initial replication has not started',
  seeding: 'initial replication runs',
  seedingBackoff: 'initial replication waits for its next attempt',
  exporting: 'initial replication is being exported',
  merging: 'the snapshot of initial replication is being merged',
  finalizing: 'Finalize protection runs',
  awaitingMedia: 'the media of initial replication have not arrived',
  tracking: 'delta replication runs',
  sending: 'delta replication runs',
  sendingBackoff: 'delta replication waits for its next attempt',
  sendingLast: 'a planned failover is under way',
  resyncMarked: 'the VM waits for its resynchronization',
  resyncing: 'a resynchronization runs',
  resyncBackoff: 'a resynchronization waits for its next attempt',
  resyncPaused: 'the resynchronization is paused',
  paused: 'replication is paused',
  critical: 'replication has stopped with a non-recoverable error',
  failedOver: 'the VM has failed over',
  committed: 'the VM has failed over and replication back has not begun',
};

const NO_REPLICA = 'there is no replica to start from yet';
const TEST_RUNS = 'a test failover has not been cleaned up';
const IN_AZURE =
  'a machine that runs in Azure is not replicated back; a planned failover brings it back (Microsoft, "Fail back Hyper-V VMs")';

const ONLY_PLANNED = 'from Azure only a planned failover leads back (Microsoft, "Failover in Site Recovery", 2016)';

/** Why a fault or an administrator's input cannot be fed now; `null` = it can. */
export function refusalOf(core: ReplicationCore, vm: number, input: Input): string | null {
  const phase = core.phase[vm] as Phase;
  if (!isLegal(phase, input)) return PHASE_TITLES[PHASE_KEYS[phase]!];
  const inAzure = SCENARIOS[core.policy.scenario].target === 'azure' && core.atTarget[vm] === 1;
  switch (input) {
    case Input.resyncRequested:
      return core.protectedAtMs[vm] === -1 ? NO_REPLICA : null;
    case Input.testFailoverStarted:
      if (phase === Phase.critical && isResyncHeld(core, vm)) return PHASE_TITLES.resyncing;
      return core.protectedAtMs[vm] === -1 ? NO_REPLICA : core.testing[vm] === 1 ? TEST_RUNS : null;
    case Input.testFailoverCleanedUp:
      return core.testing[vm] === 0 ? 'there is no test failover to clean up' : null;
    case Input.plannedFailover:
      if (phase === Phase.committed) return inAzure ? null : PHASE_TITLES.committed;
      return core.protectedAtMs[vm] === -1 ? NO_REPLICA : core.testing[vm] === 1 ? TEST_RUNS : null;
    case Input.unplannedFailover:
      if (inAzure) return ONLY_PLANNED;
      return core.protectedAtMs[vm] === -1 ? NO_REPLICA : core.testing[vm] === 1 ? TEST_RUNS : null;
    case Input.reversed:
    case Input.reversedInFull:
      return inAzure ? IN_AZURE : null;
    default:
      return null;
  }
}

/** A resynchronization that an error interrupted is still half of one, unless its VM was marked anew meanwhile. */
function isResyncHeld(core: ReplicationCore, vm: number): boolean {
  return core.interrupted[vm] === Phase.resyncing && core.resyncPending[vm] === 0;
}
