import { settingsOf } from '../../../src/model/policy.ts';
import { PHASE_KEYS, Phase } from '../../../src/replication/lifecycle.ts';
import type { Millis } from '../../../src/units.ts';
import { broken, type Law, type Watched } from './law.ts';

const NAME = 'after the last fault every VM is back in delta replication in time';

/** When the fleet had healed, as a share of the bound; for `--stats`. */
export interface Healing {
  latestShare: number;
}

/** The horizon is the bound: by then a cycle has been completed after the last fault, and delta replication runs. */
export function everyVmHeals(watched: Watched, healing: Healing = { latestShare: 0 }): Law {
  const { vms, run, healAtMs } = watched;
  const phase: Phase[] = vms.map(() => Phase.unprotected);
  /** The first cycle that was completed after the last fault with nothing but delta replication since; −1 = none. */
  const healedAtMs: Millis[] = vms.map(() => -1);
  const missing = new Set(
    run.policy.overrides.flatMap((own) => (own.missingPrerequisite === undefined ? [] : [own.vm])),
  );
  return {
    name: NAME,
    stepped({ vm, before, after, nowMs }) {
      phase[vm] = after;
      const replicates = after === Phase.tracking || after === Phase.sending;
      if (!replicates) healedAtMs[vm] = -1;
      else if (healedAtMs[vm] === -1 && before === Phase.sending && nowMs > healAtMs) healedAtMs[vm] = nowMs;
    },
    finished({ horizonMs }) {
      if (healAtMs === Number.POSITIVE_INFINITY) return;
      vms.forEach(({ name }, vm) => {
        // Whose prerequisites are missing can never be protected.
        if (missing.has(name)) return;
        if (healedAtMs[vm]! >= 0) {
          const share = (healedAtMs[vm]! - healAtMs) / (horizonMs - healAtMs);
          healing.latestShare = Math.max(healing.latestShare, share);
          return;
        }
        const { copyFrequencyMs } = settingsOf(run.policy, [name])[0]!;
        const key = PHASE_KEYS[phase[vm]!];
        const how = `in ${key}, ${horizonMs - healAtMs} ms after the last fault (copy interval ${copyFrequencyMs} ms)`;
        broken(watched, NAME, vm, horizonMs, how);
      });
    },
  };
}
