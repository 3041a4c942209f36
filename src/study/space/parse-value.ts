import type { Run } from '../../model/run.ts';
import { parseBitsPerSec, parseBytes, parseDecimal, parseDurationMs } from '../../units.ts';
import { parseInstant } from './instants.ts';
import type { VariableKind } from './variables.ts';

/** How a value of each unit is written. */
export const VALUE_EXAMPLES: Readonly<Record<VariableKind['unit'], string>> = {
  ms: '2 h, 90 min or 1d12h',
  instant: '1d11h from the start of the run, Tue 11:00, 11:00 or 2026-01-06T11:00',
  'bit/s': '100 Mbps or 2.5 Gbit/s',
  B: '200 GiB or 1.5 TB',
  ratio: '30 % or 0.3',
  count: '12',
};

/** A value in the kind's unit; `undefined` where the text is none. Limits are not looked at. */
export function parseValue(text: string, { unit, relations }: VariableKind, { workload }: Run): number | undefined {
  const trimmed = text.trim();
  switch (unit) {
    case 'ms': {
      const isEarlier = /^[-−]/.test(trimmed);
      const durationMs = parseDurationMs(isEarlier ? trimmed.slice(1) : trimmed);
      return durationMs === undefined ? undefined : isEarlier ? -durationMs : durationMs;
    }
    case 'instant':
      return parseInstant(trimmed, workload.clock);
    case 'bit/s':
      return parseBitsPerSec(trimmed);
    case 'B':
      return parseBytes(trimmed);
    case 'ratio': {
      const percent = /^(.*?)\s*%$/.exec(trimmed)?.[1];
      const number = parseDecimal(percent ?? trimmed);
      if (number === undefined) return undefined;
      // A percentage of what is multiplied would be read as its growth by some.
      if (percent !== undefined) return relations.includes('x') ? undefined : number / 100;
      return number;
    }
    case 'count': {
      const count = parseDecimal(trimmed);
      return count !== undefined && Number.isInteger(count) ? count : undefined;
    }
    default:
      return undefined;
  }
}

/** A factor: `0.5`. */
export function parseFactor(text: string): number | undefined {
  return parseDecimal(text.trim());
}
