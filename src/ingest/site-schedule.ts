import { type Throttle, type WeeklySchedule, type WeeklyWindow, windowMinutes } from '../model/schedule.ts';
import { type BitsPerSec, parseBitsPerSec } from '../units.ts';
import type { JsonObject } from './json-object.ts';
import { notNegative } from './parsers.ts';
import type { ProblemList } from './problem-list.ts';
import { requireKeys } from './site-names.ts';
import { dayOfWeek, type ReportThrottle, readThrottleText, unlessNeverOpen, WEEK_MINUTES } from './throttle.ts';

const SCHEDULE_KEYS = ['windows', 'otherwise'];
const WINDOWS_MOST = 200;

/** The throttle of a host or a link: the pasted cmdlet line, or windows of the week. */
export function readThrottle(object: JsonObject, problems: ProblemList): WeeklySchedule<Throttle> | undefined {
  if (!object.has('throttle')) return undefined;
  const report: ReportThrottle = (message, remedy, severity) => {
    const place = { column: object.at('throttle') };
    if (severity === 'error') problems.error('site-throttle', place, message, remedy);
    else problems.warning('site-throttle', place, message, remedy);
  };
  if (!object.isObject('throttle')) {
    const text = object.text('throttle', 'Set-OBMachineSetting -WorkDay Mo,Tu …');
    return text === undefined ? undefined : readThrottleText(text, report);
  }
  const schedule = readSchedule<Throttle>(object, 'throttle', 'limit', '20 Mbps', parseThrottle, { kind: 'none' });
  return schedule === undefined ? undefined : unlessNeverOpen(schedule, report);
}

/** A weekly schedule of rates: what others use. */
export function readRates(object: JsonObject, key: string): WeeklySchedule<BitsPerSec> | undefined {
  return readSchedule(object, key, 'rate', '5 Mbps', notNegative(parseBitsPerSec), 0);
}

/** `20 Mbps`, `50%`, `none`. */
function parseThrottle(text: string): Throttle | undefined {
  if (text.toLowerCase() === 'none') return { kind: 'none' };
  const percent = /^(\d{1,3}(?:\.\d{1,6})?)\s*%$/.exec(text)?.[1];
  if (percent !== undefined)
    return Number(percent) <= 100 ? { kind: 'share', ratio: Number(percent) / 100 } : undefined;
  const bitsPerSec = notNegative(parseBitsPerSec)(text);
  return bitsPerSec === undefined ? undefined : { kind: 'rate', bitsPerSec };
}

function readSchedule<Value>(
  parent: JsonObject,
  key: string,
  valueKey: string,
  example: string,
  parse: (text: string) => Value | undefined,
  otherwise: Value,
): WeeklySchedule<Value> | undefined {
  const object = parent.object(key, SCHEDULE_KEYS);
  if (object === undefined) return undefined;
  const windowKeys = ['days', 'from', 'to', valueKey];
  const objects = object.objects('windows', windowKeys);
  if (objects.length > WINDOWS_MOST) {
    const message = `A schedule has at most ${WINDOWS_MOST} windows, and this one has ${objects.length}.`;
    object.error('site-too-many', 'windows', objects.length, message, 'Join windows that follow each other.');
    return undefined;
  }
  const windows = objects.map((window): WeeklyWindow<Value> | undefined => {
    const days = readDays(window);
    const startMinute = window.parsed('from', '08:00', parseClock, 'a local time');
    const endMinute = window.parsed('to', '18:00', parseEnd, 'a local time');
    const value = window.parsed(valueKey, example, parse);
    const remedy = `Write { "days": "weekdays", "from": "08:00", "to": "18:00", "${valueKey}": "${example}" }.`;
    requireKeys(window, 'window', windowKeys, remedy);
    if (days === undefined || startMinute === undefined || endMinute === undefined || value === undefined)
      return undefined;
    return { days, startMinute, endMinute, value };
  });
  const outside = object.parsed('otherwise', example, parse) ?? otherwise;
  if (windows.includes(undefined)) return undefined;
  const whole = windows as WeeklyWindow<Value>[];
  return reportOverlaps(object, whole) ? undefined : { windows: whole, otherwise: outside };
}

const DAY_SETS: ReadonlyMap<string, readonly number[]> = new Map([
  ['daily', [0, 1, 2, 3, 4, 5, 6]],
  ['weekdays', [0, 1, 2, 3, 4]],
  ['weekend', [5, 6]],
]);

/** `weekdays`, `weekend`, `daily`, or a list of days. */
function readDays(window: JsonObject): readonly number[] | undefined {
  if (!window.has('days')) return undefined;
  if (!window.isList('days')) {
    return window.parsed(
      'days',
      'weekdays',
      (text) => DAY_SETS.get(text.toLowerCase()),
      'weekdays, weekend, daily or a list of days',
    );
  }
  const texts = window.texts('days', 'Mon');
  const days = texts.map((text, index) => {
    const day = dayOfWeek(text);
    if (day === undefined) {
      window.error(
        'site-wrong-value',
        `days[${index}]`,
        text,
        'This is no day of the week.',
        'Write Mon, Tue, Wed, Thu, Fri, Sat or Sun.',
      );
    }
    return day;
  });
  if (texts.length === 0)
    window.error('site-wrong-value', 'days', '[]', 'The window is on no day.', 'Name its days, or delete it.');
  return days.length === 0 || days.includes(undefined) ? undefined : [...new Set(days as number[])];
}

/** Minute of the day of `08:00`. */
function parseClock(text: string): number | undefined {
  const [, hours, minutes] = /^(\d{1,2}):(\d{2})$/.exec(text) ?? [];
  const minute = Number(hours) * 60 + Number(minutes);
  return hours !== undefined && Number(minutes) < 60 && minute < 1440 ? minute : undefined;
}

/** `24:00` is the end of the day. */
function parseEnd(text: string): number | undefined {
  return text === '24:00' ? 0 : parseClock(text);
}

/** Reports windows that are open at the same minute of the week. @returns whether there are any */
function reportOverlaps<Value>(schedule: JsonObject, windows: readonly WeeklyWindow<Value>[]): boolean {
  const ownerAt = new Int16Array(WEEK_MINUTES).fill(-1);
  let overlaps = false;
  windows.forEach((window, index) => {
    for (const day of window.days) {
      const startMinute = day * 1440 + window.startMinute;
      for (let minute = 0; minute < windowMinutes(window); minute++) {
        const at = (startMinute + minute) % WEEK_MINUTES;
        const owner = ownerAt[at]!;
        ownerAt[at] = index;
        if (owner < 0) continue;
        overlaps = true;
        const message = `The window overlaps windows[${owner}], for instance on ${clockText(at)}.`;
        schedule.error('site-overlap', `windows[${index}]`, '', message, 'Change the days or the times of one.');
        return;
      }
    }
  });
  return overlaps;
}

function clockText(weekMinute: number): string {
  const day = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'][
    Math.floor(weekMinute / 1440)
  ]!;
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${day} at ${two(Math.floor((weekMinute % 1440) / 60))}:${two(weekMinute % 60)}`;
}
