import { DAY_MS, HOUR_MS, MINUTE_MS, type Millis, WEEK_MS } from '../../units.ts';

/** Steps in which lengths of outages are tried: to the minute up to an hour, then coarser [chosen]. */
const LENGTH_STEPS: readonly { readonly untilMs: Millis; readonly stepMs: Millis }[] = [
  { untilMs: HOUR_MS, stepMs: MINUTE_MS },
  { untilMs: 6 * HOUR_MS, stepMs: 5 * MINUTE_MS },
  { untilMs: DAY_MS, stepMs: 15 * MINUTE_MS },
  { untilMs: WEEK_MS, stepMs: HOUR_MS },
];

/** All lengths that are tried, ascending, the first 0: to the minute up to an hour, to 5 minutes up to 6 h, to 15 up to a day, to the hour up to a week. */
export const OUTAGE_LENGTHS: readonly Millis[] = lengths();

function lengths(): Millis[] {
  const all: Millis[] = [0];
  for (const { untilMs, stepMs } of LENGTH_STEPS) {
    for (let ms = all.at(-1)! + stepMs; ms <= untilMs; ms += stepMs) all.push(ms);
  }
  return all;
}

/** How the answer of one start was found. */
export interface Search {
  /** The longest length up to which every one that was tried is kept; `null` where even no outage at all is not. */
  readonly safeMs: Millis | null;
  /** The next length above: it is not kept; `null` where none up to the longest is broken. */
  readonly breakingMs: Millis | null;
  /** False where a longer outage was kept than one that was not: then the shorter one is what counts. */
  readonly monotone: boolean;
}

export interface SearchOptions {
  /** Ascending, the first 0. */
  readonly lengths: readonly Millis[];
  /** Above it every length is broken for certain. */
  readonly boundMs: Millis;
  readonly keeps: (lengthMs: Millis) => boolean;
  /** Where to look first: the answer of a neighbour. */
  readonly guessMs?: Millis;
  /** So many lengths below the answer are tried to see whether each is kept, spread evenly, and so many above. */
  readonly checks: number;
}

/**
 * The longest outage that is kept, by halving. Halving takes it that what breaks at one length breaks at all longer ones. The retry ladder may
 * make it otherwise: after a longer outage the attempts may come less close together. So further lengths below and above the answer are
 * tried; where one below is not kept, the search goes on below it.
 */
export function longestKept({ lengths, boundMs, keeps, guessMs, checks }: SearchOptions): Search {
  const known = new Map<number, boolean>();
  const isKept = (index: number): boolean => {
    if (lengths[index]! > boundMs) return false;
    let kept = known.get(index);
    if (kept === undefined) {
      kept = keeps(lengths[index]!);
      known.set(index, kept);
    }
    return kept;
  };
  let ceiling = lengths.length;
  while (ceiling > 0 && lengths[ceiling - 1]! > boundMs) ceiling--;
  let monotone = true;
  for (;;) {
    const kept = halve(isKept, ceiling, guessMs === undefined ? -1 : lengths.indexOf(guessMs));
    if (kept < 0) return { safeMs: null, breakingMs: null, monotone };
    const broken = spread(0, kept, checks).find((index) => !isKept(index));
    if (broken === undefined) {
      if (spread(kept + 1, ceiling, checks).some(isKept)) monotone = false;
      return { safeMs: lengths[kept]!, breakingMs: lengths[kept + 1] ?? null, monotone };
    }
    monotone = false;
    ceiling = broken;
  }
}

/** The last index below `ceiling` that is kept, if all above it are not; −1 where the first is not. */
function halve(isKept: (index: number) => boolean, ceiling: number, guess: number): number {
  let low = -1;
  let high = ceiling;
  const tryAt = (index: number): void => {
    if (index <= low || index >= high) return;
    if (isKept(index)) low = index;
    else high = index;
  };
  // By far the commonest answer is the last that arithmetic allows, the next commonest a neighbour's.
  tryAt(ceiling - 1);
  tryAt(guess);
  tryAt(guess + 1);
  while (high - low > 1) tryAt((low + high) >> 1);
  return low;
}

/** At most `count` whole numbers strictly between two, spread evenly. */
function spread(low: number, high: number, count: number): number[] {
  const between = Math.max(0, high - low - 1);
  const taken = Math.min(between, count);
  const found = new Set<number>();
  for (let part = 1; part <= taken; part++)
    found.add(low + Math.max(1, Math.round((part * (between + 1)) / (taken + 1))));
  return [...found].filter((index) => index < high);
}
