import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { allocate, ComplexMatrix, Matrix } from "refigure/arrays";

const anyMatrix = fc.tuple(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 40 })).chain((
  [rows, columns],
) =>
  fc.array(fc.double({ noNaN: true }), { minLength: rows * columns, maxLength: rows * columns })
    .map((data) => new Matrix(rows, columns, Float64Array.from(data)))
);

Deno.test("transposing twice gives the matrix back, and moves (i, j) to (j, i)", () => {
  fc.assert(fc.property(anyMatrix, (a) => {
    const t = a.transpose();
    assertEquals(t.transpose(), a);
    for (let i = 0; i < a.rows; i++) {
      for (let j = 0; j < a.columns; j++) assertEquals(t.get(j, i), a.get(i, j));
    }
  }));
});

Deno.test("slices, rows and columns agree with the entries", () => {
  const a = Matrix.from(4, 5, (i, j) => 10 * i + j);
  assertEquals(a.slice(1, 3, 2, 4).toRows(), [[12, 13], [22, 23]]);
  assertEquals([...a.row(2)], [20, 21, 22, 23, 24]);
  assertEquals([...a.column(3)], [3, 13, 23, 33]);
  a.row(0)[0] = 99; // a view
  assertEquals(a.get(0, 0), 99);
});

Deno.test("precision is kept by every method that makes a matrix", () => {
  const a = Matrix.from(2, 2, (i, j) => i + j).astype("float32");
  for (const b of [a.clone(), a.transpose(), a.times(2), a.plus(a), a.map((x) => x), a.slice(0, 1)]) {
    assertEquals(b.dtype, "float32");
  }
});

Deno.test("bad shapes are named", () => {
  assertThrows(() => new Matrix(2, 2, new Float64Array(3)), RangeError, "`data` must have length 4, got 3");
  assertThrows(
    () => Matrix.zeros(2 ** 20, 2 ** 20),
    RangeError,
    "Cannot allocate 1099511627776 numbers: they need 8.80e+3 GB",
  );
  assertThrows(() => ComplexMatrix.zeros(2 ** 26, 2 ** 27), RangeError, "Cannot allocate");
  assertThrows(() => allocate("float32", 2 ** 40), RangeError, "Cannot allocate");
  assertThrows(
    () => allocate("f32" as never, 2),
    TypeError,
    '`dtype` must be "float64" or "float32", got "f32"',
  );
  assertThrows(() => Matrix.identity(2).astype("f32" as never), TypeError, "`dtype` must be");
  assertThrows(() => Matrix.zeros(-1, 2), RangeError, "`rows` must be an integer of at least 0, got -1");
  assertThrows(() => Matrix.zeros(1.5, 2), RangeError, "`rows`");
  assertThrows(() => Matrix.fromRows([[1, 2], [3]]), RangeError, "`rows[1]` must have length 2, got 1");
  assertThrows(
    () => Matrix.zeros(2, 3).plus(Matrix.zeros(3, 2)),
    RangeError,
    "`other` must be 2 x 3, got 3 x 2",
  );
  assertThrows(() => Matrix.zeros(2, 3).row(2), RangeError, "`i`");
  assertThrows(
    () => new ComplexMatrix(1, 1, new Float64Array(1)),
    RangeError,
    "`data` must have length 2, got 1",
  );
});

Deno.test("the conjugate transpose conjugates", () => {
  const a = ComplexMatrix.from(2, 3, (i, j) => ({ re: i, im: j }));
  assertEquals(a.conjugateTranspose().get(2, 1), { re: 1, im: -2 });
  assertEquals(a.conjugateTranspose().conjugateTranspose(), a);
});
