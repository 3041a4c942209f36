import type { Assumption } from '../model/assumption.ts';
import type { Plan } from '../plan/plan.ts';
import { formatBitsPerSec, formatBytes, formatDurationMs } from '../units.ts';
import { byteRate } from './byte-rate.ts';
import { shownName } from './shown-name.ts';

/** What the numbers of the summary rest on, by the assumptions' names. */
const RESTS_ON = {
  bandwidth: ['rpoTargetMs', 'growthRatio', 'efficiencyRatio', 'compressionRatio', 'copyFrequencyMs', 'seed'],
  initialReplication: ['capacityBitsPerSec', 'efficiencyRatio', 'compressionRatio', 'mergeBytesPerSec'],
  rpo: ['capacityBitsPerSec', 'efficiencyRatio', 'compressionRatio', 'copyFrequencyMs', 'seed'],
  space: ['snapshotBlockBytes', 'growthRatio', 'mergeBytesPerSec'],
  traffic: ['efficiencyRatio', 'compressionRatio', 'growthRatio'],
} as const;

export type MarkedNumber = keyof typeof RESTS_ON;

/** Places in the table of assumptions (the first is 1) of the defaults that a number rests on; given values need no mark. */
export function assumptionMarks(plan: Plan, number: MarkedNumber): number[] {
  const names: readonly string[] = RESTS_ON[number];
  return plan.assumptions.flatMap((assumption, index) =>
    assumption.origin === 'default' && names.includes(assumption.name) ? [index + 1] : [],
  );
}

/** An assumption's value with the unit that its name ends in. */
export function assumptionValue({ name, value }: Pick<Assumption, 'name' | 'value'>): string {
  if (value === null) return 'none';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'string') return shownName(value);
  if (typeof value === 'object') return value.map((part) => withUnit(name, part)).join(', ');
  return withUnit(name, value);
}

function withUnit(name: string, value: number): string {
  if (name.endsWith('BitsPerSec')) return formatBitsPerSec(value);
  if (name.endsWith('BytesPerSec')) return byteRate(value);
  if (name.endsWith('BytesPerDay')) return `${formatBytes(value)} per day`;
  if (name.endsWith('Bytes')) return formatBytes(value);
  if (name.endsWith('Ms')) return formatDurationMs(value);
  return String(Number(value.toPrecision(12)));
}
