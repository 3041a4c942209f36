import type { Millis } from '../../units.ts';

/** A promise as it was read: its text, and what it says as plain data, so that workers can judge it without reading it again. */
export interface Requirement {
  /** As it was given, without blanks at the ends. */
  readonly text: string;
  readonly expression: Expression;
  /** Of the value and the limit of its judgements; `truth` where it has several parts, and so no value. */
  readonly unit: QuantityDimension;
  /** Whether it asks for something of which the lean simulation (`objectivesOnly`) knows nothing: space, phases, traffic. */
  readonly needsDetail: boolean;
  /** Ages for which it asks what share of the time was within them (`rpo.within(20 min)`), ascending: they go to the simulation beforehand. */
  readonly withinMs: readonly Millis[];
}

/** A promise about one scenario. */
export interface Judgement {
  readonly holds: boolean;
  /**
   * What was compared, in the unit of `limit`; `null` where the scenario has no such value (nothing was protected; a copy that did not end has
   * no finite end) and for promises of several parts.
   */
  readonly value: number | null;
  readonly limit: number | null;
  /**
   * How far from breaking: (limit − value) / |limit| for `<=`, the other way round for `>=` (against a limit of 0: / |value|); ≤ 0 where it is
   * broken; `null` where it cannot be said, as for `==` and `!=`. Of `and` and `all` the least, of `or` and `any` the greatest, parts without one
   * left out.
   */
  readonly margin: number | null;
}

/** What a promise is made of after it was read; every name in it is known, every unit fits. */
export type Expression =
  | { readonly kind: 'quantity'; readonly value: number; readonly dimension: QuantityDimension }
  /** A number of the result, by its whole name: `rpo.p95`; of one VM, volume, host or link: with its name. */
  | {
      readonly kind: 'figure';
      readonly name: string;
      readonly of?: { readonly scope: Scope; readonly name: string };
      /** Of whose members it is inside `over`; absent for the fleet's and with `of`. */
      readonly each?: Scope;
      /** What it takes in brackets: `rpo.within(15 min)`, milliseconds. */
      readonly argument?: Millis;
    }
  /** Over all of a scope, or those whose names fit a pattern: `volumes.max(extra)`, `vms['SQL*'].count(resyncs > 0)`. */
  | {
      readonly kind: 'over';
      readonly scope: Scope;
      readonly like?: string;
      readonly by: Aggregate;
      readonly inner: Expression;
    }
  | { readonly kind: 'arithmetic'; readonly operator: '+' | '-' | '*' | '/'; readonly parts: readonly Expression[] }
  | {
      readonly kind: 'comparison';
      readonly operator: Comparator;
      readonly left: Expression;
      readonly right: Expression;
    }
  | { readonly kind: 'logic'; readonly operator: 'and' | 'or' | 'not'; readonly parts: readonly Expression[] };

export type Scope = 'vms' | 'volumes' | 'hosts' | 'links';
export type Aggregate = 'max' | 'min' | 'sum' | 'mean' | 'count' | 'all' | 'any';
export type Comparator = '<=' | '<' | '>=' | '>' | '==' | '!=';
export const SCOPES: readonly Scope[] = ['vms', 'volumes', 'hosts', 'links'];
export const AGGREGATES: readonly Aggregate[] = ['max', 'min', 'sum', 'mean', 'count', 'all', 'any'];

/** Milliseconds, bytes, bit/s, bytes/s, a pure number (a share too), or a condition. */
export type QuantityDimension = 'ms' | 'B' | 'bit/s' | 'B/s' | 'number' | 'truth';
