import type { Plan } from '../plan/plan.ts';
import { heading, type Paint } from './terminal-paint.ts';
import { wrapTo } from './terminal-width.ts';

/** How many VMs cannot be protected by the rules in force, and how many could not be fully checked; of which dates the rules are. */
export function compatibilityLines({ compatibility, rules }: Plan, width: number, paint: Paint): string[] {
  const { incompatible, unknown, compatible } = compatibility.counts;
  if (incompatible + unknown + compatible === 0 || compatibility.limits.length === 0) return [];
  const dates = rules.limits.map(({ sourceDate }) => sourceDate).sort();
  const parts = [
    incompatible > 0 && `✕ ${incompatible} incompatible`,
    unknown > 0 && `? ${unknown} not fully checked`,
    compatible > 0 && `✓ ${compatible} compatible`,
  ];
  const text = parts.filter((part) => part !== false).join(', ');
  const rest = `by rules whose sources are of ${dates[0]} to ${dates.at(-1)}${incompatible > 0 ? '; incompatible VMs count in the plan until --exclude leaves them out' : ''}`;
  return [
    heading('Compatibility', paint),
    ...wrapTo(text, width),
    ...wrapTo(rest, width - 2).map((line) => `  ${paint('dim', line)}`),
  ];
}
