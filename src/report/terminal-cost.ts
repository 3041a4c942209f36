import type { Plan } from '../plan/plan.ts';
import { costSentence } from './html-cost.ts';
import { heading, type Paint } from './terminal-paint.ts';
import { wrapTo } from './terminal-width.ts';

/** What it costs a month and what that lacks; nothing without prices. */
export function costLinesOf({ cost }: Plan, width: number, paint: Paint): string[] {
  return cost.currency === null ? [] : [heading('Cost', paint), ...wrapTo(costSentence(cost), width)];
}
