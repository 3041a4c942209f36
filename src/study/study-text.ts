import type { RunClock } from '../model/clock.ts';
import { formatDurationMs } from '../units.ts';
import type { Cell, Grid } from './search/grid.ts';
import type { Found } from './search/search.ts';
import { formatValue, settingsText, variableName } from './space/point-text.ts';
import type { Dimension, Value } from './space/space.ts';
import { kindOf } from './space/variables.ts';

/** A value of a dimension, for people. */
export function levelText({ variable }: Dimension, value: Value, clock: RunClock): string {
  return formatValue(variable.unit, variable.multiplies, value, clock);
}

/** `outage.length = 2 h 2 min, outage.start = Tue 2026-01-06 11:00`. */
export function cellText(grid: Grid, cell: Cell, clock: RunClock): string {
  return settingsText(
    grid.dimensions.map(({ variable, levels }, d) => ({ variable, value: levels[cell[d]!]! })),
    clock,
  );
}

/** `1 min`, `3 values`: how far neighbouring levels lie apart. */
export function resolutionText({ variable, levels, distribution }: Dimension): string {
  if (distribution !== undefined) return `${levels.length} quantiles`;
  const ascending = levels.toSorted((a, b) => a - b);
  const steps = new Set(ascending.slice(1).map((level, index) => Number((level - ascending[index]!).toPrecision(6))));
  const [step] = steps;
  // The last step of a range may be a shorter one.
  if (step === undefined || steps.size > 2 || levels.length < 4) {
    return `${levels.length} value${levels.length === 1 ? '' : 's'}`;
  }
  const { unit, multiplies } = variable;
  if (unit === 'instant') return formatDurationMs(step);
  return formatValue(unit, multiplies, step, NO_CLOCK).replace('× ', '');
}

/** Steps are no instants: no clock is asked. */
const NO_CLOCK: RunClock = { startEpochMs: 0, timeZone: 'UTC', offsets: [{ fromMs: 0, offsetMs: 0 }] };

/** What is certainly safe, or as certainly as it was looked at. */
export function safeText(
  grid: Grid,
  corner: Cell,
  found: Pick<Found, 'shapeCount' | 'areAllShapes'>,
  clock: RunClock,
): string {
  const severities = grid.severities.map((d) => reach(grid.dimensions[d]!, corner[d]!, clock));
  const shapes = grid.shapes
    .filter((d) => grid.lastLevel(d) > 0)
    .map((d) => variableName(grid.dimensions[d]!.variable));
  const what = severities.length === 0 ? 'Everything' : `Any ${severities.join(' with any ')}`;
  if (shapes.length === 0) return `${what} is safe.`;
  const where = listText(shapes);
  return found.areAllShapes
    ? `${what} is safe at every ${where}.`
    : `${what} is safe at the ${found.shapeCount} combinations of ${where} that were looked at, of ${grid.shapeCount}.`;
}

/** `outage.length up to 2 h 1 min`, `bandwidth down to 50 Mbit/s`. */
function reach(dimension: Dimension, level: number, clock: RunClock): string {
  const name = variableName(dimension.variable);
  const way = kindOf(dimension.variable.key)?.worse === 'less' ? 'down to' : 'up to';
  return `${name} ${way} ${levelText(dimension, dimension.levels[level]!, clock)}`;
}

/** How the answer was found, and how far it can be relied on. */
export function methodText(grid: Grid, { method, monotone, shapeCount, areAllShapes }: Found): string {
  if (method === 'whole') return 'Every scenario of the space was run: the answer is exact at the stated resolution.';
  const bisected = listText(grid.severities.map((d) => variableName(grid.dimensions[d]!.variable)));
  const shapes =
    grid.shapes.length === 0
      ? ''
      : areAllShapes
        ? `Every one of the ${shapeCount} combinations of ${shapeNames(grid)} was looked at. `
        : `${shapeCount} of ${grid.shapeCount} combinations of ${shapeNames(grid)} were looked at, evenly spread and drawn, and the neighbours of the worst. `;
  // No name begins a sentence: it would get a capital that it does not have.
  const found = bisected === '' ? '' : `How far ${bisected} can go was bisected. `;
  const { pairsCompared, violationCount } = monotone;
  const checked =
    violationCount === 0
      ? `In all ${pairsCompared} pairs of a scenario that breaks and one that is milder or worse, the worse one broke, as bisection takes it to be.`
      : `In ${violationCount} of ${pairsCompared} pairs a worse scenario held where a milder one broke: severity is not monotone here, and something smaller may have been passed over.`;
  const ending = method === 'sampled' ? ' The smallest is the smallest that was found.' : '';
  return `${shapes}${found}${checked}${ending}`;
}

function shapeNames(grid: Grid): string {
  return listText(grid.shapes.map((d) => variableName(grid.dimensions[d]!.variable)));
}

/** `a, b and c`. */
function listText(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}
