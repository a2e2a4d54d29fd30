import { assert } from "@std/assert";
import { Matrix, Rng } from "refigure/arrays";
import { gram, matmul } from "refigure/blas";
import { frobeniusNorm, svd } from "refigure/linalg";
import { saturateRows } from "../../lib/linear_networks/saturate_rows.ts";

const squareOf = (root: Matrix) => gram(root, { side: "right" });

Deno.test("every eigenvalue x of the square becomes x / (1 + x)", () => {
  for (const [m, k] of [[1, 1], [4, 2], [3, 5], [30, 12]]) {
    const a = new Rng(m).normalMatrix(m, k);
    const { u, s } = svd(a);
    const wanted = squareOf(u.map((x, _, j) => x * s[j] / Math.hypot(1, s[j])));
    assert(frobeniusNorm(squareOf(saturateRows(a)).minus(wanted)) < 1e-14 * (m + k), `${m} x ${k}`);
  }
});

Deno.test("small rows keep their part beside rows that are 1e90 times as large", () => {
  // With a in rows of decreasing size, the first two take one direction each; what is left of the third, the part
  // orthogonal to them, is saturated as if it were alone.
  const b = new Rng(1).normalMatrix(3, 3);
  const [first, second, third] = [0, 1, 2].map((i) => b.row(i));
  const dot = (x: Float64Array, y: Float64Array) => x.reduce((sum, value, i) => sum + value * y[i], 0);
  const without = (x: Float64Array, y: Float64Array) =>
    x.map((value, i) => value - dot(x, y) / dot(y, y) * y[i]);
  const rest = without(without(third, first), without(second, first));
  const alone = dot(rest, rest) / (1 + dot(rest, rest));
  for (const order of [[0, 1, 2], [2, 0, 1], [1, 2, 0]]) {
    // The rows in any order; sizes 1e90, 1e45 and 1.
    const a = Matrix.from(3, 3, (i, j) => b.get(order[i], j) * [1e90, 1e45, 1][order[i]]);
    const square = squareOf(saturateRows(a));
    order.forEach((from, i) => {
      const wanted = from === 2 ? alone : 1;
      assert(Math.abs(square.get(i, i) - wanted) < 1e-14, `${order}: ${square.get(i, i)}, not ${wanted}`);
    });
  }
});

Deno.test("three large rows in two columns: the smallest of them is left with nothing", () => {
  const b = new Rng(2).normalMatrix(3, 2);
  const a = b.map((x, i) => x * [1e80, 1e40, 1e20][i]);
  const root = saturateRows(a);
  const square = matmul(root, root, { transposeB: true });
  [1, 1, 0].forEach((wanted, i) => assert(Math.abs(square.get(i, i) - wanted) < 1e-14));
});
