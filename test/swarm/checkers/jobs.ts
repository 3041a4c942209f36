import { PHASE_KEYS, Phase, type PhaseKey } from '../../../src/replication/lifecycle.ts';
import { broken, type Law, type Watched } from './law.ts';

const NAME = 'no job is in progress that the final phase does not allow';

const SUSPENDED = ['paused', 'critical'] as const;
const COPYING = ['seeding', 'seedingBackoff', 'exporting', ...SUSPENDED] as const;
const RESYNCHRONIZING = ['resyncMarked', 'resyncing', 'resyncBackoff', 'resyncPaused', 'critical'] as const;

/** The phases in which a job may be in progress. What is not here ends with its own step. */
const ALLOWED: Readonly<Record<string, readonly PhaseKey[]>> = {
  'Enable protection': ['enabling'],
  // With media deltas flow before the import; with an existing replica it is a resynchronization.
  'Initial replication': [
    ...COPYING,
    ...RESYNCHRONIZING,
    'merging',
    'awaitingMedia',
    'tracking',
    'sending',
    'sendingBackoff',
  ],
  'Finalize protection': ['finalizing'],
  Resynchronization: ['resyncing', 'resyncBackoff', 'resyncPaused', 'critical'],
  'Test failover': PHASE_KEYS.filter(
    (key) => !['unprotected', 'enabling', 'awaitingStart', 'failedOver', 'committed'].includes(key),
  ),
  'Planned failover': ['sendingLast', ...RESYNCHRONIZING],
  'Reverse replication': [...COPYING, ...RESYNCHRONIZING, 'merging', 'finalizing'],
};

export function jobsEnd(watched: Watched): Law {
  const phase: Phase[] = watched.vms.map(() => Phase.unprotected);
  return {
    name: NAME,
    stepped({ vm, after }) {
      phase[vm] = after;
    },
    finished(result) {
      for (const { name, jobs } of result.vms) {
        const vm = watched.vms.findIndex((candidate) => candidate.name === name);
        const key = PHASE_KEYS[phase[vm]!]!;
        for (const job of jobs) {
          const inProgress = job.state === 'in progress';
          if (inProgress !== (job.endMs === null)) {
            broken(watched, NAME, vm, job.startMs, `${job.kind} is ${job.state} and ends at ${job.endMs}`);
          }
          if (job.endMs !== null && job.endMs < job.startMs) {
            broken(watched, NAME, vm, job.startMs, `${job.kind} ends before it starts`);
          }
          if (inProgress && ALLOWED[job.kind]?.includes(key) !== true) {
            broken(watched, NAME, vm, job.startMs, `${job.kind} is in progress in ${key}`);
          }
        }
      }
    },
  };
}
