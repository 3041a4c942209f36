import type { Run } from '../../model/run.ts';
import type { RpoStats, RunResult } from '../../simulate/result.ts';
import type { Millis } from '../../units.ts';
import type { QuantityDimension, Scope } from './promise.ts';

/** A number, a condition, or `null` where the run has no such value. Infinity: it did not come about within the horizon. */
export type FigureValue = number | boolean | null;

/** A number of the result of which promises can speak. */
export interface Figure<Member> {
  readonly name: string;
  readonly dimension: QuantityDimension;
  /** One line for the table of all figures. */
  readonly meaning: string;
  /** The field of `RunResult` from which it comes, `[]` for each VM, volume, host or link. */
  readonly source: string;
  /** The lean simulation (`objectivesOnly`) knows nothing of it. */
  readonly needsDetail?: boolean;
  /** What it takes in brackets. */
  readonly argument?: 'ms';
  readonly of: (member: Member, run: Run, argument: Millis) => FigureValue;
}

/** All figures of a scope, with the members behind them. */
export interface FigureScope {
  readonly scope: 'fleet' | Scope;
  readonly figures: readonly Omit<Figure<never>, 'of'>[];
  readonly names: (result: RunResult) => readonly string[];
  /** Value of one member's figure; the fleet has one member. `figure` is a name of `figures`. */
  readonly value: (figure: string, result: RunResult, member: number, run: Run, argument: Millis) => FigureValue;
}

/** Binds figures to the members of a result. */
export function figureScope<Member>(
  scope: FigureScope['scope'],
  figures: readonly Figure<Member>[],
  members: (result: RunResult) => readonly Member[],
  nameOf: (member: Member) => string,
): FigureScope {
  const byName = new Map(figures.map((figure) => [figure.name, figure]));
  return {
    scope,
    figures,
    names: (result) => members(result).map(nameOf),
    value: (name, result, member, run, argument) => {
      const figure = byName.get(name);
      const found = members(result)[member];
      return figure === undefined || found === undefined ? null : figure.of(found, run, argument);
    },
  };
}

/** Ages of a recovery point: the same figures of the fleet and of a VM, from the first delta on and all along. */
export function rpoFigures<Member>(
  name: string,
  source: string,
  whose: string,
  of: (member: Member) => RpoStats,
): Figure<Member>[] {
  const age = (
    part: string,
    field: 'p50Ms' | 'p95Ms' | 'p99Ms' | 'maxMs' | 'minMs',
    meaning: string,
  ): Figure<Member> => ({
    name: `${name}.${part}`,
    dimension: 'ms',
    meaning: `${meaning} ${whose}`,
    source: `${source}.${field}`,
    of: (member) => of(member)[field],
  });
  return [
    age('p50', 'p50Ms', 'Age of the recovery point that was not exceeded half of the time,'),
    age('p95', 'p95Ms', 'Age that was not exceeded for 95 % of the time,'),
    age('p99', 'p99Ms', 'Age that was not exceeded for 99 % of the time,'),
    age('max', 'maxMs', 'Largest age,'),
    age('min', 'minMs', 'Least age,'),
    {
      name: `${name}.within`,
      dimension: 'number',
      argument: 'ms',
      meaning: `Share of the time in which the age was at most what stands in the brackets, ${whose}`,
      source: `${source}.withinTargetFraction, ${source}.within[]`,
      of: (member, run, argument) => withinShare(of(member), run, argument),
    },
  ];
}

/** Counted exactly by the simulation, for the run's own target or for an age that was asked for beforehand. */
function withinShare(stats: RpoStats, run: Run, ageMs: Millis): number | null {
  if (ageMs === run.options.rpoTargetMs) return stats.withinTargetFraction;
  const counted = stats.within?.find((entry) => entry.ageMs === ageMs);
  if (counted !== undefined) return counted.fraction;
  // What is older than the largest and younger than the least age is known without counting.
  if (stats.maxMs === null || stats.minMs === null) return null;
  if (stats.maxMs <= ageMs) return 1;
  return ageMs < stats.minMs - 1 ? 0 : null;
}
