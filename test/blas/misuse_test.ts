/**
 * Wrong arguments that a foreign call would not survive. The library reads as many bytes as the sizes name,
 * wherever the address points; so a call that is not refused here ends the process, and with it this test.
 */
import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { ComplexMatrix, Matrix, type RealArray } from "refigure/arrays";
import * as blas from "refigure/blas";
import * as la from "refigure/linalg";
import { engine, lapack } from "../../lib/blas/choice.ts";

const engines = blas.blasInfo().engine === "native" ? ["native", "portable"] as const : ["portable"] as const;
// Large enough that an unchecked call would leave the page it starts in.
const n = 300;
const real = (): Matrix => Matrix.from(n, n, (i, j) => (i === j ? n : Math.sin(i + 2 * j)));
const complex = (): ComplexMatrix => ComplexMatrix.fromReal(real());
const vector = (): Float64Array => new Float64Array(n).fill(1);
const complexVector = (): Float64Array => new Float64Array(2 * n).fill(1);

/** Takes the memory of an array away, as a transfer to a worker does. */
function transfer<T extends RealArray>(x: T): T {
  structuredClone(x.buffer, { transfer: [x.buffer as ArrayBuffer] });
  assertEquals(x.length, 0);
  return x;
}

function transferred<M extends Matrix | ComplexMatrix>(a: M): M {
  transfer(a.data);
  return a;
}

/** A matrix over a buffer that was made smaller afterwards. */
function shrunk(): Matrix {
  const buffer = new ArrayBuffer(8 * n * n, { maxByteLength: 8 * n * n });
  const a = new Matrix(n, n, new Float64Array(buffer));
  buffer.resize(8 * n);
  return a;
}

/** Every public function that hands the memory of a real matrix to the library. */
const ofReal: Record<string, (a: Matrix) => unknown> = {
  "matmul a": (a) => blas.matmul(a, real()),
  "matmul b": (b) => blas.matmul(real(), b),
  "matmul out": (out) => blas.matmul(real(), real(), { out }),
  "symmetricMatmul a": (a) => blas.symmetricMatmul(a, real()),
  "symmetricMatmul b": (b) => blas.symmetricMatmul(real(), b),
  "symmetricMatmul out": (out) => blas.symmetricMatmul(real(), real(), { out }),
  "gram a": (a) => blas.gram(a),
  "gram out": (out) => blas.gram(real(), { out }),
  "matvec a": (a) => blas.matvec(a, vector()),
  "cholesky a": (a) => la.cholesky(a),
  "choleskySolve l": (l) => la.choleskySolve(l, vector()),
  "choleskySolve b": (b) => la.choleskySolve(real(), b),
  "conditionNumber a": (a) => la.conditionNumber(a),
  "eig a": (a) => la.eig(a),
  "eigh a": (a) => la.eigh(a),
  "frobeniusNorm a": (a) => la.frobeniusNorm(a),
  "inverse a": (a) => la.inverse(a),
  "leastSquares a": (a) => la.leastSquares(a, vector()),
  "leastSquares b": (b) => la.leastSquares(real(), b),
  "leverageScores a": (a) => la.leverageScores(a),
  "nuclearNorm a": (a) => la.nuclearNorm(a),
  "polarFactor a": (a) => la.polarFactor(a),
  "qr a": (a) => la.qr(a),
  "rowNorms a": (a) => la.rowNorms(a),
  "columnNorms a": (a) => la.columnNorms(a),
  "singularValues a": (a) => la.singularValues(a),
  "solve a": (a) => la.solve(a, vector()),
  "solve b": (b) => la.solve(real(), b),
  "spectralNorm a": (a) => la.spectralNorm(a),
  "svd a": (a) => la.svd(a),
};

const ofComplex: Record<string, (a: ComplexMatrix) => unknown> = {
  "complexMatmul a": (a) => blas.complexMatmul(a, complex()),
  "complexMatmul b": (b) => blas.complexMatmul(complex(), b),
  "complexMatmul out": (out) => blas.complexMatmul(complex(), complex(), { out }),
  "complexGram a": (a) => blas.complexGram(a),
  "complexMatvec a": (a) => blas.complexMatvec(a, complexVector()),
  "complexCholesky a": (a) => la.complexCholesky(a),
  "complexEigh a": (a) => la.complexEigh(a),
  "complexPolarFactor a": (a) => la.complexPolarFactor(a),
  "complexQr a": (a) => la.complexQr(a),
  "complexSolve a": (a) => la.complexSolve(a, complexVector()),
  "complexSolve b": (b) => la.complexSolve(complex(), b),
  "complexSvd a": (a) => la.complexSvd(a),
};

/** Functions of real and of complex matrices. */
const ofBoth = ["conditionNumber", "eig", "frobeniusNorm", "nuclearNorm", "singularValues", "spectralNorm"];

/** Every public function that hands a vector to the library. */
const ofVectors: Record<string, (x: Float64Array) => unknown> = {
  "matvec x": (x) => blas.matvec(real(), x),
  "matvec out": (out) => blas.matvec(real(), vector(), { out }),
  "addScaled y": (y) => blas.addScaled(y, 2, vector()),
  "addScaled x": (x) => blas.addScaled(vector(), 2, x),
  "choleskySolve b": (b) => la.choleskySolve(real(), b),
  "leastSquares b": (b) => la.leastSquares(real(), b),
  "solve b": (b) => la.solve(real(), b),
};
const ofComplexVectors: Record<string, (x: Float64Array) => unknown> = {
  "complexMatvec x": (x) => blas.complexMatvec(complex(), x),
  "complexMatvec out": (out) => blas.complexMatvec(complex(), complexVector(), { out }),
  "complexSolve b": (b) => la.complexSolve(complex(), b),
};

/** A TypeError or a RangeError whose message names the argument as the caller wrote it. */
function refused(call: string, body: () => unknown, ErrorClass: typeof Error = Error): void {
  const error = assertThrows(body, ErrorClass, undefined, call);
  assert(error instanceof TypeError || error instanceof RangeError, `${call}: ${error}`);
  assert(error.message.includes(`\`${call.split(" ")[1]}\``), `${call}: ${error.message}`);
}

for (const name of engines) {
  const test = (what: string, body: () => void) =>
    Deno.test(`${what}, ${name}`, () => blas.withEngine(name, body));

  test("a matrix whose buffer was transferred or made smaller is refused", () => {
    for (const [call, f] of Object.entries(ofReal)) {
      refused(call, () => f(transferred(real())));
      refused(call, () => f(shrunk()));
    }
    for (const [call, f] of Object.entries(ofComplex)) refused(call, () => f(transferred(complex())));
    for (const [call, f] of Object.entries(ofVectors)) {
      // Of two vectors the second is compared with the first.
      const named = call === "addScaled y" ? "addScaled x" : call;
      refused(named, () => f(transfer(vector())), RangeError);
    }
    for (const [call, f] of Object.entries(ofComplexVectors)) {
      refused(call, () => f(transfer(complexVector())), RangeError);
    }
  });

  test("an object that only looks like a matrix is refused", () => {
    const lookAlike = { rows: n, columns: n, data: new Float64Array(4), dtype: "float64" };
    for (const [call, f] of Object.entries(ofReal)) {
      for (const wrong of [lookAlike, null, undefined, 3, "a", [[1, 2], [3, 4]]]) {
        // A vector and no `out` at all are allowed in some places.
        if (wrong === undefined && call.endsWith("out")) continue;
        refused(call, () => f(wrong as never), TypeError);
      }
    }
    for (const [call, f] of Object.entries(ofComplex)) {
      for (const wrong of [lookAlike, null, 3, "a"]) refused(call, () => f(wrong as never), TypeError);
    }
  });

  test("a real matrix for a complex one is refused, and the other way round", () => {
    for (const [call, f] of Object.entries(ofComplex)) refused(call, () => f(real() as never), TypeError);
    for (const [call, f] of Object.entries(ofReal)) {
      if (!ofBoth.includes(call.split(" ")[0])) refused(call, () => f(complex() as never), TypeError);
    }
  });

  test("a vector of another class or precision is refused", () => {
    const calls = [...Object.entries(ofVectors), ...Object.entries(ofComplexVectors)];
    for (const [call, f] of calls) {
      const length = call.startsWith("complex") ? 2 * n : n;
      for (const Other of [Float32Array, Uint8Array, Int32Array, BigInt64Array, Array]) {
        refused(call, () => f(new Other(length) as never), TypeError);
      }
      refused(call, () => f(new DataView(new ArrayBuffer(8 * length)) as never), TypeError);
    }
    for (const f of [blas.sumOfSquares, blas.largestMagnitude, (x: never) => blas.scaleInPlace(x, 2)]) {
      for (const Other of [Uint8Array, Int32Array, Array]) {
        assertThrows(
          () => f(new Other(n) as never),
          TypeError,
          "`x` must be a Float64Array or a Float32Array",
        );
      }
    }
    assertThrows(() => blas.scaleInPlace(vector(), "2" as never), TypeError, "`factor`");
    assertThrows(() => blas.addScaled(vector(), null as never, vector()), TypeError, "`factor`");
  });

  test("options are checked by name and type", () => {
    const message = '`options` has no option "transpose" (did you mean "transposeA"?)';
    assertThrows(() => blas.matmul(real(), real(), { transpose: true } as never), TypeError, message);
    assertThrows(() => blas.gram(real(), { sides: "left" } as never), TypeError, '"side"');
    assertThrows(() => blas.matvec(real(), vector(), { transpose: "no" } as never), TypeError, "`transpose`");
    assertThrows(
      () => blas.complexMatmul(complex(), complex(), { opA: "conjugate" } as never),
      TypeError,
      "`opA`",
    );
    assertThrows(
      () => blas.complexMatvec(complex(), complexVector(), { op: "T" } as never),
      TypeError,
      "`op`",
    );
    assertThrows(() => blas.complexGram(complex(), { out: complex() } as never), TypeError, '"out"');
    assertThrows(() => la.eig(real(), { left: 1 } as never), TypeError, "`left`");
  });
}

Deno.test("the constructors demand a Float64Array or a Float32Array of the right length", () => {
  for (const Other of [Uint8Array, Int32Array, BigInt64Array, Array]) {
    const message = "`data` must be a Float64Array or a Float32Array, got a";
    assertThrows(() => new Matrix(2, 2, new Other(4) as never), TypeError, message);
    assertThrows(() => new ComplexMatrix(2, 2, new Other(8) as never), TypeError, message);
  }
  assertThrows(() => new Matrix(2, 2, new Float64Array(3)), RangeError, "`data` must have length 4, got 3");
  assertThrows(() => new ComplexMatrix(2, 2, new Float64Array(4)), RangeError, "`data` must have length 8");
  assertThrows(() => new Matrix("2" as never, 2, new Float64Array(4)), TypeError, "`rows`");
  assertThrows(() => Matrix.fromRows([[1, "2" as never]]), TypeError, "`rows[0][1]` must be a number");
  assertThrows(() => Matrix.fromRows([[1], [1, 2]]), RangeError, "`rows[1]` must have length 1, got 2");
  assertThrows(() => Matrix.fromRows(3 as never), TypeError, "`rows` must be an array of rows, got 3");
  assertThrows(() => Matrix.identity(-1), RangeError, "`n`");
  assertThrows(() => Matrix.diagonal(null as never), TypeError, "`values`");
  assertThrows(
    () => ComplexMatrix.fromReal(Matrix.zeros(2, 2), Matrix.zeros(2, 3)),
    RangeError,
    "`imaginary` must be 2 x 2, got 2 x 3",
  );
});

Deno.test(
  "callers inside of the library that skip the public functions meet a check before the foreign call",
  {
    ignore: blas.blasInfo().engine !== "native",
  },
  () => {
    const kernels = engine();
    const full = new Float64Array(n * n);
    const short = new Float64Array(n * n - 1);
    const single = new Float32Array(n * n);
    const half = new Float64Array(2 * n * n - 1);
    const whole = new Float64Array(2 * n * n);
    /** Calls with one array wrong, each in turn. */
    const calls: Record<string, () => void> = {
      "gemm a": () => kernels.gemm(false, false, n, n, n, 1, short, n, full, n, 0, full, n),
      "gemm b": () => kernels.gemm(false, false, n, n, n, 1, full, n, short, n, 0, full, n),
      "gemm c": () => kernels.gemm(false, false, n, n, n, 1, full, n, full, n, 0, short, n),
      "gemm a ": () => kernels.gemm(false, false, n, n, n, 1, single, n, full, n, 0, full, n),
      "gemm b ": () => kernels.gemm(true, true, n, n, n, 1, full, n, single, n, 0, full, n),
      "gemm a  ": () => kernels.gemm(true, false, n - 1, n, n, 1, full, n + 1, full, n, 0, full, n),
      "syrk a": () => kernels.syrk(true, n, n, 1, short, n, 0, full),
      "syrk c": () => kernels.syrk(true, n, n, 1, full, n, 0, short),
      "herk a": () => kernels.herk(true, n, n, half, n, whole),
      "herk c": () => kernels.herk(true, n, n, whole, n, half),
      "gemv a": () => kernels.gemv(false, n, n, short, n, vector(), vector()),
      "gemv x": () => kernels.gemv(false, n, n, full, n, new Float64Array(n - 1), vector()),
      "gemv y": () => kernels.gemv(true, n, n, full, n, vector(), new Float64Array(n - 1)),
      "complexGemm a": () => kernels.complexGemm("none", "none", n, n, n, half, n, whole, n, whole, n),
      "complexGemm b": () => kernels.complexGemm("none", "transpose", n, n, n, whole, n, half, n, whole, n),
      "complexGemm c": () => kernels.complexGemm("none", "none", n, n, n, whole, n, whole, n, half, n),
      "complexGemv a": () => kernels.complexGemv("none", n, n, half, n, complexVector(), complexVector()),
      "complexGemv x": () => kernels.complexGemv("none", n, n, whole, n, vector(), complexVector()),
      "complexGemv y": () => kernels.complexGemv("none", n, n, whole, n, complexVector(), vector()),
      "sumOfSquares x": () => kernels.sumOfSquares(new Uint8Array(n) as never),
      "largestMagnitude x": () => kernels.largestMagnitude(new Uint8Array(n) as never),
      "scaleInPlace x": () => kernels.scaleInPlace(new Uint8Array(n) as never, 2),
      "addScaled x": () => kernels.addScaled(new Float64Array(n + 1), 2, vector()),
      "addScaled y": () => kernels.addScaled(new Uint8Array(n) as never, 2, vector()),
    };
    const native = lapack();
    if (native !== undefined) {
      const pivots = new Int32Array(n);
      Object.assign(calls, {
        "gesdd a": () => native.gesdd(false, true, n, n, short, vector(), full.slice(), full.slice()),
        "gesdd s": () => native.gesdd(false, true, n, n, full, new Float64Array(n - 1), full, full),
        "gesdd u": () => native.gesdd(false, true, n, n, full, vector(), short, full),
        "gesdd vt": () => native.gesdd(false, true, n, n, full, vector(), full, short),
        "gelqf a": () => native.gelqf(true, n, n, half, whole),
        "gelqf tau": () => native.gelqf(true, n, n, whole, vector()),
        "orglq a": () => native.orglq(false, n, n, n, short, n, vector()),
        "orglq tau": () => native.orglq(false, n, n, n, full, n, new Float64Array(n - 1)),
        "syevd a": () => native.syevd(false, true, n, short, vector()),
        "syevd w": () => native.syevd(false, true, n, full, new Float64Array(n - 1)),
        "geev a": () => native.geev(n, short, vector(), vector(), full, full),
        "geev wr": () => native.geev(n, full, new Float64Array(1), vector(), full, full),
        "geev wi": () => native.geev(n, full, vector(), new Float64Array(1), full, full),
        "geev vl": () => native.geev(n, full, vector(), vector(), short, full),
        "geev vr": () => native.geev(n, full, vector(), vector(), full, short),
        "complexGeev a": () => native.complexGeev(n, half, complexVector(), whole, whole),
        "complexGeev w": () => native.complexGeev(n, whole, vector(), whole, whole),
        "complexGeev vl": () => native.complexGeev(n, whole, complexVector(), half, whole),
        "complexGeev vr": () => native.complexGeev(n, whole, complexVector(), whole, half),
        "getrf a": () => native.getrf(false, n, short, pivots),
        "getrf pivots": () => native.getrf(false, n, full, new Int32Array(n - 1)),
        "getrs a": () => native.getrs(false, n, 1, short, pivots, vector()),
        "getrs b": () => native.getrs(false, n, 2, full, pivots, vector()),
        "getrs b ": () => native.getrs(false, n, 1, full, pivots, new Float32Array(n)),
        "getrs pivots": () => native.getrs(false, n, 1, full, new Float64Array(n) as never, vector()),
        "potrf a": () => native.potrf(true, n, half),
      });
    }
    for (const [call, f] of Object.entries(calls)) {
      refused(call, f);
      assertMatch(
        assertThrows(f, Error).message,
        /(must have at least \d+ entries, got \d+|must be an? (Float64|Float32|Int32)Array, got)/,
        call,
      );
    }
  },
);
