/**
 * The units of a matrix do not matter: every function of a matrix multiplied by a power of two gives the result
 * multiplied by the same power (or its root, or inverse), as far as it is in the range of the precision.
 */
import { assert, assertEquals, assertLess } from "@std/assert";
import { ComplexMatrix, Matrix, type RealArray, Rng } from "refigure/arrays";
import { blasInfo, complexMatmul, matmul, withEngine } from "refigure/blas";
import * as la from "refigure/linalg";

type AnyMatrix = Matrix<RealArray> | ComplexMatrix<RealArray>;

const engines = blasInfo().engine === "native" ? ["native", "portable"] as const : ["portable"] as const;
const rng = new Rng(5);
const normal = () => ({ re: rng.normal(), im: rng.normal() });

/** A copy with every entry multiplied by 2^power, in double or single precision. */
function times(a: AnyMatrix, power: number, dtype: "float64" | "float32" = "float64"): AnyMatrix {
  const half = Math.trunc(power / 2);
  const data = a.data.map((x) => x * 2 ** half * 2 ** (power - half));
  const stored = dtype === "float32" ? Float32Array.from(data) : data;
  return a instanceof Matrix
    ? new Matrix(a.rows, a.columns, stored)
    : new ComplexMatrix(a.rows, a.columns, stored);
}

/** A vector of n numbers in the precision of `like`. */
function vector(like: AnyMatrix, n: number): RealArray {
  const x = Float64Array.from({ length: n }, (_, i) => 1 + i % 3);
  return like.data instanceof Float32Array ? Float32Array.from(x) : x;
}

const square = rng.normalMatrix(6, 6);
const tall = rng.normalMatrix(8, 5);
const symmetric = square.plus(square.transpose());
const positive = matmul(square, square, { transposeB: true });
const complex = ComplexMatrix.from(6, 6, normal);
const complexPositive = complexMatmul(complex, complex.conjugateTranspose());
const hermitian = ComplexMatrix.from(6, 6, (i, j) => {
  const { re, im } = complex.get(i, j);
  const other = complex.get(j, i);
  return { re: re + other.re, im: im - other.im };
});

interface Case {
  /** A matrix to scale. */
  matrix: AnyMatrix;
  /** The result is multiplied by the power of two to this power. */
  degree: number;
  // deno-lint-ignore no-explicit-any
  result: (a: any) => ArrayLike<number>;
}

const sorted = (x: Float64Array) => x.slice().sort();
const sizes = (x: RealArray) => x.map(Math.abs);

/** The functions of a matrix, with what becomes of their results. */
const cases: Record<string, Case> = {
  "svd, values": { matrix: tall, degree: 1, result: (a) => la.svd(a).s },
  "svd, vectors": { matrix: tall, degree: 0, result: (a) => sizes(la.svd(a).u.data) },
  singularValues: { matrix: tall, degree: 1, result: la.singularValues },
  "eigh, values": { matrix: symmetric, degree: 1, result: (a) => la.eigh(a).values },
  "eigh, vectors": { matrix: symmetric, degree: 0, result: (a) => sizes(la.eigh(a).vectors.data) },
  eig: { matrix: square, degree: 1, result: (a) => sorted(la.eig(a, { left: true }).values) },
  "qr, r": { matrix: tall, degree: 1, result: (a) => la.qr(a).r.data },
  "qr, q": { matrix: tall, degree: 0, result: (a) => la.qr(a).q.data },
  cholesky: { matrix: positive, degree: 0.5, result: (a) => la.cholesky(a).data },
  solve: { matrix: square, degree: -1, result: (a) => la.solve(a, vector(a, 6)) },
  inverse: { matrix: square, degree: -1, result: (a) => la.inverse(a).data },
  leastSquares: { matrix: tall, degree: -1, result: (a) => la.leastSquares(a, vector(a, 8)) },
  polarFactor: { matrix: tall, degree: 0, result: (a) => la.polarFactor(a).data },
  leverageScores: { matrix: tall, degree: 0, result: la.leverageScores },
  rowNorms: { matrix: tall, degree: 1, result: la.rowNorms },
  columnNorms: { matrix: tall, degree: 1, result: la.columnNorms },
  frobeniusNorm: { matrix: tall, degree: 1, result: (a) => [la.frobeniusNorm(a)] },
  spectralNorm: { matrix: tall, degree: 1, result: (a) => [la.spectralNorm(a)] },
  nuclearNorm: { matrix: tall, degree: 1, result: (a) => [la.nuclearNorm(a)] },
  conditionNumber: { matrix: tall, degree: 0, result: (a) => [la.conditionNumber(a)] },
  complexSvd: { matrix: complex, degree: 1, result: (a) => la.complexSvd(a).s },
  complexEigh: { matrix: hermitian, degree: 1, result: (a) => la.complexEigh(a).values },
  "complex eig": { matrix: complex, degree: 1, result: (a) => sorted(la.eig(a).values) },
  complexQr: { matrix: complex, degree: 1, result: (a) => la.complexQr(a).r.data },
  complexCholesky: { matrix: complexPositive, degree: 0.5, result: (a) => la.complexCholesky(a).data },
  complexSolve: { matrix: complex, degree: -1, result: (a) => la.complexSolve(a, vector(a, 12)) },
  complexPolarFactor: { matrix: complex, degree: 0, result: (a) => la.complexPolarFactor(a).data },
  "complex conditionNumber": { matrix: complex, degree: 0, result: (a) => [la.conditionNumber(a)] },
};

/** The largest difference of two lists over the largest of the second; NaN if there is a NaN. */
function difference(found: ArrayLike<number>, wanted: ArrayLike<number>): number {
  let largest = 0;
  let most = 0;
  for (let i = 0; i < wanted.length; i++) {
    largest = Math.max(largest, Math.abs(wanted[i]));
    most = Math.max(most, Math.abs(found[i] - wanted[i]));
  }
  return most / largest;
}

const ranges = {
  float64: { powers: [400, 512, 700, 1000, 1018, -400, -512, -700, -1000, -1018], tolerance: 1e-12 },
  float32: { powers: [60, 90, 110, 121, -60, -90, -110], tolerance: 1e-4 },
} as const;

for (const engine of engines) {
  for (const [name, { matrix, degree, result }] of Object.entries(cases)) {
    Deno.test(`${name} follows the scale of the matrix, ${engine}`, () => {
      withEngine(engine, () => {
        for (const dtype of ["float64", "float32"] as const) {
          const wanted = result(times(matrix, 0, dtype));
          for (const power of ranges[dtype].powers) {
            const found = result(times(matrix, power, dtype));
            const half = 2 ** (-degree * power / 2);
            const back = Array.from(found, (x) => x * half * half);
            assertLess(difference(back, wanted), ranges[dtype].tolerance, `2^${power}, ${dtype}`);
          }
        }
      });
    });
  }

  Deno.test(`results just below the largest number are right, ${engine}`, () => {
    withEngine(engine, () => {
      for (const n of [1, 2, 3, 5, 12]) {
        for (const [name, { degree, result }] of Object.entries(cases)) {
          if (degree !== 1 || name === "nuclearNorm" || name === "frobeniusNorm") continue;
          const isComplex = name.startsWith("complex");
          const any: AnyMatrix = isComplex ? ComplexMatrix.from(n, n, normal) : rng.normalMatrix(n, n);
          const even = name.includes("igh") ? symmetrized(any) : any;
          // Of norm 1.9, so that the norm is 1.9 * 2^1023 after scaling.
          const small = scaledBy(even, 1.9 / la.spectralNorm(even));
          const found = Array.from(result(times(small, 1023)), (x) => x * 2 ** -1023);
          assertLess(difference(found, result(small)), 1e-12, `${name}, ${n} x ${n}`);
        }
      }
    });
  });

  Deno.test(`a matrix of 1e308: what is beyond the range is infinite, and the rest is right, ${engine}`, () => {
    withEngine(engine, () => {
      const a = Matrix.from(3, 3, (i, j) => i === j ? 1.7e308 : 1e308);
      const x = la.leastSquares(a, Float64Array.of(1e308, 0, 0));
      assertLess(difference(x, [2.7 / 2.59, -1 / 2.59, -1 / 2.59]), 1e-14);
      assertLess(difference(la.leverageScores(a), [1, 1, 1]), 1e-14);
      assertLess(Math.abs(la.conditionNumber(a) - 3.7 / 0.7), 1e-13);
      assertLess(difference(la.svd(a).s.slice(1), [0.7e308, 0.7e308]), 1e-14);
      assertEquals(la.svd(a).s[0], Infinity);
      assertEquals(la.eigh(a).values[2], Infinity);
      const { q, r } = la.qr(a);
      assert(q.data.every(Number.isFinite) && !r.data.some(Number.isNaN));
    });
  });
}

function scaledBy(a: AnyMatrix, factor: number): AnyMatrix {
  const data = a.data.map((x) => x * factor);
  return a instanceof Matrix
    ? new Matrix(a.rows, a.columns, data)
    : new ComplexMatrix(a.rows, a.columns, data);
}

function symmetrized(a: AnyMatrix): AnyMatrix {
  if (a instanceof Matrix) return a.plus(a.transpose());
  const other = a.conjugateTranspose();
  return new ComplexMatrix(a.rows, a.columns, a.data.map((x, k) => x + other.data[k]));
}
