import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { allocate, type DType, type RealArray, Rng } from "refigure/arrays";
import { blasInfo, type Op } from "refigure/blas";
import type { Engine } from "../../lib/blas/engine.ts";
import { openBlasLibrary } from "../../lib/blas/native/library.ts";
import { nativeEngine } from "../../lib/blas/native/mod.ts";
import { portable } from "../../lib/blas/portable/mod.ts";
import { product, type View } from "./reference.ts";

const engines: Engine[] = blasInfo().engine === "native"
  ? [nativeEngine(openBlasLibrary().library!), portable]
  : [portable];
const precisions: DType[] = ["float64", "float32"];
const ops: Op[] = ["none", "transpose", "conjugate-transpose"];

// Sizes on both sides of what is left to the tiny loops, of the blocks of 4 and of the panels of 64.
const size = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 0, max: 9 }) },
  fc.integer({ min: 10, max: 70 }),
);
const shape = fc.record({
  m: size,
  n: size,
  k: size,
  pad: fc.integer({ min: 0, max: 3 }),
  opA: fc.constantFrom(...ops),
  opB: fc.constantFrom(...ops),
  seed: fc.integer(),
});
type Shape = typeof shape extends fc.Arbitrary<infer T> ? T : never;

function random(dtype: DType, length: number, rng: Rng): RealArray {
  const out = allocate(dtype, length);
  out.set(rng.normals(length));
  return out;
}

/** Rounding: one unit for every term, and one for the result. */
function close(got: number, wanted: number, scale: number, terms: number, dtype: DType): boolean {
  return Math.abs(got - wanted) <= (terms + 2) * (dtype === "float32" ? 2 ** -23 : 2 ** -52) * scale;
}

function setUp({ m, n, k, pad, opA, opB, seed }: Shape, dtype: DType, complex: boolean) {
  const rng = new Rng(seed);
  const parts = complex ? 2 : 1;
  const [rowsA, columnsA] = opA === "none" ? [m, k] : [k, m];
  const [rowsB, columnsB] = opB === "none" ? [k, n] : [n, k];
  const lda = Math.max(1, columnsA + pad);
  const ldb = Math.max(1, columnsB + pad);
  const ldc = Math.max(1, n + pad);
  const a: View = { data: random(dtype, parts * rowsA * lda, rng), ld: lda, complex };
  const b: View = { data: random(dtype, parts * rowsB * ldb, rng), ld: ldb, complex };
  return { a, b, lda, ldb, ldc, c: random(dtype, parts * m * ldc, rng) };
}

for (const engine of engines) {
  for (const dtype of precisions) {
    const check = (property: fc.IProperty<unknown>) => fc.assert(property, { numRuns: 60, seed: 1 });

    Deno.test(`gemm, ${engine.name}, ${dtype}: alpha, beta, transposes, distances between rows`, () => {
      check(fc.property(shape, fc.constantFrom(0, 1, -0.5), fc.constantFrom(1, 2, -1), (s, beta, alpha) => {
        const { m, n, k } = s;
        const { a, b, lda, ldb, ldc, c } = setUp(s, dtype, false);
        const old = c.slice();
        if (m * n * k === 0) return; // the public functions do not ask for these
        const [tA, tB] = [s.opA !== "none", s.opB !== "none"];
        engine.gemm(tA, tB, m, n, k, alpha, a.data as RealArray, lda, b.data as RealArray, ldb, beta, c, ldc);
        for (let i = 0; i < m; i++) {
          for (let j = 0; j < ldc; j++) {
            const at = i * ldc + j;
            if (j >= n) assert(c[at] === old[at], "wrote beside the matrix");
            else {
              const { re, size } = product(a, s.opA, b, s.opB, k, i, j);
              const before = beta * old[at];
              const fits = close(
                c[at],
                alpha * re + before,
                Math.abs(alpha) * size + Math.abs(before),
                k,
                dtype,
              );
              assert(
                fits,
                `entry (${i}, ${j}) of ${m} x ${k} x ${n} is ${c[at]}, not ${alpha * re + before}`,
              );
            }
          }
        }
      }));
    });

    Deno.test(`complexGemm, ${engine.name}, ${dtype}: all nine pairs of operations`, () => {
      check(fc.property(shape, (s) => {
        const { m, n, k } = s;
        const { a, b, lda, ldb, ldc, c } = setUp(s, dtype, true);
        if (m * n * k === 0) return;
        engine.complexGemm(s.opA, s.opB, m, n, k, a.data as RealArray, lda, b.data as RealArray, ldb, c, ldc);
        for (let i = 0; i < m; i++) {
          for (let j = 0; j < n; j++) {
            const { re, im, size } = product(a, s.opA, b, s.opB, k, i, j);
            const at = 2 * (i * ldc + j);
            assert(close(c[at], re, size, 2 * k, dtype) && close(c[at + 1], im, size, 2 * k, dtype));
          }
        }
      }));
    });

    Deno.test(`syrk and herk, ${engine.name}, ${dtype}: both sides, exactly symmetric, real diagonal`, () => {
      check(fc.property(shape, fc.boolean(), (s, complex) => {
        const left = s.opA !== "none";
        const { n, k, pad } = s;
        if (n * k === 0) return;
        const parts = complex ? 2 : 1;
        const lda = (left ? n : k) + pad;
        const rows = left ? k : n;
        const data = random(dtype, parts * rows * lda, new Rng(s.seed));
        const c = allocate(dtype, parts * n * n).fill(NaN);
        if (complex) engine.herk(left, n, k, data, lda, c);
        else engine.syrk(left, n, k, 1, data, lda, 0, c);
        const a: View = { data, ld: lda, complex };
        const flip: Op = complex ? "conjugate-transpose" : "transpose";
        for (let i = 0; i < n; i++) {
          for (let j = 0; j < n; j++) {
            const { re, im, size } = product(a, left ? flip : "none", a, left ? "none" : flip, k, i, j);
            const at = parts * (i * n + j);
            const mirror = parts * (j * n + i);
            assert(close(c[at], re, size, 2 * k, dtype));
            assertEquals(c[at], c[mirror]);
            if (complex) assert(close(c[at + 1], im, size, 2 * k, dtype) && c[at + 1] === -c[mirror + 1]);
          }
        }
      }));
    });

    Deno.test(`syrk, ${engine.name}, ${dtype}: adds to the lower triangle and mirrors it`, () => {
      for (const n of [1, 5, 40, 130]) {
        const k = 3;
        const rng = new Rng(n);
        const a = random(dtype, n * k, rng);
        const old = random(dtype, n * n, rng);
        const c = old.slice();
        // What is above the diagonal is not to be read.
        for (let i = 0; i < n; i++) for (let j = i + 1; j < n; j++) c[i * n + j] = NaN;
        engine.syrk(false, n, k, -2, a, k, 0.5, c);
        for (let i = 0; i < n; i++) {
          for (let j = 0; j <= i; j++) {
            let sum = 0;
            let size = 0;
            for (let p = 0; p < k; p++) {
              sum += a[i * k + p] * a[j * k + p];
              size += Math.abs(a[i * k + p] * a[j * k + p]);
            }
            const wanted = -2 * sum + 0.5 * old[i * n + j];
            assert(close(c[i * n + j], wanted, 2 * size + Math.abs(old[i * n + j]), k + 2, dtype));
            assertEquals(c[j * n + i], c[i * n + j]);
          }
        }
      }
    });

    Deno.test(`gemv and complexGemv, ${engine.name}, ${dtype}: every operation`, () => {
      check(fc.property(shape, fc.boolean(), (s, complex) => {
        const { m, n, pad, opA: op } = s;
        const parts = complex ? 2 : 1;
        const lda = n + pad;
        const rng = new Rng(s.seed);
        if (m * n === 0) return;
        const data = random(dtype, parts * m * lda, rng);
        const [given, wanted] = op === "none" ? [n, m] : [m, n];
        const x = random(dtype, parts * given, rng);
        const y = allocate(dtype, parts * wanted).fill(NaN);
        if (complex) engine.complexGemv(op, m, n, data, lda, x, y);
        else engine.gemv(op !== "none", m, n, data, lda, x, y);
        for (let i = 0; i < wanted; i++) {
          const { re, im, size } = product(
            { data, ld: lda, complex },
            op,
            { data: x, ld: 1, complex },
            "none",
            given,
            i,
            0,
          );
          assert(close(y[parts * i], re, size, 2 * given, dtype));
          if (complex) assert(close(y[2 * i + 1], im, size, 2 * given, dtype));
        }
      }));
    });

    Deno.test(`${engine.name}, ${dtype}: beta = 0 overwrites NaN, tiny and large`, () => {
      for (const n of [1, 3, 8, 40]) {
        const a = allocate(dtype, n * n).fill(1);
        const c = allocate(dtype, n * n).fill(NaN);
        engine.gemm(false, false, n, n, n, 1, a, n, a, n, 0, c, n);
        assert(c.every((x) => x === n));
      }
    });
  }
}

Deno.test("sums of squares, largest magnitudes and scaling, of every length and range", () => {
  for (const engine of engines) {
    for (const dtype of precisions) {
      for (const n of [0, 1, 3, 255, 257, 1000, 40_001]) {
        for (const scale of [1, 1e-25, 1e25]) {
          const x = random(dtype, n, new Rng(n)).map((z) => z * scale) as RealArray;
          const values = Array.from(x);
          const sum = values.reduce((sum, z) => sum + z * z, 0);
          assert(Math.abs(engine.sumOfSquares(x) - sum) <= (dtype === "float32" ? 1e-6 : 1e-13) * sum);
          assertEquals(engine.largestMagnitude(x), values.reduce((m, z) => Math.max(m, Math.abs(z)), 0));
          const scaled = x.slice();
          engine.scaleInPlace(scaled, -0.5);
          assertEquals(scaled, x.map((z) => -0.5 * z));
          const added = x.slice();
          engine.addScaled(added, 2, x);
          assertEquals(added, x.map((z) => z + 2 * z));
        }
      }
      const broken = random(dtype, 1000, new Rng(0));
      broken[700] = NaN;
      assert(!Number.isFinite(engine.sumOfSquares(broken)));
    }
  }
});
