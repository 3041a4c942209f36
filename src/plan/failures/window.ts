import { modulo, type RunClock } from '../../model/clock.ts';
import { settingsOf } from '../../model/policy.ts';
import type { Run } from '../../model/run.ts';
import type { BackgroundUse, LinkTraits, Site } from '../../model/site.ts';
import type { Churn, ChurnSeries } from '../../model/workload.ts';
import { cutPhaseMs } from '../../simulate/fleet.ts';
import type { Millis } from '../../units.ts';

/**
 * The fleet once its initial replication is done, where nothing happens to it: without outages, faults and actions, drawn outages
 * included. One failure at a time is put into it [chosen].
 */
export function calmRun(run: Run, horizonMs: Millis): Run {
  return {
    ...run,
    site: calmSite(run.site, 0),
    options: { ...run.options, horizonMs, skipInitialReplication: true },
    events: [],
  };
}

/**
 * A calm run from an instant on, which becomes its 0: logs are empty and recovery points 0 ms old there. Holds only the churn that it
 * needs, so that a short window of a long measurement is made and simulated quickly. {@link windowPhases} keeps the instants of the cuts.
 */
export function windowOf(run: Run, fromMs: Millis, lengthMs: Millis): Run {
  const { workload, site, options } = run;
  const vms = workload.vms.map((vm) => ({
    ...vm,
    disks: vm.disks.map((disk) => ({ ...disk, churn: windowChurn(disk.churn, fromMs, lengthMs) })),
  }));
  return {
    ...run,
    workload: { ...workload, clock: shiftedClock(workload.clock, fromMs), vms },
    site: calmSite(site, fromMs),
    options: { ...options, horizonMs: lengthMs, skipInitialReplication: true },
    events: [],
  };
}

/**
 * Phases of the VMs' cuts in a window that begins at `fromMs`: they cut at the same instants as in the whole run (semantics 12). They lie in
 * [−T, 0), so that each VM cuts within the first interval: boundaries count from the phase plus T, and a first set of up to two intervals would
 * crowd the link as nothing in the whole run does.
 */
export function windowPhases({ workload, policy, options }: Run, fromMs: Millis): (vm: string) => Millis {
  const names = workload.vms.map(({ name }) => name);
  const intervals = new Map(settingsOf(policy, names).map((own, v) => [names[v]!, own.copyFrequencyMs]));
  return (name) => {
    const intervalMs = intervals.get(name) ?? policy.copyFrequencyMs;
    const phaseMs = policy.alignedCuts ? 0 : cutPhaseMs(name, options.seed, intervalMs);
    return modulo(phaseMs - fromMs, intervalMs) - intervalMs;
  };
}

function shiftedClock(clock: RunClock, byMs: Millis): RunClock {
  const offsets = clock.offsets.map((change) => ({ ...change, fromMs: change.fromMs - byMs }));
  return { ...clock, startEpochMs: clock.startEpochMs + byMs, offsets };
}

function calmSite(site: Site, byMs: Millis): Site {
  return {
    ...site,
    link: calmLine(site.link, byMs),
    ...(site.furtherLinks === undefined ? {} : { furtherLinks: site.furtherLinks.map((line) => calmLine(line, byMs)) }),
  };
}

function calmLine<Line extends LinkTraits>(line: Line, byMs: Millis): Line {
  const { randomOutages: _, ...calm } = line;
  const background = line.background === undefined ? {} : { background: shiftedBackground(line.background, byMs) };
  // Without the optional member it is still a line of its kind; the compiler does not see that through a generic rest.
  return { ...calm, ...background, outages: [] } as unknown as Line;
}

function shiftedBackground(background: BackgroundUse, byMs: Millis): BackgroundUse {
  if (background.kind === 'weekly' || byMs === 0) return background;
  return { ...background, startMs: background.startMs.map((ms) => ms - byMs), endMs: background.endMs - byMs };
}

/** More intervals of a disk are not written out [chosen]: a short measurement that is repeated for a week has millions. */
const INTERVALS_MOST = 5000;

/** The churn of [fromMs, fromMs + lengthMs), with `fromMs` as 0; what is repeated is written out, where that is not too much. */
export function windowChurn(churn: Churn, fromMs: Millis, lengthMs: Millis): Churn {
  if (churn.kind === 'constant') return churn;
  if (churn.repeatMs > 0 && (lengthMs / churn.repeatMs) * churn.startMs.length > INTERVALS_MOST)
    return shifted(churn, fromMs);
  const startMs: Millis[] = [];
  const writtenBytes: number[] = [];
  const untilMs = fromMs + lengthMs;
  let endMs = lengthMs;
  const firstMs = churn.startMs[0];
  if (firstMs === undefined) return { kind: 'constant', bytesPerSec: 0 };
  let atMs = Math.max(fromMs, firstMs);
  while (atMs < untilMs) {
    const measuredMs = measuredInstant(churn, atMs);
    if (measuredMs === undefined) {
      endMs = atMs - fromMs;
      break;
    }
    if (measuredMs < firstMs) {
      // Repeated from before the first measurement, where nothing is known to be written.
      startMs.push(atMs - fromMs);
      writtenBytes.push(0);
      atMs += Math.min(firstMs - measuredMs, untilMs - atMs);
      continue;
    }
    const interval = intervalAt(churn.startMs, measuredMs);
    const intervalEndMs = churn.startMs[interval + 1] ?? churn.endMs;
    const widthMs = intervalEndMs - churn.startMs[interval]!;
    const restMs = Math.min(intervalEndMs - measuredMs, untilMs - atMs);
    startMs.push(atMs - fromMs);
    writtenBytes.push((churn.writtenBytes[interval]! * restMs) / widthMs);
    atMs += restMs;
  }
  return { kind: 'series', startMs, writtenBytes, endMs: startMs.length === 0 ? 0 : endMs, repeatMs: 0 };
}

/** The whole series as seen from an instant; where that is repeated already, from the one that stands for it. */
function shifted(churn: ChurnSeries, fromMs: Millis): ChurnSeries {
  const { startMs, endMs, repeatMs } = churn;
  const byMs = fromMs - Math.max(0, Math.ceil((fromMs - endMs) / repeatMs)) * repeatMs;
  return { ...churn, startMs: startMs.map((ms) => ms - byMs), endMs: endMs - byMs };
}

/** The instant of the measurement that stands for an instant of the run; undefined where nothing is written any more. */
function measuredInstant({ endMs, repeatMs }: ChurnSeries, atMs: Millis): Millis | undefined {
  if (atMs < endMs) return atMs;
  return repeatMs === 0 ? undefined : endMs - repeatMs + ((atMs - endMs) % repeatMs);
}

/** Index of the last start at or before `atMs`. */
function intervalAt(startMs: readonly Millis[], atMs: Millis): number {
  let low = 0;
  let high = startMs.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (startMs[middle]! <= atMs) low = middle;
    else high = middle - 1;
  }
  return low;
}
