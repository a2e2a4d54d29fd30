import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { Matrix, Rng } from "../../lib/arrays/mod.ts";
import { matvec } from "../../lib/blas/mod.ts";
import { eigh, solve } from "../../lib/linalg/mod.ts";
import { conjugateGradients, CsrMatrix, laplacian } from "../../lib/sparse/mod.ts";

function randomSparse(rows: number, columns: number, rng: Rng): Matrix {
  return Matrix.from(rows, columns, () => rng.uniform() < 0.3 ? rng.normal() : 0);
}

Deno.test("products, diagonal and dense form agree with the dense matrix, whatever the order of the entries", () => {
  const rng = new Rng(1);
  const dense = randomSparse(9, 7, rng);
  const entries = [...dense.data].map((value, k) => [Math.floor(k / 7), k % 7, value] as const)
    .filter(([, , value]) => value !== 0);
  const shuffled = new CsrMatrix(9, 7, rng.shuffle(entries.slice()));
  assertEquals(shuffled, CsrMatrix.fromDense(dense));
  assertEquals(shuffled.toDense(), dense);
  const x = rng.normals(7);
  const expected = matvec(dense, x);
  shuffled.apply(x).forEach((value, i) => assertAlmostEquals(value, expected[i], 1e-14));
  assertEquals([...shuffled.diagonal()], Array.from({ length: 7 }, (_, i) => dense.get(i, i)));
});

Deno.test("entries of the same place are added; empty rows are zero", () => {
  const a = new CsrMatrix(3, 3, [[2, 1, 1], [0, 0, 4], [2, 1, 2]]);
  assertEquals(a.toDense().toRows(), [[4, 0, 0], [0, 0, 0], [0, 3, 0]]);
  assertEquals([...a.apply(new Float64Array([1, 1, 1]))], [4, 0, 3]);
});

Deno.test("eigenvalues of the Laplacian are 4 sin^2(k pi / (2 n + 2)), and their sums on two axes", () => {
  const one = (n: number) =>
    Array.from({ length: n }, (_, k) => 4 * Math.sin((k + 1) * Math.PI / (2 * n + 2)) ** 2);
  const values = (a: CsrMatrix) => [...eigh(a.toDense()).values].sort((x, y) => x - y);
  values(laplacian(6)).forEach((value, i) => assertAlmostEquals(value, one(6)[i], 1e-14));
  const sums = one(3).flatMap((x) => one(4).map((y) => x + y + 0.5)).sort((x, y) => x - y);
  values(laplacian([3, 4], { shift: 0.5 })).forEach((value, i) => assertAlmostEquals(value, sums[i], 1e-13));
});

Deno.test("conjugate gradients solve, and take as many iterations as SciPy's", () => {
  // scipy.sparse.linalg.cg(A, ones(100), rtol=1e-8), SciPy 1.17, iterations counted by its callback.
  for (const [shift, iterations] of [[0, 15], [0.5, 15]]) {
    const a = laplacian([10, 10], { shift });
    const b = new Float64Array(100).fill(1);
    const result = conjugateGradients(a, b);
    assertEquals(result.status, "converged");
    assertEquals(result.iterations, iterations);
    const exact = solve(a.toDense(), b);
    result.x.forEach((x, i) => assertAlmostEquals(x, exact[i], 1e-6));
  }
});

Deno.test("the units of the right-hand side do not matter, even where squares overflow or vanish", () => {
  const a = laplacian([10, 10]);
  const b = new Rng(4).normals(100);
  const { x, iterations } = conjugateGradients(a, b);
  for (const unit of [2 ** 700, 2 ** -700]) {
    const other = conjugateGradients(a, b.map((entry) => entry * unit));
    assertEquals([other.status, other.iterations], ["converged", iterations]);
    assertEquals(other.x.map((entry) => entry / unit), x);
  }
});

Deno.test("the exact inverse as preconditioner needs one iteration, and the solution as start none", () => {
  const a = laplacian([5, 5]);
  const b = new Rng(2).normals(25);
  const dense = a.toDense();
  const preconditioner = (x: Float64Array, out: Float64Array) => out.set(solve(dense, x));
  assertEquals(conjugateGradients(a, b, { preconditioner }).iterations, 1);
  const start = solve(dense, b);
  const { iterations, x } = conjugateGradients(a, b, { start });
  assertEquals(iterations, 0);
  assertEquals(x, start);
  assert(x !== start);
});

Deno.test("no more than one iteration per distinct eigenvalue", () => {
  // Eigenvalues 1, 2 and 5.
  const a = new CsrMatrix(30, 30, Array.from({ length: 30 }, (_, i) => [i, i, [1, 2, 5][i % 3]]));
  const { iterations, status } = conjugateGradients(a, new Rng(3).normals(30), { tolerance: 1e-12 });
  assertEquals([iterations, status], [3, "converged"]);
});

Deno.test("what does not converge has a status and advice; a right side of zeros needs no iteration", () => {
  const b = new Float64Array(4).fill(1);
  assertEquals(conjugateGradients(laplacian(4), b, { iterations: 1 }).status, "step-limit");
  const indefinite = new CsrMatrix(4, 4, [[0, 0, -1], [1, 1, 1], [2, 2, 1], [3, 3, 1], [3, 2, -1]]);
  const { status, advice } = conjugateGradients(indefinite, new Float64Array([1, 0, 0, 0]));
  assertEquals(status, "diverged");
  assert(advice !== null);
  assertEquals(conjugateGradients(laplacian(4), new Float64Array(4)).iterations, 0);
});

Deno.test("bad input is refused by name", () => {
  const a = laplacian(3);
  assertThrows(() => new CsrMatrix(2, 2, [[0, 2, 1]]), RangeError, "column of an entry");
  assertThrows(
    () => new CsrMatrix(2, 2, [[0, 1, NaN]]),
    RangeError,
    "`entry (0, 1)` must be a finite number, got NaN",
  );
  assertThrows(() => a.apply(new Float64Array(2)), RangeError, "`x`");
  assertThrows(() => a.apply([1, 2, 3] as never), TypeError, "`x`");
  assertThrows(() => laplacian(0), RangeError, "`size`");
  assertThrows(() => laplacian(3, { shfit: 1 } as never), TypeError, "shift");
  assertThrows(() => conjugateGradients(a, new Float64Array(2)), RangeError, "`b`");
  assertThrows(() => conjugateGradients(a, new Float64Array([1, NaN, 1])), RangeError, "`b`");
  assertThrows(
    () => conjugateGradients(new CsrMatrix(2, 3, []), new Float64Array(2)),
    RangeError,
    "square",
  );
  assertThrows(
    () => conjugateGradients(a, new Float64Array(3), { tolerance: -1 }),
    RangeError,
    "`tolerance`",
  );
});
