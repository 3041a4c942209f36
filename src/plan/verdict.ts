import type { Run } from '../model/run.ts';
import type { RunResult } from '../simulate/result.ts';
import { formatBitsPerSec, formatDurationMs, formatShare } from '../units.ts';
import { everyVmReplicates, lastInitialReplicationEndMs, meetsAlways } from './bandwidth.ts';
import { counted } from './findings/finding.ts';
import { missingBytes } from './findings/volume-space.ts';
import type { Objective, Verdict } from './plan.ts';

/** The verdict on a run: its objectives, and one sentence. */
export function verdictOf(run: Run, result: RunResult): Verdict {
  const objectives = [rpoObjective(result), ...initialObjective(run, result), ...volumeObjective(result)];
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
  const waiting = result.vms.filter((vm) => vm.firstDeltaAtMs === null).length;
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
  const unfinished = result.vms.filter((vm) => vm.initialReplication.endMs === null).length;
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

function volumeObjective(result: RunResult): Objective[] {
  const known = result.volumes.filter((volume) => missingBytes(volume) !== null);
  if (known.length === 0) return [];
  const short = known.filter((volume) => missingBytes(volume)! > 0).length;
  return [
    {
      id: 'volume-space',
      title: 'Room for logs and snapshots on every volume',
      met: short === 0,
      found:
        short === 0
          ? `enough on all ${counted(known.length, 'volume')} with known free space`
          : `${counted(short, 'volume')} would run short`,
    },
  ];
}
