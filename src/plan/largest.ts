/** The thing with the largest value, the first by name of those that are alike; `undefined` where none has one. */
export function largestBy<Thing extends { readonly name: string }>(
  things: readonly Thing[],
  of: (thing: Thing) => number | null,
): Thing | undefined {
  let largest: Thing | undefined;
  let most = Number.NEGATIVE_INFINITY;
  for (const thing of things) {
    const value = of(thing);
    if (value === null || value < most || (value === most && thing.name >= largest!.name)) continue;
    largest = thing;
    most = value;
  }
  return largest;
}
