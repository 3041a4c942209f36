import type { RunClock } from '../../model/clock.ts';
import {
  DAY_MS,
  formatBitsPerSec,
  formatBytes,
  formatDurationMs,
  HOUR_MS,
  MINUTE_MS,
  type Millis,
} from '../../units.ts';
import { formatInstant } from './instants.ts';
import type { Point, Setting, Space, Value, ValueUnit, Variable } from './space.ts';

/** `outage.length`, `vms['SQL*'].churn`. */
export function variableName({ key, subject }: Variable): string {
  if (subject === undefined) return key;
  const quote = subject.name.includes("'") ? '"' : "'";
  return `${subject.scope}[${quote}${subject.name}${quote}].${key}`;
}

/** A value for people: `2 h 02 min`, `× 1.5`, `30 %`, `Tue 2026-01-06 11:00`. */
export function formatValue(unit: ValueUnit, multiplies: boolean, value: Value, clock: RunClock): string {
  switch (unit) {
    case 'ms':
      return exactDuration(value);
    case 'instant':
      return formatInstant(clock, value);
    case 'bit/s':
      return formatBitsPerSec(value);
    case 'B':
      return formatBytes(value);
    case 'ratio':
      return multiplies ? `× ${shortNumber(value)}` : `${shortNumber(value * 100)} %`;
    default:
      return shortNumber(value);
  }
}

/** All parts that are not zero, so that two levels never read the same: `1 d 2 h 03 min`. */
function exactDuration(durationMs: Millis): string {
  const sign = durationMs < 0 ? '−' : '';
  let restMs = Math.abs(durationMs);
  if (restMs === 0) return '0 min';
  if (restMs % 1000 !== 0) return formatDurationMs(durationMs);
  const parts: string[] = [];
  for (const [unitMs, unit] of [
    [DAY_MS, 'd'],
    [HOUR_MS, 'h'],
    [MINUTE_MS, 'min'],
    [1000, 's'],
  ] as const) {
    const count = Math.floor(restMs / unitMs);
    restMs -= count * unitMs;
    if (count > 0) parts.push(`${count} ${unit}`);
  }
  return `${sign}${parts.join(' ')}`;
}

/** Without the last digits of binary fractions: 1.1, not 1.1000000000000001. */
function shortNumber(value: number): string {
  return String(Number(value.toPrecision(10)));
}

/** `outage.length = 2 h 2 min, outage.start = Tue 2026-01-06 11:00`. */
export function settingsText(settings: readonly Setting[], clock: RunClock): string {
  return settings
    .map(({ variable, value }) => {
      const text = formatValue(variable.unit, variable.multiplies, value, clock);
      return `${variableName(variable)} ${variable.multiplies ? '' : '= '}${text}`;
    })
    .join(', ');
}

/** What is the case in a scenario, one setting a dimension. */
export function settingsOfPoint(space: Space, point: Point): Setting[] {
  return space.dimensions.map(({ variable }, index) => ({ variable, value: point[index]! }));
}

/** A setting as `parseSetting` reads it back to the same value: `outage.length = 7320s`. */
export function replayText({ variable, value }: Setting): string {
  return `${variableName(variable)} ${variable.multiplies ? 'x' : '='} ${exactText(variable.unit, value)}`;
}

function exactText(unit: ValueUnit, value: Value): string {
  switch (unit) {
    case 'ms':
    case 'instant':
      return value % 1000 === 0 ? `${value / 1000}s` : `${value}ms`;
    case 'bit/s':
      return `${value}bps`;
    case 'B':
      return `${value}B`;
    default:
      return String(value);
  }
}
