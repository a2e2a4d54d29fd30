/** The portable products, compiled or not, give the bits of plain loops. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { allocate, type RealArray, Rng } from "refigure/arrays";
import { matmul, type Op, withEngine } from "refigure/blas";
import { portable } from "../../lib/blas/portable/mod.ts";
import { compiledKernels, withoutKernels } from "../../lib/wasm/module.ts";
import { bitsOfProduct, PRODUCT_BITS } from "../portable/bits.ts";

// Both sides of the strips of 4, the panels of 64 and 128 columns, and the depth of 256.
const side = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 0, max: 20 }) },
  { weight: 2, arbitrary: fc.integer({ min: 60, max: 70 }) },
  { weight: 1, arbitrary: fc.integer({ min: 126, max: 135 }) },
);
const depth = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 0, max: 20 }) },
  { weight: 1, arbitrary: fc.integer({ min: 254, max: 260 }) },
  { weight: 1, arbitrary: fc.constant(515) },
);
const shape = fc.record({
  m: side,
  n: side,
  k: depth,
  pads: fc.tuple(...[0, 1, 2].map(() => fc.constantFrom(0, 0, 1, 3))),
  opA: fc.constantFrom<Op>("none", "transpose", "conjugate-transpose"),
  opB: fc.constantFrom<Op>("none", "transpose", "conjugate-transpose"),
  dtype: fc.constantFrom<"float64" | "float32">("float64", "float32"),
  alpha: fc.constantFrom(1, -1, 0.3, 0, 1e300),
  beta: fc.constantFrom(0, 1, -0.7),
  /** How often an entry is none of the usual ones. */
  odd: fc.constantFrom(0, 0, 0.003, 0.3),
  seed: fc.integer(),
});

const ODD = [0, -0, NaN, Infinity, -Infinity, 5e-324, -1e-310, 1e-40, 1e308, -1e308, 1e38, 1e-200];

function entries(dtype: "float64" | "float32", length: number, rng: Rng, odd: number): RealArray {
  const out = allocate(dtype, length);
  for (let i = 0; i < length; i++) {
    out[i] = rng.uniform() < odd ? ODD[Math.floor(rng.uniform() * ODD.length)] : rng.normal();
  }
  return out;
}

/** Equal in every bit, where there is more than one NaN in all of them. */
function assertSame(got: RealArray, wanted: RealArray): void {
  const at = got.findIndex((x, i) => !Object.is(x, wanted[i]));
  assert(at === -1, `entry ${at} is ${got[at]}, not ${wanted[at]}`);
}

/** Runs `product` on a copy of c with the kernels and on one without. */
function compare(c: RealArray, product: (c: RealArray) => void): void {
  const compiled = c.slice();
  product(compiled);
  withoutKernels(() => product(c));
  assertSame(compiled, c);
}

const check = (property: fc.IProperty<unknown>, numRuns = 150) => fc.assert(property, { numRuns, seed: 1 });

Deno.test("this engine has the compiled products", () => assert(compiledKernels() !== null));

Deno.test("gemm: compiled or not, the same bits", () => {
  check(fc.property(shape, ({ m, n, k, pads, opA, opB, dtype, alpha, beta, odd, seed }) => {
    const rng = new Rng(seed);
    const tA = opA !== "none";
    const tB = opB !== "none";
    const lda = (tA ? m : k) + pads[0];
    const ldb = (tB ? k : n) + pads[1];
    const ldc = n + pads[2];
    const a = entries(dtype, (tA ? k : m) * lda, rng, odd);
    const b = entries(dtype, (tB ? n : k) * ldb, rng, odd);
    compare(
      entries(dtype, m * ldc, rng, odd),
      (c) => portable.gemm(tA, tB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc),
    );
  }));
});

Deno.test("gemm: one matrix as both factors, and parts of larger arrays", () => {
  check(fc.property(shape, fc.boolean(), ({ m: n, k, dtype, seed }, transposeA) => {
    const rng = new Rng(seed);
    const ld = transposeA ? n : k;
    const a = entries(dtype, n * k + 9, rng, 0);
    compare(
      entries(dtype, n * n, rng, 0),
      (c) => portable.gemm(transposeA, !transposeA, n, n, k, 1, a, ld, a, ld, 0, c, n),
    );
    // The same array, but not the transpose of one matrix.
    const s = Math.min(n, k);
    compare(
      entries(dtype, s * s, rng, 0),
      (c) => portable.gemm(transposeA, transposeA, s, s, s, 1, a, s, a, s, 0, c, s),
    );
    compare(
      entries(dtype, s * s + 7, rng, 0),
      (c) => portable.gemm(false, true, s, s, s, 1, a.subarray(5), s, a, s, 0, c, s),
    );
  }));
});

Deno.test("syrk: compiled or not, the same bits", () => {
  check(fc.property(shape, ({ m: n, k, pads, opA, dtype, alpha, beta, odd, seed }) => {
    const rng = new Rng(seed);
    const transposeA = opA !== "none";
    const lda = (transposeA ? n : k) + pads[0];
    const a = entries(dtype, (transposeA ? k : n) * lda, rng, odd);
    compare(
      entries(dtype, n * n, rng, odd),
      (c) => portable.syrk(transposeA, n, k, alpha, a, lda, beta, c),
    );
  }));
});

Deno.test("complexGemm and herk: compiled or not, the same bits", () => {
  check(
    fc.property(shape, ({ m, n, k, opA, opB, dtype, odd, seed }) => {
      const rng = new Rng(seed);
      const a = entries(dtype, 2 * m * k, rng, odd);
      const b = entries(dtype, 2 * k * n, rng, odd);
      const lda = opA === "none" ? k : m;
      const ldb = opB === "none" ? n : k;
      compare(
        entries(dtype, 2 * m * n, rng, 0),
        (c) => portable.complexGemm(opA, opB, m, n, k, a, lda, b, ldb, c, n),
      );
      compare(
        entries(dtype, 2 * m * m, rng, 0),
        (c) => portable.herk(opA !== "none", m, k, a, lda, c),
      );
    }),
    80,
  );
});

/** The rows of a matrix by themselves: the two products with a vector, one after the other. */
function rowByRow(
  transpose: boolean,
  m: number,
  n: number,
  a: RealArray,
  lda: number,
  x: RealArray,
  y: RealArray,
) {
  if (transpose) y.fill(0);
  for (let i = 0; i < m; i++) {
    const row = a.subarray(i * lda, i * lda + n);
    if (transpose) {
      for (let j = 0; j < n; j++) y[j] += x[i] * row[j];
      continue;
    }
    const sums = [0, 0];
    row.forEach((entry, j) => sums[j % 2] += entry * x[j]);
    y[i] = sums[0] + sums[1];
  }
}

Deno.test("gemv: the bits do not depend on how many rows are read at once", () => {
  check(fc.property(shape, ({ m, n, pads, opA, dtype, odd, seed }) => {
    const rng = new Rng(seed);
    const transpose = opA !== "none";
    const lda = n + pads[0];
    const a = entries(dtype, m * lda, rng, odd);
    const x = entries(dtype, transpose ? m : n, rng, odd);
    const y = allocate(dtype, transpose ? n : m).fill(NaN);
    const wanted = y.slice();
    portable.gemv(transpose, m, n, a, lda, x, y);
    rowByRow(transpose, m, n, a, lda, x, wanted);
    assertSame(y, wanted);
  }));
});

Deno.test("the comparison sees one unit in the last place and the sign of a zero", () => {
  const base = Float64Array.of(1, 0, NaN);
  assertSame(base, base.slice());
  assertThrows(() => assertSame(Float64Array.of(1 + Number.EPSILON, 0, NaN), base));
  assertThrows(() => assertSame(Float64Array.of(1, -0, NaN), base));
});

Deno.test("in any engine the bits of this product are these (test/portable/calls.ts has them too)", () => {
  const product = () => withEngine("portable", () => bitsOfProduct(matmul));
  assertEquals(product(), PRODUCT_BITS);
  assertEquals(withoutKernels(product), PRODUCT_BITS);
});
