import { assertEquals, assertLess, assertThrows } from "@std/assert";
import fc from "fast-check";
import { Matrix, Rng } from "refigure/arrays";
import { gram, matmul, matvec } from "refigure/blas";
import { dct, dctMatrix, type DctOptions, dctRows } from "refigure/transforms";
import fixtures from "../fixtures/transforms/transforms.json" with { type: "json" };
import { units } from "./naive.ts";

const allowed = (n: number) => 4 + 4 * Math.log2(n + 1);
const kinds: DctOptions[] = [
  { type: 2 },
  { type: 3 },
  { type: 2, orthonormal: false },
  { type: 3, orthonormal: false },
];

Deno.test("types 2 and 3, orthonormal or not, agree with SciPy", () => {
  for (const { n, x, dct: wanted } of fixtures.transforms) {
    for (const options of kinds) {
      const key = `${options.type}${
        options.orthonormal === false ? "" : " orthonormal"
      }` as keyof typeof wanted;
      assertLess(units(dct(Float64Array.from(x), options), wanted[key]), allowed(n), `${key}, n = ${n}`);
    }
  }
});

Deno.test("the fast transform equals the matrix, for every length up to 100", () => {
  for (let n = 1; n <= 100; n++) {
    const x = new Rng(n).normals(n);
    for (const options of kinds) {
      assertLess(units(dct(x, options), matvec(dctMatrix(n, options), x)), allowed(n) + n, `n = ${n}`);
    }
  }
});

Deno.test("the orthonormal matrix is orthogonal, and type 3 its transpose", () => {
  for (const n of [1, 2, 5, 64, 101]) {
    const c = dctMatrix(n);
    assertLess(units(gram(c).data, Matrix.identity(n).data), 4 * Math.sqrt(n) + 4);
    assertEquals(dctMatrix(n, { type: 3 }), c.transpose());
  }
  assertEquals(dctMatrix(0), Matrix.zeros(0, 0));
});

Deno.test("type 3 inverts type 2, up to 2n if not normalized", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 300 }), fc.integer(), (n, seed) => {
      const x = new Rng(seed).normals(n);
      assertLess(units(dct(dct(x), { type: 3 }), x), 2 * allowed(n));
      const twice = dct(dct(x, { orthonormal: false }), { type: 3, orthonormal: false });
      assertLess(units(twice.map((value) => value / (2 * n)), x), 2 * allowed(n));
    }),
    { seed: 1 },
  );
});

Deno.test("rows are transformed one by one, in either precision", () => {
  for (const [m, n] of [[3, 8], [4, 7], [3, 7], [5, 2], [2, 1], [1, 1], [7, 100], [2, 64], [0, 5], [5, 0]]) {
    const a = new Rng(n).normalMatrix(m, n);
    for (const options of kinds) {
      const wanted = matmul(a, dctMatrix(n, options), { transposeB: true });
      assertLess(units(dctRows(a, options).data, wanted.data), allowed(n) + n);
    }
    const out = Matrix.zeros(m, n);
    assertEquals(dctRows(a, { out }), dctRows(a));
    assertEquals(out, dctRows(a));
    const single = dctRows(a.astype("float32"));
    assertEquals([single.dtype, single.rows, single.columns], ["float32", m, n]);
    assertLess(units(single.data, dctRows(a).data) * 2 ** -52, 2 ** -22);
  }
});

Deno.test("known values", () => {
  // (1, 2, 3, 4), orthonormal, by SciPy.
  const wanted = [5, -2.230442497387663, 0, -0.1585126677811080];
  dct(new Float64Array([1, 2, 3, 4])).forEach((value, k) => assertLess(Math.abs(value - wanted[k]), 1e-14));
});

Deno.test("bad input is named", () => {
  const a = Matrix.zeros(2, 2);
  assertThrows(() => dctRows(a, { out: Matrix.zeros(2, 3) }), RangeError, "`out` must be 2 x 2, got 2 x 3");
  assertThrows(() => dctRows(a, { out: a }), RangeError, "`out` must not share memory");
  assertThrows(() => dct(new Float64Array(0)), RangeError, "`x` must hold at least one number");
  assertThrows(() => dct(new Float64Array(2), { type: 4 as 2 }), RangeError, "`type` must be 2 or 3, got 4");
  assertThrows(() => dctMatrix(-1), RangeError, "`n` must be an integer of at least 0, got -1");
});
