import type { PlanDiff } from '../plan/diff/diff.ts';
import type { Plan } from '../plan/plan.ts';
import type { Study } from '../study/study.ts';

/**
 * The plan, or what else is asked for, as JSON: two spaces, lists of plain values on one line (a series would take a line per number), a newline at the
 * end. The same plan gives the same bytes. Throws where a number is not finite, which JSON would turn into `null` in silence.
 */
export function renderJson(plan: Plan | PlanDiff | Study): string {
  return `${indented(plan, '', 'plan')}\n`;
}

function indented(value: unknown, indent: string, path: string): string {
  if (typeof value === 'number' && !Number.isFinite(value)) throw new Error(`${path} is ${value}`);
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    if (value.length === 0) return '[]';
    const items = value.map((item, index) => indented(item, inner, `${path}[${index}]`));
    const plain = value.every((item) => item === null || typeof item !== 'object');
    return plain ? `[${items.join(', ')}]` : `[\n${inner}${items.join(`,\n${inner}`)}\n${indent}]`;
  }
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .map(([name, member]) => `${inner}${JSON.stringify(name)}: ${indented(member, inner, `${path}.${name}`)}`);
  return members.length === 0 ? '{}' : `{\n${members.join(',\n')}\n${indent}}`;
}
