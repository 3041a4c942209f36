import type { RehearsalFigures } from '../../model/rehearsal-figures.ts';
import type { Run } from '../../model/run.ts';
import type { ReplicationCore } from '../../replication/columns.ts';
import { Input, Phase } from '../../replication/lifecycle.ts';
import type { RunResult } from '../../simulate/result.ts';
import { type SimulationObserver, simulate } from '../../simulate/simulate.ts';
import type { Bytes, Millis } from '../../units.ts';

/** What the planner says of a run of one VM, in the figures that a rehearsal of it measures. */
export function predictedFigures(run: Run): RehearsalFigures {
  const watch = new Watch();
  const result = simulate(run, { observer: watch });
  return figuresOf(run, result, watch);
}

function figuresOf({ policy, site }: Run, { vms }: RunResult, watch: Watch): RehearsalFigures {
  const [vm] = vms;
  return {
    wireBytes: vm!.sentBytes,
    logBytes: watch.logBytes,
    logPeakBytes: vm!.hrlPeakBytes,
    snapshotPeakBytes: vm!.snapshotPeakBytes,
    rpoMaxMs: vm!.rpo.maxMs,
    steadyRpoMaxMs: vm!.steadyRpo.maxMs,
    cycles: vm!.cycles,
    resyncs: watch.resyncs,
    compressionRatio: policy.compressionRatio,
    linkEfficiencyRatio: site.link.efficiencyRatio,
  };
}

/** What the result does not tell: the logs that arrived, and each resynchronization. */
class Watch implements SimulationObserver {
  logBytes: Bytes = 0;
  readonly resyncs: { readonly startMs: Millis; endMs: Millis | null }[] = [];
  #core: ReplicationCore | undefined;
  #inFlightBytes: Bytes = 0;

  started(core: ReplicationCore): void {
    this.#core = core;
  }

  stepped({ vm, input, before, after, nowMs }: Parameters<NonNullable<SimulationObserver['stepped']>>[0]): void {
    const core = this.#core!;
    if (input === Input.intervalElapsed)
      this.#inFlightBytes = core.inFlightFileBytes.reduce((sum, bytes) => sum + bytes, 0);
    if (input === Input.transferDone && before === Phase.sending) this.logBytes += this.#inFlightBytes;
    if (after === Phase.resyncing && before !== Phase.resyncing) {
      const startMs = core.resyncStartedAtMs[vm]!;
      if (this.resyncs.at(-1)?.startMs !== startMs) this.resyncs.push({ startMs, endMs: null });
    }
    if (before === Phase.resyncing && (after === Phase.tracking || after === Phase.finalizing)) {
      this.resyncs.at(-1)!.endMs = nowMs;
    }
  }
}
