/** The candidate that a mistyped word most likely meant; `undefined` where none is near. Capitals do not matter. */
export function didYouMean(word: string, candidates: readonly string[]): string | undefined {
  const lower = word.toLowerCase();
  let nearest: string | undefined;
  // A third of the letters may be wrong: beyond it, everything resembles everything.
  let leastEdits = Math.max(1, Math.floor(Math.min(word.length, 40) / 3)) + 1;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - word.length) >= leastEdits) continue;
    const edits = editDistance(lower, candidate.toLowerCase());
    if (edits >= leastEdits) continue;
    leastEdits = edits;
    nearest = candidate;
  }
  return nearest;
}

/** Levenshtein: letters to insert, delete or replace. */
function editDistance(from: string, to: string): number {
  let previous = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const replaced = previous[column - 1]! + (from[row - 1] === to[column - 1] ? 0 : 1);
      current.push(Math.min(replaced, previous[column]! + 1, current[column - 1]! + 1));
    }
    previous = current;
  }
  return previous[to.length]!;
}
