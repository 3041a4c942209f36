import { localMinuteOfDay, localWeekday, type RunClock } from '../../model/clock.ts';
import type { Run } from '../../model/run.ts';
import { formatDurationMs, HOUR_MS, type Millis } from '../../units.ts';
import type { Failures } from './types.ts';

const WEEKDAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'] as const;

/** `Tuesday 09:00`, in local time. */
export function weekdayTime(clock: RunClock, atMs: Millis): string {
  const minute = localMinuteOfDay(clock, atMs);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${WEEKDAYS[localWeekday(clock, atMs)]} ${two(Math.floor(minute / 60))}:${two(minute % 60)}`;
}

/** What the study says, in one sentence: true of the starts and the lengths that were tried. */
export function failureSentence(found: Omit<Failures, 'sentence'>, { workload, options }: Run): string {
  const { starts } = found;
  const target = formatDurationMs(options.rpoTargetMs);
  if (workload.vms.length === 0) return 'There is no VM that an outage could strike.';
  if (starts.length === 0) return 'The run is too short to put an outage into it.';
  if (starts.every(({ ladderBoundVm, safeMs }) => ladderBoundVm === null && safeMs !== null)) {
    return 'No VM replicates, so that an outage breaks nothing.';
  }
  const bearing = starts.flatMap(({ safeMs }) => (safeMs === null ? [] : [safeMs]));
  if (bearing.length === 0) {
    return `The objective of ${target} is broken without any outage at each of the ${starts.length} hours that were looked at.`;
  }
  const brokenCount = starts.length - bearing.length;
  const before =
    brokenCount === 0
      ? ''
      : `At ${brokenCount} of ${starts.length} hours the objective of ${target} is broken without any outage; at the others `;
  return `${before}${capital(kept(found, Math.min(...bearing), target, workload.clock), before === '')}`;
}

function kept(
  { smallestBreaking, resolution, starts }: Omit<Failures, 'sentence'>,
  safeMs: Millis,
  target: string,
  clock: RunClock,
): string {
  const everyHour = resolution.wholeWeek && resolution.startStepMs === HOUR_MS;
  const whenever = everyHour ? 'whenever it begins' : `at each of the ${starts.length} hours that were looked at`;
  const objective = `the objective of ${target}`;
  if (smallestBreaking === null) {
    return `an outage of up to ${formatDurationMs(resolution.longestTriedMs)} keeps ${objective} ${whenever}; a longer one was not tried.`;
  }
  const { lengthMs, startMs, breaks } = smallestBreaking;
  const when = weekdayTime(clock, startMs);
  const does = breaks === 'half-disk' ? 'marks VMs for resynchronization' : 'does not';
  if (safeMs === 0) {
    const breaksIt = breaks === 'half-disk' ? 'marks VMs for resynchronization' : `breaks ${objective}`;
    return `an outage of ${formatDurationMs(lengthMs)} beginning ${when} ${breaksIt} already.`;
  }
  return `an outage of up to ${formatDurationMs(safeMs)} keeps ${objective} ${whenever}; one of ${formatDurationMs(lengthMs)} beginning ${when} ${does}.`;
}

function capital(words: string, first: boolean): string {
  return first ? words.charAt(0).toUpperCase() + words.slice(1) : words;
}
