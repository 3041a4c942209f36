import { type Throttle, type WeeklySchedule, windowMinutes } from '../model/schedule.ts';
import { type BitsPerSec, formatBitsPerSec } from '../units.ts';
import { shown } from './event-words.ts';

/** Reports something that is wrong with a pasted text. */
export type ReportThrottle = (message: string, remedy: string, severity: 'error' | 'warning') => void;

const LONGEST_TEXT = 4000;
const REMEDY =
  'Paste it as it is run on the host: Set-OBMachineSetting -WorkDay Mo,Tu,We,Th,Fr -StartWorkHour 9:00:00 -EndWorkHour 18:00:00 -WorkHourBandwidth (512*1024) -NonWorkHourBandwidth (2048*1024).';
/** "512 Kbps" to "1023 Mbps": KB3056159, "Manage network bandwidth usage". */
const RATE_LEAST: BitsPerSec = 512 * 1024;
const RATE_MOST: BitsPerSec = 1023 * 1024 ** 2;
/** A week of local time. */
export const WEEK_MINUTES: number = 7 * 1440;
const PARAMETERS = [
  'WorkDay',
  'StartWorkHour',
  'EndWorkHour',
  'WorkHourBandwidth',
  'NonWorkHourBandwidth',
  'NoThrottle',
];

/**
 * The pasted line of `Set-OBMachineSetting`, with the `$mon = [System.DayOfWeek]::Monday` lines before it where there are some:
 * work hours and the rest of the week. Bandwidths are in bits per second, as follows from the documented least, 512 Kbps
 * (facts 7). Nothing is evaluated: days, times, integers and their products are read, and no more.
 *
 * @returns undefined where an error was reported
 */
export function readThrottleText(text: string, report: ReportThrottle): WeeklySchedule<Throttle> | undefined {
  if (text.length > LONGEST_TEXT) {
    report(`The throttle is ${text.length} characters long; at most ${LONGEST_TEXT} are read.`, REMEDY, 'error');
    return undefined;
  }
  const variables = new Map<string, readonly number[]>();
  const commands: string[] = [];
  for (const line of text.replace(/`\r?\n/g, ' ').split(/[\r\n;]+/)) {
    const [, name, value] = /^\s*(\$\w+)\s*=\s*(\S.*)$/.exec(line.trim()) ?? [];
    if (name === undefined) {
      if (line.trim() !== '') commands.push(line.trim());
      continue;
    }
    const days = readDays(value!, variables);
    if (days === undefined) {
      report(`${shown(value!)} is no day of the week.`, `Write for example ${name.slice(0, 80)} = "Monday".`, 'error');
      return undefined;
    }
    variables.set(name.toLowerCase(), days);
  }
  const [command = '', ...more] = commands;
  const called = /^Set-OBMachineSetting(?!\S)(.*)$/is.exec(command);
  if (called === null || more.length > 0) {
    report(`${shown(called === null ? command : more[0]!)} is no line of Set-OBMachineSetting.`, REMEDY, 'error');
    return undefined;
  }
  const parameters = readParameters(called[1]!, report);
  const schedule = parameters === undefined ? undefined : scheduleOf(parameters, variables, report);
  return schedule === undefined ? undefined : unlessNeverOpen(schedule, report);
}

/** The schedule; `undefined`, with a report, where it lets nothing through at any hour of the week. */
export function unlessNeverOpen(
  schedule: WeeklySchedule<Throttle>,
  report: ReportThrottle,
): WeeklySchedule<Throttle> | undefined {
  if (!valuesOf(schedule).every(isClosed)) return schedule;
  const message = 'Nothing gets through at any hour: this is no throttle but a line that is down for ever.';
  report(message, 'Leave something in some hours.', 'error');
  return undefined;
}

function isClosed(throttle: Throttle): boolean {
  return throttle.kind === 'rate' ? throttle.bitsPerSec === 0 : throttle.kind === 'share' && throttle.ratio === 0;
}

/** The values that hold at some time of the week; windows that fill it leave nothing otherwise. */
export function valuesOf<Value>({ windows, otherwise }: WeeklySchedule<Value>): Value[] {
  const minutes = windows.reduce((sum, window) => sum + window.days.length * windowMinutes(window), 0);
  const values = windows.map(({ value }) => value);
  return minutes < WEEK_MINUTES ? [...values, otherwise] : values;
}

/** The value behind each parameter, by its name in small letters. */
function readParameters(text: string, report: ReportThrottle): Map<string, string> | undefined {
  const values = new Map<string, string>();
  const parts = text.trim().split(/\s*(?:^|\s)-(?=[A-Za-z])/);
  if (parts[0]!.trim() !== '') {
    report(`${shown(parts[0]!.trim())} is no parameter.`, REMEDY, 'error');
    return undefined;
  }
  for (const part of parts.slice(1)) {
    const [, name = '', value = ''] = /^(\w+)\s*:?\s*(.*)$/s.exec(part) ?? [];
    const known = PARAMETERS.find((parameter) => parameter.toLowerCase() === name.toLowerCase());
    if (known === undefined || values.has(known)) {
      const what = known === undefined ? 'is no parameter that sets a throttle' : 'is given twice';
      const remedy = `Known here are ${PARAMETERS.map((each) => `-${each}`).join(', ')}.`;
      report(`-${name.slice(0, 80)} ${what}.`, remedy, 'error');
      return undefined;
    }
    values.set(known, value.trim());
  }
  return values;
}

function scheduleOf(
  values: ReadonlyMap<string, string>,
  variables: ReadonlyMap<string, readonly number[]>,
  report: ReportThrottle,
): WeeklySchedule<Throttle> | undefined {
  if (values.has('NoThrottle')) {
    if (values.size === 1) return { windows: [], otherwise: { kind: 'none' } };
    report('-NoThrottle stands beside other settings.', 'Leave it, or them, out.', 'error');
    return undefined;
  }
  let isWhole = true;
  const read = <Value>(name: string, parse: (text: string) => Value | undefined, form: string): Value | undefined => {
    const text = values.get(name);
    const value = text === undefined ? undefined : parse(text);
    if (value !== undefined) return value;
    isWhole = false;
    const found = text === undefined ? `-${name} is missing` : `${shown(text)} is no value of -${name}`;
    report(`${found}: ${form} is expected.`, REMEDY, 'error');
    return undefined;
  };
  const days = read(
    'WorkDay',
    (text) => readDays(text, variables),
    'a list of days such as Mo,Tu or "Monday","Tuesday"',
  );
  const startMinute = read('StartWorkHour', readMinute, 'a time such as 9:00:00');
  const endMinute = read('EndWorkHour', readMinute, 'a time such as 18:00:00');
  const work = read('WorkHourBandwidth', readInteger, 'bits per second such as (512*1024)');
  const other = read('NonWorkHourBandwidth', readInteger, 'bits per second such as (2048*1024)');
  if (!isWhole) return undefined;
  for (const rate of [work!, other!]) {
    if (rate >= RATE_LEAST && rate <= RATE_MOST) continue;
    const message = `${formatBitsPerSec(rate)} lies outside what the agent takes, 512 Kbps to 1023 Mbps.`;
    report(message, 'The value is in bits per second: 10 Mbps are (10*1024*1024).', 'warning');
  }
  const value: Throttle = { kind: 'rate', bitsPerSec: work! };
  return {
    windows: [{ days: days!, startMinute: startMinute!, endMinute: endMinute!, value }],
    otherwise: { kind: 'rate', bitsPerSec: other! },
  };
}

const DAY_NAMES = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];

/** A day by its name or the beginning of it: `Monday`, `Mon`, `mo`; Monday = 0. */
export function dayOfWeek(text: string): number | undefined {
  const word = text.toLowerCase();
  const day = word.length < 2 ? -1 : DAY_NAMES.findIndex((name) => name.startsWith(word));
  return day < 0 ? undefined : day;
}

/** Days by name or by variable, one or a list; ascending. */
function readDays(text: string, variables: ReadonlyMap<string, readonly number[]>): number[] | undefined {
  const list = /^@?\((.*)\)$/s.exec(text.trim())?.[1] ?? text;
  const days = list.split(',').flatMap((entry) => {
    const word = entry.trim();
    return variables.get(word.toLowerCase()) ?? dayOfWeek(bareDay(word));
  });
  return days.includes(undefined) ? undefined : [...new Set(days as number[])].sort((a, b) => a - b);
}

/** `[System.DayOfWeek]::Monday`, `"Monday"` or `Monday` without what is around it. */
function bareDay(text: string): string {
  return text.replace(/^\[(?:System\.)?DayOfWeek\]::/i, '').replace(/^(["'])(.*)\1$/, '$2');
}

/** `9`, `9:00`, `"09:00:00"`. */
function readMinute(text: string): number | undefined {
  const [, , hours, minutes = '0', seconds = '0'] = /^(["']?)(\d{1,2})(?::(\d{2}))?(?::(\d{2}))?\1$/.exec(text) ?? [];
  if (hours === undefined || Number(seconds) !== 0) return undefined;
  const minute = Number(hours) * 60 + Number(minutes);
  return Number(minutes) < 60 && minute < 1440 ? minute : undefined;
}

const SUFFIXES: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['kb', 1024],
  ['mb', 1024 ** 2],
  ['gb', 1024 ** 3],
]);

/** `524288`, `512KB` or a product of such in brackets. */
function readInteger(text: string): number | undefined {
  const inner = /^\((.*)\)$/s.exec(text)?.[1] ?? text;
  let product = 1;
  for (const factor of inner.split('*')) {
    const [, digits, suffix = ''] = /^\s*(\d{1,15})\s*(kb|mb|gb)?\s*$/i.exec(factor) ?? [];
    if (digits === undefined) return undefined;
    product *= Number(digits) * SUFFIXES.get(suffix.toLowerCase())!;
  }
  return Number.isSafeInteger(product) ? product : undefined;
}
