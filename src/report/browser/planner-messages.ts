import type { Problem } from '../../model/problem.ts';
import type { SampleAnswer } from '../../plan/fleet-sample.ts';
import type { Plan } from '../../plan/plan.ts';
import type { WhatIf } from '../../plan/what-if.ts';
import type { AnalyzeFlags } from '../../request/flags.ts';
import type { Origin } from '../../request/plan-request.ts';
import type { Dropped } from './dropped-files.ts';

/** What the page asks of its worker. The first is `load` or `analyze`; blocks are packed as they stand in the page. */
export type Order =
  | { readonly kind: 'load'; readonly packedRun: string; readonly packedPlan: string }
  /** A plan of files, or of five numbers; the answer is `analyzed` or `refused`. */
  | {
      readonly kind: 'analyze';
      readonly origin: Origin;
      readonly flags: AnalyzeFlags;
      /** By the names that `origin` and `flags` use. */
      readonly dropped: readonly Dropped[];
      readonly version: string;
    }
  /** One simulation; what rests on further ones stays the plan's that was loaded. */
  | { readonly kind: 'preview'; readonly whatIf: WhatIf }
  /** Everything, searches included. */
  | { readonly kind: 'whole'; readonly whatIf: WhatIf };

export type Answer =
  /** A first estimate from a part of a large fleet; the `plan` follows. */
  | { readonly kind: 'sample'; readonly answer: SampleAnswer }
  | { readonly kind: 'progress'; readonly words: string }
  | { readonly kind: 'plan'; readonly plan: Plan; readonly whole: boolean; readonly tookMs: number }
  /** With the run as JSON, for the page to keep. */
  | {
      readonly kind: 'analyzed';
      readonly plan: Plan;
      readonly run: string;
      readonly problems: readonly Problem[];
      readonly tookMs: number;
    }
  | { readonly kind: 'refused'; readonly problems: readonly Problem[] }
  | { readonly kind: 'failed'; readonly message: string };
