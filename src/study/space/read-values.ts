import { shownValue } from '../../model/problem.ts';
import type { Run } from '../../model/run.ts';
import { quantileOf } from './draw.ts';
import { HOUR_SETS, hoursOf } from './instants.ts';
import { parseFactor, parseValue, VALUE_EXAMPLES } from './parse-value.ts';
import { formatValue, variableName } from './point-text.ts';
import { type Dimension, type Distribution, LEVELS_MOST, type Variable } from './space.ts';
import type { VariableKind } from './variables.ts';
import { Wrong } from './wrong.ts';

const DISTRIBUTIONS =
  'normal(mean, deviation), lognormal(median, log deviation), triangular(from, mode, to) or uniform(from, to)';
/** Levels of a distribution: its quantiles, so that each is as likely as its neighbour. */
const QUANTILES = Array.from({ length: 99 }, (_, index) => (index + 1) / 100);

/** Values of one variable. */
export class ValueReader {
  readonly #kind: VariableKind;
  readonly #variable: Variable;
  readonly #run: Run;

  constructor(kind: VariableKind, variable: Variable, run: Run) {
    this.#kind = kind;
    this.#variable = variable;
    this.#run = run;
  }

  /** @throws Wrong */
  value(text: string): number {
    const value = this.#within(text);
    const allowed = this.#kind.values?.(this.#run);
    if (allowed === undefined || allowed.includes(value)) return value;
    throw new Wrong(
      `${this.#name} has no value '${shownValue(text.trim())}' in this scenario.`,
      `It has ${allowed.map((own) => this.#shown(own)).join(', ')}.`,
    );
  }

  /** Between the least and the most of its variable. */
  #within(text: string): number {
    const value = this.#variable.multiplies ? parseFactor(text) : parseValue(text, this.#kind, this.#run);
    const { unit, least, most } = this.#kind;
    if (value === undefined || !Number.isFinite(value)) {
      const example = this.#variable.multiplies ? '0.5 or 2' : VALUE_EXAMPLES[unit];
      throw new Wrong(`'${shownValue(text.trim())}' is no value of ${this.#name}.`, `Write ${example}.`);
    }
    const [from, to] = this.#variable.multiplies ? [0, 1000] : [least, most];
    if (value < from || value > to) {
      throw new Wrong(
        `${this.#name} goes from ${this.#shown(from)} to ${this.#shown(to)}; '${shownValue(text.trim())}' is outside.`,
        'Give a value within.',
      );
    }
    return value;
  }

  dimension(text: string): Dimension {
    const set = text.trim();
    if (this.#kind.unit === 'instant' && Object.hasOwn(HOUR_SETS, set)) {
      const hours = hoursOf(set, this.#run.workload.clock, this.#run.options.horizonMs);
      if (hours.length === 0)
        throw new Wrong(`There is no hour of '${set}' within the run.`, 'Look further ahead with --horizon.');
      return this.#dimensionOf(hours);
    }
    const range = /^([^,]+?)\s*\.\.\s*([^,]+?)(?:\s+step\s+([^,]+)|\s+in\s+(\d{1,6})\s+steps)?$/.exec(set);
    if (range === null) return this.#dimensionOf(set.split(',').map((part) => this.value(part)));
    const [, from, to, step, count] = range as unknown as [string, string, string, string?, string?];
    return this.#dimensionOf(this.#range(this.#within(from), this.#within(to), step, count));
  }

  /** Counts before it makes any. */
  #range(from: number, to: number, stepText: string | undefined, countText: string | undefined): number[] {
    if (from > to)
      throw new Wrong(
        `The range of ${this.#name} goes backwards.`,
        `Write ${this.#shown(to)} .. ${this.#shown(from)}.`,
      );
    const allowed = this.#variable.multiplies ? undefined : this.#kind.values?.(this.#run);
    if (allowed !== undefined) return allowed.filter((value) => value >= from && value <= to);
    if (from === to) return [from];
    const step =
      countText !== undefined
        ? (to - from) / Math.max(1, Number(countText))
        : stepText !== undefined
          ? this.#step(stepText)
          : this.#usualStep(to - from);
    if (!(step > 0)) throw new Wrong(`The step of ${this.#name} must be above 0.`, 'Give a larger one.');
    const count = Math.floor((to - from) / step + 1e-9) + 1;
    if (count > LEVELS_MOST) {
      throw new Wrong(
        `${this.#name} would have ${count} values; ${LEVELS_MOST} are the most.`,
        `Give a larger step: '… step ${this.#shown(roundStep((to - from) / 1000))}'.`,
      );
    }
    const isWhole = this.#variable.unit !== 'ratio';
    const at = (index: number): number =>
      isWhole ? Math.round(from + index * step) : Number((from + index * step).toPrecision(12));
    const levels = Array.from({ length: count }, (_, index) => at(index));
    return levels.at(-1)! < to ? [...levels, to] : levels;
  }

  #step(text: string): number {
    const value = this.#variable.multiplies
      ? parseFactor(text)
      : this.#kind.unit === 'instant'
        ? parseValue(text, { ...this.#kind, unit: 'ms' }, this.#run)
        : parseValue(text, this.#kind, this.#run);
    if (value === undefined)
      throw new Wrong(
        `'${shownValue(text)}' is no step of ${this.#name}.`,
        `Write it as ${this.#variable.multiplies ? '0.1' : VALUE_EXAMPLES[this.#kind.unit === 'instant' ? 'ms' : this.#kind.unit]}.`,
      );
    return value;
  }

  #usualStep(extent: number): number {
    const own = this.#variable.multiplies ? undefined : this.#kind.step;
    if (own === undefined) return Math.max(this.#variable.unit === 'ratio' ? 0 : 1, roundStep(extent / 100));
    return extent / own < LEVELS_MOST ? own : own * Math.ceil(extent / own / 1000);
  }

  drawn(text: string): Dimension {
    const call = /^([a-z]+)\(([^()]*)\)$/.exec(text.trim());
    const numbers = call?.[2]
      ?.split(',')
      .map((part, index) => (call[1] === 'lognormal' && index === 1 ? parseFactor(part) : this.#number(part)));
    const distribution =
      call === null || numbers!.includes(undefined) ? undefined : distributionOf(call[1]!, numbers as number[]);
    if (distribution === undefined)
      throw new Wrong(`'${shownValue(text)}' is no distribution.`, `Write ${DISTRIBUTIONS}.`);
    const [least, most] = this.#variable.multiplies ? [0, 1000] : [this.#kind.least, this.#kind.most];
    const within = (value: number): number => Math.min(most, Math.max(least, value));
    const isWhole = this.#variable.unit !== 'ratio';
    const levels = QUANTILES.map((share) => within(quantileOf(distribution, share))).map((value) =>
      isWhole ? Math.round(value) : Number(value.toPrecision(6)),
    );
    return { ...this.#dimensionOf(levels), distribution };
  }

  /** A parameter of a distribution: in the unit, or a plain number of a factor; a deviation of instants is a duration. */
  #number(text: string): number | undefined {
    return this.#variable.multiplies
      ? parseFactor(text)
      : parseValue(text, this.#kind.unit === 'instant' ? { ...this.#kind, unit: 'ms' } : this.#kind, this.#run);
  }

  #dimensionOf(values: readonly number[]): Dimension {
    const { worse } = this.#kind;
    const ascending = [...new Set(values)].toSorted((a, b) => a - b);
    if (worse === undefined) return { variable: this.#variable, role: 'shape', levels: ascending, baseLevel: 0 };
    const levels = worse === 'more' ? ascending : ascending.toReversed();
    const base = this.#variable.multiplies ? 1 : this.#kind.base(this.#run);
    // What the base case does not have (a throttle) is milder than any value.
    const isNoWorse = (level: number): boolean => base !== null && (worse === 'more' ? level <= base : level >= base);
    return {
      variable: this.#variable,
      role: 'severity',
      levels,
      baseLevel: Math.max(0, levels.filter(isNoWorse).length - 1),
    };
  }

  get #name(): string {
    return variableName(this.#variable);
  }

  #shown(value: number): string {
    return formatValue(
      this.#variable.unit === 'instant' ? 'ms' : this.#variable.unit,
      this.#variable.multiplies,
      value,
      this.#run.workload.clock,
    );
  }
}

/** 1, 2 or 5 times a power of ten, at most the given. */
function roundStep(most: number): number {
  const power = 10 ** Math.floor(Math.log10(most) + 1e-9);
  return power * (most >= 5 * power ? 5 : most >= 2 * power ? 2 : 1);
}

function distributionOf(name: string, numbers: readonly number[]): Distribution | undefined {
  const [a, b, c] = numbers as [number, number, number];
  if (name === 'uniform' && numbers.length === 2 && a < b) return { kind: 'uniform', from: a, to: b };
  if (name === 'normal' && numbers.length === 2 && b > 0) return { kind: 'normal', mean: a, deviation: b };
  if (name === 'lognormal' && numbers.length === 2 && a > 0 && b > 0 && b < 10)
    return { kind: 'lognormal', median: a, logDeviation: b };
  if (name === 'triangular' && numbers.length === 3 && a <= b && b <= c && a < c)
    return { kind: 'triangular', from: a, mode: b, to: c };
  return undefined;
}
