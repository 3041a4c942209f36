import type { SampleAnswer } from '../../plan/fleet-sample.ts';
import type { Plan } from '../../plan/plan.ts';
import type { WhatIf } from '../../plan/what-if.ts';

/** What the page asks of its worker. The first is `load`; blocks are packed as they stand in the page. */
export type Order =
  | { readonly kind: 'load'; readonly packedRun: string; readonly packedPlan: string }
  /** One simulation; what rests on further ones stays the plan's that was loaded. */
  | { readonly kind: 'preview'; readonly whatIf: WhatIf }
  /** Everything, searches included. */
  | { readonly kind: 'whole'; readonly whatIf: WhatIf };

export type Answer =
  /** A first estimate from a part of a large fleet; the `plan` follows. */
  | { readonly kind: 'sample'; readonly answer: SampleAnswer }
  | { readonly kind: 'progress'; readonly words: string }
  | { readonly kind: 'plan'; readonly plan: Plan; readonly whole: boolean; readonly tookMs: number }
  | { readonly kind: 'failed'; readonly message: string };
