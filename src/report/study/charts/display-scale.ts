import type { QuantityDimension } from '../../../study/promises/promise.ts';
import type { StudyDimension } from '../../../study/study.ts';
import { DAY_MS, GIB, HOUR_MS, MIB, MINUTE_MS } from '../../../units.ts';
import { shortName } from '../../shown-name.ts';

/** In what an axis counts: values are divided by `factor`. */
export interface DisplayScale {
  readonly factor: number;
  readonly unit: string;
}

/** Of numbers up to so much. */
export function scaleOf(
  unit: QuantityDimension | StudyDimension['unit'],
  most: number,
  relation: 'in' | 'x' = 'in',
): DisplayScale {
  switch (unit) {
    case 'ms':
    case 'instant':
      if (most >= 3 * DAY_MS) return { factor: DAY_MS, unit: 'days' };
      return most >= 3 * HOUR_MS ? { factor: HOUR_MS, unit: 'hours' } : { factor: MINUTE_MS, unit: 'minutes' };
    case 'B':
      return most >= GIB ? { factor: GIB, unit: 'GiB' } : { factor: MIB, unit: 'MiB' };
    case 'bit/s':
      return { factor: 1e6, unit: 'Mbit/s' };
    case 'ratio':
      return relation === 'x' ? { factor: 1, unit: 'times' } : { factor: 0.01, unit: '%' };
    default:
      return { factor: 1, unit: '' };
  }
}

/** `outage.length (hours)`. */
export function axisTitle(name: string, { unit }: DisplayScale): string {
  const label = shortName(name, 40);
  return unit === '' ? label : `${label} (${unit})`;
}
