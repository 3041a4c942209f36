import type { Finding } from '../plan/plan.ts';
import { formatBitsPerSec, formatBytes, formatDurationMs, formatShare } from '../units.ts';

/** A finding's number with its unit, for people. */
export function findingValue({ value, unit }: Pick<Finding, 'value' | 'unit'>): string {
  if (value === null) return '–';
  switch (unit) {
    case 'ms':
      return formatDurationMs(Math.round(value));
    case 'bytes':
      return formatBytes(value);
    case 'bit/s':
      return formatBitsPerSec(value);
    case 'share':
      return formatShare(value);
    case 'ratio':
      return String(Number(value.toFixed(3)));
    case 'times':
      return `${value.toFixed(1)} ×`;
    default:
      return `${Number(value.toFixed(1)).toLocaleString('en-US')} ${value === 1 ? unit.replace(/s$/, '') : unit}`;
  }
}
