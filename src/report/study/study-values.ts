import type { RunClock } from '../../model/clock.ts';
import type { Judgement, QuantityDimension } from '../../study/promises/promise.ts';
import { formatValue } from '../../study/space/point-text.ts';
import type { Study, StudyDimension, StudyPromise } from '../../study/study.ts';
import { formatBitsPerSec, formatBytes, formatDurationMs } from '../../units.ts';
import { shownName } from '../shown-name.ts';

/** A dimension's value, for people. */
export function studyValueText(
  { unit, relation }: Pick<StudyDimension, 'unit' | 'relation'>,
  value: number,
  clock: RunClock,
): string {
  return formatValue(unit, relation === 'x', value, clock);
}

/** Whether less of it is worse, as of a bandwidth: then its worst level is its smallest. */
export function falls({ first, last }: Pick<StudyDimension, 'first' | 'last'>): boolean {
  return last < first;
}

/** `up to 2 h`, `down to 50 Mbit/s`: towards the worse. */
export function reachText(dimension: StudyDimension, value: number, clock: RunClock): string {
  return `${falls(dimension) ? 'down to' : 'up to'} ${studyValueText(dimension, value, clock)}`;
}

/** A promise's value or limit. */
export function promiseValueText(unit: QuantityDimension, value: number | null): string {
  if (value === null) return 'no value';
  switch (unit) {
    case 'ms':
      return formatDurationMs(value);
    case 'B':
      return formatBytes(value);
    case 'bit/s':
      return formatBitsPerSec(value);
    case 'B/s':
      return `${formatBytes(value)}/s`;
    default:
      return String(Number(value.toPrecision(4)));
  }
}

/** `rpo.max <= 2 h: 2 h 12 min, broken`. */
export function judgementText({ text, unit }: StudyPromise, { holds, value }: Judgement): string {
  const word = holds ? 'holds' : 'broken';
  return `${shownName(text)}: ${unit === 'truth' ? '' : `${promiseValueText(unit, value)}, `}${word}`;
}

/** A dimension by its name, as a frontier or a bar names it. */
export function dimensionOf({ dimensions }: Study, name: string): StudyDimension {
  return dimensions.find((own) => own.name === name)!;
}
