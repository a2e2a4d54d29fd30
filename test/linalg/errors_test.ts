/** What a factorization refuses, and its message when an iteration fails. */
import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { ComplexMatrix, Matrix } from "refigure/arrays";
import { blasInfo, withEngine } from "refigure/blas";
import * as la from "refigure/linalg";
import type { Lapack } from "../../lib/blas/native/lapack.ts";
import { nativeEig } from "../../lib/linalg/native/eig.ts";
import { nativeComplexEigh, nativeEigh } from "../../lib/linalg/native/eigh.ts";
import { nativeComplexSvd, nativeSvd } from "../../lib/linalg/native/svd.ts";
import { hermitianJacobi } from "../../lib/linalg/portable/complex_eigh.ts";
import { realSchur } from "../../lib/linalg/portable/real_schur.ts";
import { complexSchur } from "../../lib/linalg/portable/schur.ts";

const engines = blasInfo().engine === "native" ? ["native", "portable"] as const : ["portable"] as const;
const wide = Matrix.zeros(2, 3);
const complexWide = ComplexMatrix.zeros(2, 3);

/** Every function of one matrix, with the words its message uses. */
const real: Record<string, (a: Matrix) => unknown> = {
  qr: la.qr,
  svd: la.svd,
  singularValues: la.singularValues,
  eig: la.eig,
  eigh: la.eigh,
  cholesky: la.cholesky,
  polarFactor: la.polarFactor,
  inverse: la.inverse,
  frobeniusNorm: la.frobeniusNorm,
  spectralNorm: la.spectralNorm,
  nuclearNorm: la.nuclearNorm,
  conditionNumber: la.conditionNumber,
  "solve (matrix)": (a) => la.solve(a, new Float64Array(2)),
  "solve (right-hand side)": (a) => la.solve(Matrix.identity(2), a),
  "leastSquares (matrix)": (a) => la.leastSquares(a, new Float64Array(2)),
  "leastSquares (right-hand side)": (a) => la.leastSquares(Matrix.identity(2), a),
  "choleskySolve (factor)": (a) => la.choleskySolve(a, new Float64Array(2)),
  "choleskySolve (right-hand side)": (a) => la.choleskySolve(Matrix.identity(2), a),
};
const complex: Record<string, (a: ComplexMatrix) => unknown> = {
  complexQr: la.complexQr,
  complexSvd: la.complexSvd,
  singularValues: la.singularValues,
  eig: la.eig,
  complexEigh: la.complexEigh,
  complexCholesky: la.complexCholesky,
  complexPolarFactor: la.complexPolarFactor,
  frobeniusNorm: la.frobeniusNorm,
  conditionNumber: la.conditionNumber,
  complexSolve: (a) => la.complexSolve(a, new Float64Array(4)),
};

for (const engine of engines) {
  for (const bad of [NaN, Infinity, -Infinity]) {
    Deno.test(`${bad} is refused at the door, and its place is named, ${engine}`, () => {
      withEngine(engine, () => {
        for (const [name, f] of Object.entries(real)) {
          const error = assertThrows(
            () => f(Matrix.fromRows([[1, 0], [bad, 1]])),
            RangeError,
            undefined,
            name,
          );
          assertMatch(error.message, new RegExp(`^Cannot .*\`[abl]\`: entry \\(1, 0\\) is ${bad}$`), name);
        }
        for (const [name, f] of Object.entries(complex)) {
          const data = Float64Array.from([1, 0, 0, 0, 0, bad, 1, 0]);
          const error = assertThrows(() => f(new ComplexMatrix(2, 2, data)), RangeError, undefined, name);
          assertMatch(error.message, new RegExp(`imaginary part of entry \\(1, 0\\) is ${bad}$`), name);
        }
      });
    });
  }

  Deno.test(`singular and indefinite matrices are refused by name, with advice, ${engine}`, () => {
    withEngine(engine, () => {
      const zero = Matrix.zeros(3, 3);
      const b = new Float64Array(3);
      const singular = assertThrows(() => la.solve(zero, b), la.SingularMatrixError);
      assertMatch(singular.message, /singular.*`leastSquares`/);
      assertThrows(() => la.inverse(zero), la.SingularMatrixError);
      assertThrows(
        () => la.complexSolve(ComplexMatrix.zeros(2, 2), new Float64Array(4)),
        la.SingularMatrixError,
      );
      const indefinite = Matrix.diagonal([1, 1, -1]);
      const error = assertThrows(() => la.cholesky(indefinite), la.SingularMatrixError);
      assertMatch(error.message, /leading 3 x 3 block is not positive definite\. Adding a small multiple/);
      assertThrows(() => la.complexCholesky(ComplexMatrix.fromReal(indefinite)), la.SingularMatrixError);
      assertThrows(() => la.choleskySolve(zero, b), la.SingularMatrixError, "entry (0, 0)");
    });
  });
}

Deno.test("shapes that do not fit are named", () => {
  for (const f of [la.eig, la.eigh, la.cholesky, la.inverse]) {
    assertThrows(() => f(wide), RangeError, "`a` must be square, got 2 x 3");
  }
  for (const f of [la.complexEigh, la.complexCholesky]) {
    assertThrows(() => f(complexWide), RangeError, "`a` must be square, got 2 x 3");
  }
  const b = new Float64Array(3);
  assertThrows(() => la.solve(wide, b), RangeError, "`a` must be square, got 2 x 3");
  assertThrows(() => la.solve(Matrix.identity(2), b), RangeError, "`b` must have 2 rows as `a` has, got 3");
  assertThrows(() => la.leastSquares(wide, b), RangeError, "`b` must have 2 rows as `a` has, got 3");
  assertThrows(() => la.leastSquares(wide, new Float64Array(2), { rcond: 1 }), RangeError, "`rcond`");
});

/** A LAPACK whose every iteration fails. */
const failing = new Proxy({}, { get: () => () => 1 }) as Lapack;

Deno.test("an iteration of LAPACK that fails is a named result, with advice", () => {
  const a = Matrix.identity(3);
  const z = ComplexMatrix.identity(3);
  const calls = [
    () => nativeSvd(failing, a, true),
    () => nativeComplexSvd(failing, z),
    () => nativeEigh(failing, a),
    () => nativeComplexEigh(failing, z),
    () => nativeEig(failing, a, true),
    () => nativeEig(failing, z, false),
  ];
  for (const call of calls) {
    const error = assertThrows(call, la.NotConvergedError);
    assertEquals(error.name, "NotConvergedError");
    assertMatch(error.message, /^The .* of `a` \(LAPACK's \w+\) did not converge\. .*portable engine/);
  }
});

Deno.test("an iteration of the portable engine that fails is a named result, with advice", () => {
  // NaN is refused long before; put in here, it keeps an iteration from ever ending by itself.
  const broken = (length: number) => Float64Array.from({ length }, (_, k) => k === 5 ? NaN : 1 / (k + 1));
  const calls = [
    () => realSchur(4, broken(16)),
    () => complexSchur(4, broken(32)),
    () => hermitianJacobi(4, broken(32)),
  ];
  for (const call of calls) {
    const error = assertThrows(call, la.NotConvergedError);
    assertMatch(error.message, /^.* of `a` did not converge\. (Perturb|Check)/);
  }
});
