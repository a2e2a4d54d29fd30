import { assertEquals, assertThrows } from "@std/assert";
import { ComplexMatrix, Matrix, type RealArray } from "refigure/arrays";
import {
  addScaled,
  blasInfo,
  complexGram,
  complexMatmul,
  complexMatvec,
  gram,
  matmul,
  matvec,
  setBlasThreads,
  symmetricMatmul,
  withEngine,
} from "refigure/blas";

const engines = blasInfo().engine === "native" ? ["native", "portable"] as const : ["portable"] as const;
const a = Matrix.from(2, 3, (i, j) => i + j);
const b = Matrix.from(3, 4, (i, j) => i - j);
const z = ComplexMatrix.fromReal(a);
const w = ComplexMatrix.fromReal(b);

for (const engine of engines) {
  Deno.test(`empty and 1 x 1 products, ${engine}`, () => {
    withEngine(engine, () => {
      for (const [m, k, n] of [[0, 0, 0], [0, 3, 2], [2, 0, 3], [2, 3, 0]]) {
        assertEquals(matmul(Matrix.zeros(m, k), Matrix.zeros(k, n)), Matrix.zeros(m, n));
        assertEquals(
          complexMatmul(ComplexMatrix.zeros(m, k), ComplexMatrix.zeros(k, n)),
          ComplexMatrix.zeros(m, n),
        );
        assertEquals(matvec(Matrix.zeros(m, k), new Float64Array(k)), new Float64Array(m));
        assertEquals(
          complexMatvec(ComplexMatrix.zeros(m, k), new Float64Array(2 * k)),
          new Float64Array(2 * m),
        );
        assertEquals(gram(Matrix.zeros(m, k)), Matrix.zeros(k, k));
        assertEquals(complexGram(ComplexMatrix.zeros(m, k)), ComplexMatrix.zeros(k, k));
      }
      // No terms to sum: what stood in `out` goes.
      assertEquals(
        matmul(Matrix.zeros(1, 0), Matrix.zeros(0, 1), { out: Matrix.fromRows([[NaN]]) }).data[0],
        0,
      );
      assertEquals(matmul(Matrix.fromRows([[3]]), Matrix.fromRows([[-4]])).toRows(), [[-12]]);
      assertEquals(gram(Matrix.fromRows([[-4]])).toRows(), [[16]]);
    });
  });

  Deno.test(`what stood in \`out\` does not matter, ${engine}`, () => {
    withEngine(engine, () => {
      for (const n of [2, 50]) {
        const x = Matrix.from(n, n, (i, j) => i - j);
        const out = Matrix.zeros(n, n);
        out.data.fill(NaN);
        assertEquals(matmul(x, x, { out }), matmul(x, x));
        assertEquals(matvec(x, x.row(0), { out: new Float64Array(n).fill(NaN) }), matvec(x, x.row(0)));
        const zx = ComplexMatrix.fromReal(x, x);
        const zout = ComplexMatrix.zeros(n, n);
        zout.data.fill(NaN);
        assertEquals(complexMatmul(zx, zx, { out: zout }), complexMatmul(zx, zx));
      }
    });
  });

  Deno.test(`Infinity and NaN in a factor come through, ${engine}`, () => {
    withEngine(engine, () => {
      for (const n of [2, 40]) {
        const x = Matrix.identity(n);
        const bad = Matrix.identity(n);
        bad.set(0, 0, NaN);
        bad.set(1, 1, Infinity);
        const product = matmul(bad, x);
        assertEquals([Number.isNaN(product.get(0, 0)), product.get(1, 1)], [true, Infinity]);
      }
    });
  });
}

Deno.test("bad input is named", () => {
  const wrongShape = "`b` must have 3 rows to be multiplied: a is 2 x 3, b is 2 x 3";
  assertThrows(() => matmul(a, a), RangeError, wrongShape);
  assertThrows(() => complexMatmul(z, z), RangeError, wrongShape);
  assertThrows(() => matmul(a, b, { transposeB: true }), RangeError, "b^T is 4 x 3");
  assertThrows(() => matvec(a, new Float64Array(2)), RangeError, "`x` must have length 3, got 2");
  assertThrows(() => complexMatvec(z, new Float64Array(4)), RangeError, "`x` must have length 6, got 4");
  const single = b.astype("float32") as Matrix<RealArray> as Matrix;
  assertThrows(
    () => matmul(a, single),
    TypeError,
    "`b` must be a Float64Array as `a` is, got a Float32Array",
  );
  assertThrows(
    () => gram(a, { side: "up" as "left" }),
    TypeError,
    '`side` must be "left" or "right", got "up"',
  );
  assertThrows(() => setBlasThreads(0), RangeError, "`n` must be an integer from 1 to 1024, got 0");
});

for (const engine of engines) {
  Deno.test(`alpha and beta scale the product and what was there, ${engine}`, () => {
    withEngine(engine, () => {
      for (const n of [2, 30]) {
        const x = Matrix.from(n, n, (i, j) => (i + 2 * j) % 5);
        const old = Matrix.from(n, n, (i, j) => Math.abs(i - j));
        const wanted = (product: Matrix) => product.times(-2).plus(old.times(3));
        const options = () => ({ alpha: -2, beta: 3, out: old.clone() });
        assertEquals(matmul(x, x, options()).toRows(), wanted(matmul(x, x)).toRows());
        assertEquals(gram(x, options()).toRows(), wanted(gram(x)).toRows());
        const symmetric = gram(x);
        assertEquals(symmetricMatmul(symmetric, symmetric).toRows(), matmul(symmetric, symmetric).toRows());
      }
      const empty = Matrix.zeros(2, 0);
      const out = Matrix.fromRows([[1, NaN], [NaN, 4]]);
      assertEquals(gram(empty, { side: "right", out: out.clone() }), Matrix.zeros(2, 2));
      assertEquals(gram(empty, { side: "right", out: out.clone(), beta: 2 }).get(1, 1), 8);
    });
  });
}

Deno.test("`beta` without `out`, and symmetric products of other shapes, are refused", () => {
  assertThrows(() => matmul(a, b, { beta: 1 }), RangeError, "`beta` needs `out`");
  assertThrows(() => gram(a, { alpha: NaN }), RangeError, "`alpha`");
  assertThrows(() => symmetricMatmul(a, a), RangeError, "`a` must be 2 x 2, got 2 x 3");
  assertThrows(
    () => addScaled(new Float64Array(2), 1, new Float64Array(3)),
    RangeError,
    "`x` must have length 2",
  );
  assertThrows(
    () => addScaled(new Float64Array(2), 1, new Float32Array(2)),
    TypeError,
    "`x` must be a Float64Array",
  );
});

Deno.test("`out` has to fit and to have memory of its own", () => {
  const square = Matrix.identity(3);
  const zSquare = ComplexMatrix.identity(3);
  const shared = "must not share memory";
  assertThrows(() => matmul(a, b, { out: Matrix.zeros(2, 2) }), RangeError, "`out` must be 2 x 4, got 2 x 2");
  assertThrows(() => matmul(square, square, { out: square }), RangeError, shared);
  assertThrows(() => complexMatmul(zSquare, zSquare, { out: zSquare }), RangeError, shared);
  assertThrows(() => matvec(square, square.row(0), { out: square.row(1) }), RangeError, shared);
  const memory = new Float64Array(13);
  const x = new Matrix(3, 3, memory.subarray(0, 9));
  assertThrows(() => matmul(x, x, { out: new Matrix(3, 3, memory.subarray(4)) }), RangeError, shared);
  // Side by side in one buffer is fine.
  const wide = new Float64Array(18);
  const y = new Matrix(3, 3, wide.subarray(0, 9));
  matmul(y, y, { out: new Matrix(3, 3, wide.subarray(9)) });
  assertThrows(
    () => complexMatmul(z, w, { out: ComplexMatrix.zeros(1, 1) }),
    RangeError,
    "`out` must be 2 x 4, got 1 x 1",
  );
});

Deno.test("withEngine goes back to the engine before, also after an error", () => {
  const before = blasInfo().engine;
  assertThrows(
    () =>
      withEngine("portable", () => {
        throw new Error("on purpose");
      }),
    Error,
    "on purpose",
  );
  assertEquals(blasInfo().engine, before);
  const { engine, reason, reproducible, threads, lapack } = withEngine("portable", () => blasInfo());
  assertEquals([engine, reason, reproducible], ["portable", "asked for by withEngine", false]);
  assertEquals([threads, lapack], [1, false]);
});
