/** ` (did you mean "x"?)` when one of the allowed words is close to the one given, else nothing. */
export function nearest(given: string, allowed: readonly string[]): string {
  let best = "";
  let bestDistance = Infinity;
  for (const word of allowed) {
    const isSameButCase = word.toLowerCase() === given.toLowerCase();
    const isPrefix = word.startsWith(given) || given.startsWith(word);
    // A prefix such as "matrix-sensing" is nearer than its count of edits.
    const distance = isSameButCase ? 0 : isPrefix ? 1 : editDistance(given, word);
    if (distance < bestDistance) [best, bestDistance] = [word, distance];
  }
  const isClose = given.length > 0 && bestDistance <= Math.max(2, Math.floor(best.length / 3));
  return isClose ? ` (did you mean "${best}"?)` : "";
}

/** Levenshtein's distance: the least number of letters to insert, delete or replace. */
export function editDistance(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replace = above[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      row[j] = Math.min(replace, above[j] + 1, row[j - 1] + 1);
    }
    above = row;
  }
  return above[b.length];
}
