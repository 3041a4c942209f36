import type { Run } from '../model/run.ts';
import type { RunResult, VolumeResult } from '../simulate/result.ts';
import { formatBitsPerSec, formatDurationMs, formatShare } from '../units.ts';
import { everyVmReplicates, lastInitialReplicationEndMs, meetsAlways } from './bandwidth.ts';
import { counted } from './findings/finding.ts';
import { missingBytes } from './findings/volume-space.ts';
import type { Objective, Verdict } from './plan.ts';

/**
 * The verdict on a run: its objectives, and one sentence.
 *
 * @param volumes what logs and snapshots need
 */
export function verdictOf(run: Run, result: RunResult, volumes: readonly VolumeResult[]): Verdict {
  const objectives = [
    rpoObjective(result),
    ...initialObjective(run, result),
    ...volumeObjective(volumes, run.policy.rules.volumeReserveRatio),
    ...protectionObjective(result),
  ];
  const broken = objectives.filter((objective) => !objective.met);
  const capacity = formatBitsPerSec(run.site.link.capacityBitsPerSec);
  const vms = counted(result.vms.length, 'VM');
  const sentence =
    broken.length === 0
      ? `${capacity} protect ${vms} within the RPO of ${formatDurationMs(result.rpo.targetMs)}.`
      : `${capacity} do not protect ${vms} as promised: ${broken.map((objective) => objective.found).join('; ')}.`;
  return { met: broken.length === 0, sentence, objectives };
}

function rpoObjective(result: RunResult): Objective {
  const { targetMs, steady } = result.rpo;
  const title = `Recovery points at most ${formatDurationMs(targetMs)} old`;
  if (steady.maxMs === null) return { id: 'rpo', title, met: false, found: 'no VM got as far as its first delta' };
  const waiting = result.vms.filter((vm) => vm.firstDeltaAtMs === null && vm.enableFailure === null).length;
  const late = everyVmReplicates(result) ? '' : `, ${counted(waiting, 'VM')} had no delta yet`;
  return {
    id: 'rpo',
    title,
    met: meetsAlways(result),
    found: `the oldest was ${formatDurationMs(steady.maxMs)}, ${formatShare(steady.withinTargetFraction!)} of the time was within${late}`,
  };
}

function initialObjective(run: Run, result: RunResult): Objective[] {
  if (run.options.skipInitialReplication) return [];
  const endMs = lastInitialReplicationEndMs(result);
  const unfinished = result.vms.filter(
    ({ initialReplication, enableFailure }) => initialReplication.endMs === null && enableFailure === null,
  ).length;
  return [
    {
      id: 'initial-replication',
      title: `Initial replication within ${formatDurationMs(result.horizonMs)}`,
      met: endMs !== null,
      found:
        endMs === null
          ? `initial replication of ${counted(unfinished, 'VM')} did not end`
          : `the last one ended after ${formatDurationMs(endMs)}`,
    },
  ];
}

function volumeObjective(volumes: readonly VolumeResult[], reserveRatio: number): Objective[] {
  const missing = volumes.flatMap((volume) => missingBytes(volume, reserveRatio) ?? []);
  if (missing.length === 0) return [];
  const short = missing.filter((bytes) => bytes > 0).length;
  return [
    {
      id: 'volume-space',
      title: 'Room for logs and snapshots on every volume',
      met: short === 0,
      found:
        short === 0
          ? `enough on all ${counted(missing.length, 'volume')} with known free space`
          : `${counted(short, 'volume')} would run short`,
    },
  ];
}

/** Only where a VM fails the check of its prerequisites is there anything to say. */
function protectionObjective(result: RunResult): Objective[] {
  const failed = result.vms.filter((vm) => vm.enableFailure !== null).length;
  if (failed === 0) return [];
  return [
    {
      id: 'protection',
      title: 'Every VM can be protected',
      met: false,
      found: `${counted(failed, 'VM')} ${failed === 1 ? 'lacks' : 'lack'} a prerequisite`,
    },
  ];
}
