/** The Euclidean distance from what is expected, over its size. */
export function relativeDistance(ours: ArrayLike<number>, expected: ArrayLike<number>): number {
  let size = 0;
  let distance = 0;
  for (let k = 0; k < expected.length; k++) {
    size += expected[k] ** 2;
    distance += (expected[k] - ours[k]) ** 2;
  }
  return Math.sqrt(distance / size);
}
