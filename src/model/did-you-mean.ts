/** The candidate that a mistyped word most likely meant; `undefined` where none is near. Capitals do not matter. */
export function didYouMean(word: string, candidates: readonly string[]): string | undefined {
  return nearest(word, candidates, 1)[0];
}

/** Candidates that a mistyped word may have meant, the nearest first, at most so many. Capitals do not matter. */
export function nearest(word: string, candidates: readonly string[], most: number): string[] {
  const lower = word.toLowerCase();
  // A third of the letters may be wrong: beyond it, everything resembles everything.
  const editsMost = Math.max(1, Math.floor(Math.min(word.length, 40) / 3));
  return candidates
    .filter((candidate) => Math.abs(candidate.length - word.length) <= editsMost)
    .map((candidate) => ({ candidate, edits: editDistance(lower, candidate.toLowerCase()) }))
    .filter(({ edits }) => edits <= editsMost)
    .toSorted((a, b) => a.edits - b.edits)
    .slice(0, most)
    .map(({ candidate }) => candidate);
}

/** `Did you mean 'a', 'b' or 'c'?`; `undefined` where nothing is near. */
export function didYouMeanOneOf(word: string, candidates: readonly string[], most = 3): string | undefined {
  const near = nearest(word, candidates, most).map((candidate) => `'${candidate}'`);
  if (near.length === 0) return undefined;
  const before = near.slice(0, -1).join(', ');
  return `Did you mean ${before}${before === '' ? '' : ' or '}${near.at(-1)}?`;
}

/** Letters to insert, delete, replace, or swap with the next one (optimal string alignment). */
function editDistance(from: string, to: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const replaced = last[column - 1]! + (from[row - 1] === to[column - 1] ? 0 : 1);
      let edits = Math.min(replaced, last[column]! + 1, current[column - 1]! + 1);
      const isSwapped = row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      if (isSwapped) edits = Math.min(edits, beforeLast[column - 2]! + 1);
      current.push(edits);
    }
    beforeLast = last;
    last = current;
  }
  return last[to.length]!;
}
