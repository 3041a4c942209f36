import { formatDurationMs, HOUR_MS, type Millis } from '../../units.ts';
import { weekdayTime } from '../failures/sentence.ts';
import { counted, type FindingRule } from './finding.ts';

/** Repairs of a line are seldom quicker [chosen]. */
export const TOLERATED_LEAST_MS: Millis = HOUR_MS;

/** The longest outage of the link that keeps the objective, at the hour that bears least. */
export const outageTolerance: FindingRule = {
  id: 'outage-tolerance',
  fine: 'An outage of an hour keeps the objective at every hour that was looked at',
  trouble: 'The objective bears no outage of an hour',
  why: 'Lines fail, and are seldom back within the hour; the retry ladder makes VMs wait on, though the link is back.',
  source: 'Simulations of one outage each; that an hour has to be borne: chosen',
  judge({ failures, run }) {
    const { starts, smallestBreaking } = failures;
    if (starts.length === 0 || starts.every(({ ladderBoundMs }) => ladderBoundMs === null)) return undefined;
    const bearing = starts.flatMap(({ safeMs }) => (safeMs === null ? [] : [safeMs]));
    const target = formatDurationMs(run.options.rpoTargetMs);
    const action =
      'Have a second way for replication, agree on an RPO that bears the repair time of the line, or resume replication by hand as soon as the link is back.';
    if (bearing.length === 0) {
      return {
        ok: false,
        severity: 'note',
        title: `The objective of ${target} is broken without any outage, at every hour that was looked at`,
        ...{ value: null, unit: 'ms', action },
      };
    }
    const leastMs = bearing.reduce((least, ms) => Math.min(least, ms));
    const { clock } = run.workload;
    if (leastMs >= TOLERATED_LEAST_MS && bearing.length === starts.length) {
      const title = `An outage of up to ${formatDurationMs(leastMs)} keeps the objective of ${target} at each of ${starts.length} hours`;
      return { ok: true, title, value: leastMs, unit: 'ms' };
    }
    const short = starts
      .filter(({ safeMs }) => safeMs === null || safeMs < TOLERATED_LEAST_MS)
      .toSorted((a, b) => (a.safeMs ?? -1) - (b.safeMs ?? -1) || a.startMs - b.startMs);
    const title =
      smallestBreaking === null || leastMs >= TOLERATED_LEAST_MS
        ? `At ${counted(starts.length - bearing.length, 'hour')} of ${starts.length} the objective of ${target} is broken without any outage`
        : `An outage of ${formatDurationMs(smallestBreaking.lengthMs)} that begins ${weekdayTime(clock, smallestBreaking.startMs)} breaks the objective of ${target}`;
    return {
      ok: false,
      severity: 'note',
      title,
      ...{ value: leastMs, unit: 'ms', action },
      detail: `At ${counted(short.length, 'hour')} of the ${starts.length} that were looked at, no outage of ${formatDurationMs(TOLERATED_LEAST_MS)} is borne.`,
      names: short.map(
        ({ startMs, safeMs }) =>
          `${weekdayTime(clock, startMs)}: ${safeMs === null ? 'none' : formatDurationMs(safeMs)}`,
      ),
    };
  },
};
