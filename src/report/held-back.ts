import type { Constraint, PlanVm } from '../plan/plan.ts';
import { formatShare, type Millis } from '../units.ts';
import { CONSTRAINT_ORDER, CONSTRAINT_STYLES } from './charts/constraint-styles.ts';

/** What held less of the time than this is not worth a line. */
const SHARE_LEAST = 0.0005;

/** A constraint and the share of a VM's time under it. */
export interface Hold {
  readonly constraint: Constraint;
  readonly durationMs: Millis;
  readonly share: number;
}

/** What a VM was held back by, the longest first; the calm ones among them. */
export function holdsOf({ constraintMs }: PlanVm): Hold[] {
  const wholeMs = CONSTRAINT_ORDER.reduce((sum, constraint) => sum + (constraintMs[constraint] ?? 0), 0);
  return CONSTRAINT_ORDER.map((constraint): Hold => {
    const durationMs = constraintMs[constraint] ?? 0;
    return { constraint, durationMs, share: wholeMs === 0 ? 0 : durationMs / wholeMs };
  })
    .filter(({ share }) => share >= SHARE_LEAST)
    .sort((left, right) => right.durationMs - left.durationMs);
}

/** What held a VM back longest; no replication only where nothing else did. `undefined` where nothing did. */
export function mainHold(vm: PlanVm): Hold | undefined {
  const holds = holdsOf(vm).filter(({ constraint }) => constraint !== 'churn');
  return holds.find(({ constraint }) => !CONSTRAINT_STYLES[constraint].calm) ?? holds[0];
}

/** `a full line, 12.4 %`; the number and its sign stay on one line. */
export function holdText({ constraint, share }: Hold): string {
  return `${CONSTRAINT_STYLES[constraint].title}, ${formatShare(share).replace(' ', '\u00A0')}`;
}
