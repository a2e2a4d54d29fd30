/** Products of Householder reflections, on both engines and in both precisions. */
import { assert, assertAlmostEquals, assertEquals, assertLess, assertThrows } from "@std/assert";
import { type DType, Matrix, Rng } from "refigure/arrays";
import { blasInfo, gram, matmul, withEngine } from "refigure/blas";
import {
  applyHouseholders,
  frobeniusNorm,
  haarOrthogonal,
  householderProduct,
  householderVjp,
  reflectorsFromOrthonormal,
  wyForm,
} from "refigure/linalg";
import fixtures from "../fixtures/linalg/householder.json" with { type: "json" };

const engines = blasInfo().engine === "native" ? ["native", "portable"] as const : ["portable"] as const;
const EPSILON: Record<DType, number> = { float64: 2 ** -52, float32: 2 ** -23 };

/** Largest difference of two matrices. */
function difference(a: Matrix<any>, b: Matrix<any>): number {
  assertEquals([a.rows, a.columns], [b.rows, b.columns]);
  return a.minus(b).data.reduce((largest: number, x: number) => Math.max(largest, Math.abs(x)), 0);
}

/** H(v) as a matrix, for one column of v. */
function reflection(v: Matrix, j: number): Matrix {
  const column = v.column(j);
  const square = column.reduce((sum, x) => sum + x * x, 0);
  if (square === 0) return Matrix.identity(v.rows);
  return Matrix.from(
    v.rows,
    v.rows,
    (i, k) => (i === k ? 1 : 0) - 2 * (column[i] / square) * column[k],
  );
}

/** The product written out, one d x d matrix for each reflection. */
function sequential(v: Matrix): Matrix {
  let out = Matrix.identity(v.rows);
  for (let j = 0; j < v.columns; j++) out = matmul(out, reflection(v, j));
  return out;
}

/** The determinant, by Gaussian elimination with pivots. */
function determinant(a: Matrix): number {
  const rows = a.toRows();
  let out = 1;
  for (let k = 0; k < rows.length; k++) {
    let pivot = k;
    for (let i = k; i < rows.length; i++) if (Math.abs(rows[i][k]) > Math.abs(rows[pivot][k])) pivot = i;
    if (pivot !== k) [rows[k], rows[pivot], out] = [rows[pivot], rows[k], -out];
    out *= rows[k][k];
    for (let i = k + 1; i < rows.length; i++) {
      const factor = rows[i][k] / rows[k][k];
      for (let j = k; j < rows.length; j++) rows[i][j] -= factor * rows[k][j];
    }
  }
  return out;
}

for (const engine of engines) {
  const test = (name: string, f: () => void) =>
    Deno.test(`householder: ${name}, ${engine}`, () => withEngine(engine, f));

  test("two reflections of space are a signed rotation of the axes (oracle)", () => {
    const v = Matrix.fromRows([[1, 0], [1, 1], [0, 1]]);
    const expected = Matrix.fromRows([[0, 0, 1], [-1, 0, 0], [0, -1, 0]]);
    assertLess(difference(householderProduct(v, { columns: 3 }), expected), 4e-16);
    assertLess(difference(applyHouseholders(v, Matrix.identity(3)), expected), 4e-16);
  });

  test("products of all shapes are the reflections one after the other", () => {
    for (
      const [d, m] of [[1, 0], [1, 1], [5, 0], [5, 1], [7, 7], [9, 3], [33, 17], [40, 33], [3, 8], [130, 10]]
    ) {
      const v = new Rng(d + m).normalMatrix(d, m);
      const whole = sequential(v);
      for (const columns of [0, 1, Math.min(d, m), d]) {
        const thin = householderProduct(v, { columns });
        assertLess(difference(thin, whole.slice(0, d, 0, columns)), 1e-13);
        const single = householderProduct(v.astype("float32"), { columns });
        assertLess(difference(single.astype("float64"), thin), 1e-4);
      }
    }
  });

  test("products of sines and cosines (oracle)", () => {
    const U = Matrix.from(4, 4, (i, j) => Math.sin(1 + i + 4 * j));
    const V = Matrix.from(4, 4, (i, j) => Math.cos(1 + 2 * i + 3 * j));
    const rowOf = [
      [U, [0.207727466712, -0.302376571140, 0.465523016033, 0.805422889135]],
      [V, [0.949010907649, 0.247567436976, -0.155059719109, -0.118512213811]],
    ] as const;
    for (const [v, row] of rowOf) {
      row.forEach((entry, j) => assertAlmostEquals(householderProduct(v).get(0, j), entry, 1e-11));
    }
  });

  test("the determinant is (-1)^m, m not counting zeros (oracle)", () => {
    for (const [d, sign] of [[3, -1], [4, 1], [7, -1], [8, 1]]) {
      const v = new Rng(d).normalMatrix(d, d);
      assertAlmostEquals(determinant(householderProduct(v)), sign, 1e-12);
      const withIdentity = v.map((x, _, j) => j === 1 ? 0 : x);
      assertAlmostEquals(determinant(householderProduct(withIdentity)), -sign, 1e-12);
    }
  });

  for (const dtype of ["float64", "float32"] as const) {
    const tolerance = (size: number) => 8 * size * EPSILON[dtype];

    test(`the product of reflections one by one, ${dtype}`, () => {
      for (const [d, m] of [[1, 1], [2, 5], [6, 4], [9, 9], [40, 33], [12, 70]]) {
        const v = new Rng(m).normalMatrix(d, m).map((x, _, j) => j === 2 ? 0 : j === 3 ? 1e-3 * x : x);
        const stored = v.astype(dtype);
        const expected = sequential(v).astype(dtype);
        const q = householderProduct(stored, { columns: d });
        assertEquals(q.dtype, dtype);
        assertLess(difference(q, expected), tolerance(m));
        const columns = Math.min(3, d);
        assertLess(
          difference(householderProduct(stored, { columns }), q.slice(0, d, 0, columns)),
          tolerance(m),
        );
        const { w, y } = wyForm(stored);
        const identity = Matrix.identity(d).astype(dtype);
        assertLess(difference(identity.minus(matmul(w, y, { transposeB: true })), expected), tolerance(m));
        const x = new Rng(d).normalMatrix(d, 3).astype(dtype);
        const there = applyHouseholders(stored, x);
        assertLess(difference(there, matmul(expected, x)), 3 * tolerance(m));
        assertLess(difference(applyHouseholders(stored, there, { transpose: true }), x), 3 * tolerance(m));
      }
    });

    test(`reflectors of a matrix with orthonormal columns give it back, ${dtype}`, () => {
      const rng = new Rng(5);
      for (const [d, r] of [[1, 1], [5, 0], [6, 1], [8, 5], [7, 7], [60, 40]]) {
        const q = haarOrthogonal(d, { rng }).slice(0, d, 0, r).astype(dtype);
        const v = reflectorsFromOrthonormal(q);
        for (let i = 0; i < d; i++) for (let k = i + 1; k < r; k++) assertEquals(v.get(i, k), 0);
        assertLess(difference(householderProduct(v, { columns: r }), q), tolerance(d));
      }
    });
  }

  test("reflectors of the identity are zero; of minus the identity, unit vectors; small angles stay", () => {
    assertEquals(reflectorsFromOrthonormal(Matrix.identity(4)), Matrix.zeros(4, 4));
    const minus = reflectorsFromOrthonormal(Matrix.identity(3).times(-1));
    assertEquals(difference(minus, Matrix.identity(3).times(-2)), 0);
    for (const angle of [1e-3, 1e-8, 1e-17, 1e-100, 1e-170, Math.PI - 1e-9]) {
      const [c, s] = [Math.cos(angle), Math.sin(angle)];
      const q = Matrix.fromRows([[c, -s], [s, c]]);
      const again = householderProduct(reflectorsFromOrthonormal(q));
      assertLess(difference(again, q), 1e-15, `${angle}`);
      // The sine itself keeps its digits.
      if (angle > 1e-150) assertAlmostEquals(again.get(1, 0) / s, 1, 1e-14);
    }
  });

  test("lengths of reflectors do not matter, from the smallest numbers to the largest", () => {
    const v = new Rng(1).normalMatrix(6, 4);
    const q = householderProduct(v);
    const lengths = [-1, 1e-300, 1e300, -3e7];
    assertLess(difference(householderProduct(v.map((x, _, j) => x * lengths[j])), q), 1e-14);
  });

  test("nearly parallel reflectors keep the product orthogonal", () => {
    const rng = new Rng(2);
    const direction = rng.sphere(50);
    for (const spread of [1e-2, 1e-8, 0]) {
      const v = Matrix.from(50, 64, (i) => direction[i] + spread * rng.normal());
      const q = householderProduct(v, { columns: 50 });
      assertLess(difference(gram(q), Matrix.identity(50)), 1e-13);
      assertLess(difference(q, sequential(v)), 1e-13);
    }
  });

  for (const item of fixtures.gradients) {
    test(`PyTorch agrees: ${item.name}`, () => {
      const { d, m, n } = item;
      const matrix = (rows: number, columns: number, data: number[]) =>
        new Matrix(rows, columns, Float64Array.from(data));
      const v = matrix(d, m, item.v);
      const x = matrix(d, n, item.x);
      const y = applyHouseholders(v, x);
      assertLess(difference(y, matrix(d, n, item.y)), 1e-12);
      for (const options of [{}, { y }]) {
        const { dv, dx } = householderVjp(v, x, matrix(d, n, item.dy), options);
        assertLess(difference(dx, matrix(d, n, item.dx)), 1e-12);
        assertLess(difference(dv, matrix(d, m, item.dv)), 1e-12);
        for (let j = 0; j < m; j++) {
          const column = v.column(j);
          const along = column.reduce((sum, entry, i) => sum + entry * dv.get(i, j), 0);
          assertAlmostEquals(along, 0, 1e-13);
        }
      }
    });
  }

  for (const { d, r, v, q } of fixtures.products) {
    test(`LAPACK agrees: ${r} reflectors of length ${d}`, () => {
      const product = householderProduct(new Matrix(d, r, Float64Array.from(v)));
      assertLess(difference(product, new Matrix(d, r, Float64Array.from(q))), 1e-14);
    });
  }

  test("gradients agree with central differences (oracle), also through the thin product", () => {
    const rng = new Rng(3);
    const v = rng.normalMatrix(7, 3);
    const weight = rng.normalMatrix(7, 3);
    const loss = (at: Matrix) =>
      householderProduct(at).data.reduce((sum, entry, k) => sum + entry * weight.data[k], 0);
    const { dv } = householderVjp(v, Matrix.identity(7).slice(0, 7, 0, 3), weight);
    const h = 1e-5;
    for (let k = 0; k < v.data.length; k++) {
      const moved = (by: number) => new Matrix(7, 3, v.data.map((x, i) => i === k ? x + by : x));
      assertAlmostEquals((loss(moved(h)) - loss(moved(-h))) / (2 * h), dv.data[k], 5e-9);
    }
    // One half of the length, twice the gradient.
    const half = householderVjp(v.times(0.5), Matrix.identity(7).slice(0, 7, 0, 3), weight).dv;
    assertLess(difference(half, dv.times(2)), 1e-13);
  });
}

Deno.test("householder: gradient descent on reflectors makes them longer", () => {
  const rng = new Rng(4);
  const v = rng.normalMatrix(5, 2);
  const { dv } = householderVjp(v, Matrix.identity(5), rng.normalMatrix(5, 5));
  const moved = v.plus(dv, -0.1);
  for (let j = 0; j < 2; j++) {
    const before = frobeniusNorm(new Matrix(5, 1, v.column(j)));
    const step = frobeniusNorm(new Matrix(5, 1, dv.column(j)));
    const after = frobeniusNorm(new Matrix(5, 1, moved.column(j)));
    // Pythagoras: the step is orthogonal.
    assertAlmostEquals(after ** 2, before ** 2 + 0.01 * step ** 2, 1e-12);
    assert(after > before);
  }
});

Deno.test("householder: bad input is refused by name", () => {
  const v = Matrix.fromRows([[1, 0], [2, 0], [3, 0]]);
  const x = Matrix.zeros(3, 2);
  assertEquals(householderProduct(v).rows, 3);
  for (
    const call of [
      () => householderProduct(v, { strict: true }),
      () => applyHouseholders(v, x, { strict: true }),
      () => wyForm(v, { strict: true }),
    ]
  ) assertThrows(call, RangeError, "column 1 is zero");
  const bad = Matrix.fromRows([[1, 0], [NaN, 1], [0, 0]]);
  for (
    const call of [
      () => householderProduct(bad),
      () => applyHouseholders(bad, x),
      () => wyForm(bad),
      () => householderVjp(bad, x, x),
    ]
  ) assertThrows(call, RangeError, "of `v`: entry (1, 0) is NaN");
  assertThrows(() => applyHouseholders(v, Matrix.zeros(2, 2)), RangeError, "`x` must have 3 rows as `v` has");
  assertThrows(
    () => applyHouseholders(v, x.astype("float32") as never),
    TypeError,
    "`x` must be a Float64Array",
  );
  assertThrows(() => householderProduct(v, { columns: 4 }), RangeError, "`columns` must be");
  assertThrows(() => householderVjp(v, x, Matrix.zeros(3, 3)), RangeError, "`dy`");
  assertThrows(() => reflectorsFromOrthonormal(Matrix.zeros(2, 3)), RangeError, "2 x 3");
  assertThrows(
    () => reflectorsFromOrthonormal(Matrix.fromRows([[1, 1], [0, 1]])),
    RangeError,
    "the product of columns 0 and 1 is 1",
  );
  assertThrows(() => reflectorsFromOrthonormal(bad), RangeError, "entry (1, 0) is NaN");
  // NaN in what is multiplied goes through.
  assert(applyHouseholders(v, x.map(() => NaN)).data.every(Number.isNaN));
});
