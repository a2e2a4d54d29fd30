import { assertAlmostEquals, assertEquals, assertLess, assertThrows } from "@std/assert";
import { Matrix, Rng } from "refigure/arrays";
import { matmul } from "refigure/blas";
import { columnNorms, leverageScores, polarFactor, rowNorms } from "refigure/linalg";

const K = (m: number, n: number) => Matrix.from(m, n, (i, j) => ((7 * i + 3 * j + i * j) % 11) - 5);

Deno.test("K(8, 5): the scores are simple fractions, and the squared row norms of the polar factor (oracle)", () => {
  const exact = [5 / 8, 1 / 2, 1 / 2, 5 / 8, 5 / 8, 5 / 8, 1 / 2, 1];
  const scores = leverageScores(K(8, 5));
  const polar = rowNorms(polarFactor(K(8, 5)));
  exact.forEach((score, i) => {
    assertAlmostEquals(scores[i], score, 1e-13);
    assertAlmostEquals(polar[i] ** 2, score, 1e-13);
  });
});

Deno.test("they do not change when the columns are mixed, and sum to the rank", () => {
  const rng = new Rng(0);
  const a = rng.normalMatrix(30, 6);
  const mixed = matmul(a, rng.normalMatrix(6, 6));
  const scores = leverageScores(a);
  const other = leverageScores(mixed);
  scores.forEach((score, i) => assertAlmostEquals(other[i], score, 1e-10));
  assertAlmostEquals(scores.reduce((sum, x) => sum + x, 0), 6, 1e-12);
  // The QR of a matrix whose first column is zero starts outside of the column space.
  const deficient = Matrix.from(30, 7, (i, j) => j === 0 ? 0 : a.get(i, Math.min(j - 1, 4)));
  const fewer = leverageScores(deficient);
  assertAlmostEquals(fewer.reduce((sum, x) => sum + x, 0), 5, 1e-10);
  leverageScores(a.slice(0, 30, 0, 5)).forEach((score, i) => assertAlmostEquals(fewer[i], score, 1e-10));
});

Deno.test("wide and square matrices of full rank: all one; zero and empty ones: all zero", () => {
  for (const [m, n] of [[5, 9], [6, 6]]) {
    for (const score of leverageScores(new Rng(m).normalMatrix(m, n))) assertAlmostEquals(score, 1, 1e-12);
  }
  assertEquals(leverageScores(Matrix.zeros(3, 2)), new Float64Array(3));
  assertEquals(leverageScores(Matrix.zeros(3, 0)), new Float64Array(3));
});

Deno.test("row and column norms agree through the transpose, in both precisions", () => {
  const a = new Rng(3).normalMatrix(7, 5);
  assertEquals(rowNorms(a.transpose()), columnNorms(a));
  const single = a.astype("float32");
  rowNorms(single).forEach((norm, i) => assertLess(Math.abs(norm / rowNorms(a)[i] - 1), 1e-6));
});

Deno.test("NaN is refused and named", () => {
  const a = Matrix.fromRows([[1, 2], [NaN, 3], [4, 5]]);
  assertThrows(() => leverageScores(a), RangeError, "entry (1, 0) is NaN");
  assertThrows(() => rowNorms(a), RangeError, "Cannot compute the row norms of `a`: entry (1, 0) is NaN");
  assertThrows(
    () => columnNorms(a),
    RangeError,
    "Cannot compute the column norms of `a`: entry (1, 0) is NaN",
  );
});
