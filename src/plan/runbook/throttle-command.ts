import { type Throttle, type WeeklySchedule, type WeeklyWindow, windowMinutes } from '../../model/schedule.ts';
import type { BitsPerSec } from '../../units.ts';
import { formatBitsPerSec } from '../../units.ts';

/** "512 Kbps" to "1023 Mbps": KB3056159; the value is in bits per second, by the documentation's own example (facts 7). */
const RATE_LEAST: BitsPerSec = 512 * 1024;
const RATE_MOST: BitsPerSec = 1023 * 1024 ** 2;
const DAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];

export interface ThrottleCommand {
  /** Of `Set-OBMachineSetting`; `null` where it has no way to say the schedule. */
  readonly script: string | null;
  /** What the command does not say of the schedule, a sentence each; empty = it says all of it. */
  readonly differs: readonly string[];
  /** What no document says of the command. */
  readonly notVerified: readonly string[];
}

/**
 * A weekly schedule as `Set-OBMachineSetting` can say it: one span of work hours on some days, a rate in it, a rate at all other times; or
 * no limit at all. What the agent has no way to say is said in words, never rounded away in silence.
 */
export function throttleCommand(schedule: WeeklySchedule<Throttle>): ThrottleCommand {
  const windows = joined(schedule.windows);
  const [window, ...more] = windows;
  if (window === undefined || coversWeek(windows)) {
    const only = window === undefined ? schedule.otherwise : window.value;
    return more.length > 0 ? tooMany(windows.length) : allWeek(only);
  }
  if (more.length > 0) return tooMany(windows.length);
  const work = rateOf(window.value);
  const other = rateOf(schedule.otherwise);
  const differs = [...work.differs, ...other.differs];
  if (work.bitsPerSec === undefined || other.bitsPerSec === undefined)
    return { script: null, differs, notVerified: [] };
  return {
    script: [
      'Set-OBMachineSetting',
      `-WorkDay ${window.days.map((day) => `'${DAYS[day]}'`).join(', ')}`,
      `-StartWorkHour '${clockTime(window.startMinute)}'`,
      `-EndWorkHour '${clockTime(window.endMinute)}'`,
      `-WorkHourBandwidth ${bits(work.bitsPerSec)}`,
      `-NonWorkHourBandwidth ${bits(other.bitsPerSec)}`,
    ].join(' '),
    differs,
    notVerified:
      window.endMinute > window.startMinute ? [] : ['Whether work hours can reach over midnight is not documented.'],
  };
}

/** The same rate at every hour: work hours that are no different from the others. */
function allWeek(value: Throttle): ThrottleCommand {
  if (value.kind === 'none') return { script: 'Set-OBMachineSetting -NoThrottle', differs: [], notVerified: [] };
  const { bitsPerSec, differs } = rateOf(value);
  if (bitsPerSec === undefined) return { script: null, differs, notVerified: [] };
  const rate = bits(bitsPerSec);
  const script = `Set-OBMachineSetting -WorkDay ${DAYS.map((day) => `'${day}'`).join(', ')} -StartWorkHour '9:00:00' -EndWorkHour '18:00:00' -WorkHourBandwidth ${rate} -NonWorkHourBandwidth ${rate}`;
  return { script, differs, notVerified: [] };
}

function tooMany(count: number): ThrottleCommand {
  return {
    script: null,
    differs: [
      `The schedule has ${count} windows; the agent has one span of work hours and one limit for all other times. Merge them, or throttle on the router.`,
    ],
    notVerified: [],
  };
}

/** Windows that are open at the same hours with the same limit, as one, days ascending. */
function joined(windows: readonly WeeklyWindow<Throttle>[]): WeeklyWindow<Throttle>[] {
  const byHours = new Map<string, WeeklyWindow<Throttle>>();
  for (const window of windows) {
    if (window.days.length === 0) continue;
    const key = JSON.stringify([window.startMinute, window.endMinute, window.value]);
    const days = new Set([...(byHours.get(key)?.days ?? []), ...window.days]);
    byHours.set(key, { ...window, days: [...days].sort((a, b) => a - b) });
  }
  return [...byHours.values()];
}

function coversWeek(windows: readonly WeeklyWindow<Throttle>[]): boolean {
  return windows.reduce((minutes, window) => minutes + window.days.length * windowMinutes(window), 0) >= 7 * 1440;
}

function rateOf(value: Throttle): { readonly bitsPerSec?: BitsPerSec; readonly differs: readonly string[] } {
  if (value.kind === 'share') {
    return { differs: ['A share of the line is no limit that the agent knows: it takes bits per second.'] };
  }
  if (value.kind === 'none') {
    const differs = ['The agent has no "unlimited" beside a limit: the most that it takes, 1023 Mbps, stands for it.'];
    return { bitsPerSec: RATE_MOST, differs };
  }
  const rate = value.bitsPerSec;
  if (rate < RATE_LEAST || rate > RATE_MOST) {
    const near = Math.min(RATE_MOST, Math.max(RATE_LEAST, rate));
    const differs = [
      `${formatBitsPerSec(rate)} lies outside what the agent takes, 512 Kbps to 1023 Mbps: ${formatBitsPerSec(near)} stands for it.`,
    ];
    return { bitsPerSec: near, differs };
  }
  if (Number.isInteger(rate)) return { bitsPerSec: rate, differs: [] };
  const differs = [`${rate} bit/s is rounded down to a whole number.`];
  return { bitsPerSec: Math.floor(rate), differs };
}

/** As the documentation writes it where it is a whole number of kibibits. */
function bits(bitsPerSec: BitsPerSec): string {
  return bitsPerSec % 1024 === 0 ? `(${bitsPerSec / 1024}*1024)` : `${bitsPerSec}`;
}

function clockTime(minute: number): string {
  return `${Math.floor(minute / 60)}:${String(minute % 60).padStart(2, '0')}:00`;
}
