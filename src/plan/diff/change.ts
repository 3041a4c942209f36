/** A value of a plan that is compared; `null` where there is none. */
export type DiffValue = string | number | boolean | null;

/** `ms` of durations and instants on the run's clock, `share` of one, '' where there is none. */
export type DiffUnit = '' | 'B' | 'B/d' | 'bit/s' | 'ms' | 'share';

/** A value that differs. */
export interface Change {
  /** Stable, in the plan's own words. */
  readonly id: string;
  readonly title: string;
  readonly unit: DiffUnit;
  readonly before: DiffValue;
  readonly after: DiffValue;
  /** After less before; `null` where one of them is no number. */
  readonly change: number | null;
}

/** A value to be compared, and where it stands. */
export interface ChangeOf<Item> {
  readonly id: string;
  readonly title: string;
  readonly unit: DiffUnit;
  readonly of: (item: Item) => DiffValue;
}

/** Those of the values that differ, in their order. */
export function changesOf<Item>(values: readonly ChangeOf<Item>[], before: Item, after: Item): Change[] {
  return values.flatMap(({ of, ...change }) => difference(change, of(before), of(after)));
}

/** The change as a list of one; of none where the values are equal. */
export function difference(
  { id, title, unit }: Pick<Change, 'id' | 'title' | 'unit'>,
  before: DiffValue,
  after: DiffValue,
): Change[] {
  if (before === after) return [];
  const change = typeof before === 'number' && typeof after === 'number' ? after - before : null;
  return [{ id, title, unit, before, after, change }];
}

/** An item of one list or of both. */
export interface Pair<Item> {
  readonly key: string;
  readonly before: Item | undefined;
  readonly after: Item | undefined;
}

/**
 * Matches two lists by a key, in the keys' order, so that it does not matter which list is the first. Where several items have one key, the
 * first of each go together, then the second.
 */
export function pairUp<Item>(
  before: readonly Item[],
  after: readonly Item[],
  keyOf: (item: Item) => string,
): Pair<Item>[] {
  const [left, right] = [grouped(before, keyOf), grouped(after, keyOf)];
  const keys = [...new Set([...left.keys(), ...right.keys()])].sort(byCode);
  return keys.flatMap((key) => {
    const [olds, news] = [left.get(key) ?? [], right.get(key) ?? []];
    return Array.from({ length: Math.max(olds.length, news.length) }, (_, index) => ({
      ...{ key, before: olds[index], after: news[index] },
    }));
  });
}

function grouped<Item>(items: readonly Item[], keyOf: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}

/** No locale's order: the same everywhere. */
export function byCode(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
