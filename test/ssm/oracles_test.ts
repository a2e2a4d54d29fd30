import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { complexAbs, ComplexMatrix, Matrix, Rng } from "../../lib/arrays/mod.ts";
import { blasInfo, matmul, withEngine } from "../../lib/blas/mod.ts";
import { frobeniusNorm, spectralNorm, svd } from "../../lib/linalg/mod.ts";
import {
  causalConv,
  type DiagonalInit,
  diagonalInit,
  discretize,
  dssWeights,
  eigenvectorConditionGradient,
  hippoLegS,
  imaginaryAxis,
  legsDiagTransfer,
  legsKernel,
  legsKernelAverage,
  legsNormalByEigensolver,
  legsNormalEigenvectors,
  legsNormalPart,
  legsNormalSpectrum,
  legsRatio,
  legsTransfer,
  linearScan,
  optimizePerturbation,
  perturbThenDiagonalize,
  ptdSsm,
  S4DKernel,
  s4dKernel,
  type S4DParameters,
  transferFunction,
  transferFunctionDiagonal,
  vandermondeKernels,
  vandermondeSums,
} from "../../lib/ssm/mod.ts";

const engines = blasInfo().engine === "native" ? ["native", "portable"] as const : ["portable"] as const;

function close(actual: number, expected: number, relative = 1e-13) {
  assert(Math.abs(actual - expected) <= relative * Math.abs(expected), `${actual} is not ${expected}`);
}

Deno.test("spectrum of the normal part: 40-digit roots and input weights", () => {
  const expected: [number, Record<number, number>, Record<number, number>][] = [
    [4, { 0: 4.603293007066849, 1: 0.5565011150837434 }, { 0: 7.065044112707684, 1: 0.9349558872923155 }],
    [8, { 0: 19.85741037097058, 1: 5.354208515030874, 2: 1.957794150902805, 3: 0.4274887122858601 }, {
      0: 26.58047453534036,
      1: 3.399852559205732,
      2: 1.380530877642009,
      3: 0.6391420278119036,
    }],
    [64, { 0: 1303.273842981196, 1: 433.0307565386911, 31: 0.2638569311113158 }, {
      0: 1660.712537170792,
      1: 185.1132949852822,
      31: 0.3534444159817715,
    }],
  ];
  for (const [n, omegas, weights] of expected) {
    const { omega, bTilde } = legsNormalSpectrum(n);
    for (const [j, w] of Object.entries(omegas)) close(omega[Number(j)], w, 2e-14);
    for (const [j, b] of Object.entries(weights)) close(bTilde[Number(j)] ** 2, b, 4e-14);
  }
  for (const n of [2, 16, 50, 1024, 100_000]) {
    const sum = legsNormalSpectrum(n).bTilde.reduce((total, b) => total + 2 * b * b, 0);
    close(sum, n * n, 1e-12);
  }
  for (const [n, ratio] of [[16, 0.9936033], [64, 0.9995985], [256, 0.9999749]]) {
    assertAlmostEquals(Math.PI * legsNormalSpectrum(n).omega[0] / n ** 2, ratio, 1e-7); // criterion 4
  }
});

Deno.test("closed form and eigensolver agree in values, weights and vectors", () => {
  for (const n of [2, 10, 64, 256]) {
    const closed = legsNormalSpectrum(n);
    const dense = legsNormalByEigensolver(n);
    const v = legsNormalEigenvectors(n);
    // An eigensolver is off by some roundings of the norm, which is the largest frequency, for each row.
    const rounding = n * 2 ** -52 * closed.omega[0] + 1e-13;
    closed.omega.forEach((w, j) => assertAlmostEquals(dense.omega[j], w, rounding));
    closed.bTilde.forEach((b, j) => assertAlmostEquals(dense.bTilde[j], b, 1e-12 * n));
    assert(v.data.every((x, k) => Math.abs(x - dense.vectors.data[k]) < 1e-10));
  }
});

Deno.test("the normal part is normal with real parts -1/2 (criterion s4d 8)", () => {
  for (const n of [1, 5, 64]) {
    const a = legsNormalPart(n);
    const commutator = matmul(a, a, { transposeB: true }).minus(matmul(a, a, { transposeA: true }));
    assert(frobeniusNorm(commutator) / frobeniusNorm(a) ** 2 < 1e-13);
    const { A, P } = hippoLegS(n);
    const sum = Matrix.from(n, n, (i, j) => A.get(i, j) + P[i] * P[j]);
    assert(frobeniusNorm(sum.minus(a)) < 1e-12 * frobeniusNorm(a));
    for (let i = 0; i < n; i++) assertEquals(a.get(i, i), -0.5);
  }
});

Deno.test("Legendre kernels and their averages", () => {
  const t = new Float64Array([1]);
  [0.3678794411714423, -0.1683707099239085, -0.3251463048177028, 0.3408909926926646].forEach((k, n) =>
    assertAlmostEquals(legsKernel(n, t)[0], k, 1e-15)
  );
  assertAlmostEquals(0.5 * legsKernelAverage(2, new Float64Array(1), 0.5)[0], 0.11369811655, 1e-11);
  const v = legsNormalEigenvectors(8, { rows: 4 });
  const { omega, bTilde } = legsNormalSpectrum(8);
  [0.656028370195, 0.433807771937, 0.649800295261, 1.618265621221].forEach((expected, n) => {
    let sum = 0;
    for (let j = 0; j < 4; j++) {
      const { re, im } = v.get(n, j);
      sum += bTilde[j] * Math.exp(-0.5) * (re * Math.cos(omega[j]) - im * Math.sin(omega[j]));
    }
    assertAlmostEquals(sum, expected, 1e-11);
  });
});

Deno.test("transfer functions: closed forms, solves and residues", () => {
  const s = new Float64Array([0, 5]);
  const rho = legsRatio(16, s);
  const g = legsDiagTransfer(0, 16, s);
  assertAlmostEquals(rho[0], -0.2939234141326151, 1e-15);
  assertAlmostEquals(rho[1], -0.05076414241249768, 1e-15);
  assertAlmostEquals(complexAbs(rho)[0], 0.2982749931359468, 1e-15);
  assertAlmostEquals(g[0], 0.07367305758226991, 1e-15);
  assertAlmostEquals(g[1], -0.2670641492650183, 1e-15);
  for (const omega of [0.1, 3, 400]) {
    close(complexAbs(legsRatio(64, imaginaryAxis([omega])))[0], omega / Math.hypot(omega, 64), 1e-12);
  }
  const n = 12;
  const points = new Float64Array([0, 0.3, 0, 7, 0.4, 60]);
  const { A, B } = hippoLegS(n);
  const { omega, bTilde } = legsNormalSpectrum(n);
  const v = legsNormalEigenvectors(n);
  const normal = legsNormalPart(n);
  for (let row = 0; row < 4; row++) {
    const C = Float64Array.from({ length: n }, (_, i) => i === row ? 1 : 0);
    const lower = transferFunction({ A, B, C }, points);
    const closed = legsTransfer(row, points);
    const dense = transferFunction({ A: normal, B: B.map((b) => b / 2), C }, points);
    const diag = legsDiagTransfer(row, n, points);
    const lambda = new Float64Array(2 * n);
    const residues = new Float64Array(2 * n);
    for (let j = 0; j < n / 2; j++) {
      const { re, im } = v.get(row, j);
      const b = bTilde[j] / 2;
      lambda.set([-0.5, omega[j], -0.5, -omega[j]], 4 * j);
      residues.set([re * b, im * b, re * b, -im * b], 4 * j);
    }
    const sum = transferFunctionDiagonal(lambda, residues, points);
    for (let k = 0; k < points.length; k++) {
      assertAlmostEquals(lower[k], closed[k], 1e-12);
      assertAlmostEquals(dense[k], diag[k], 1e-12);
      assertAlmostEquals(sum[k], diag[k], 1e-12);
    }
  }
  assertAlmostEquals(legsTransfer(0, new Float64Array([0, 0]))[0], 1, 1e-15);
  for (let j = 1; j < 5; j++) {
    assertAlmostEquals(complexAbs(legsTransfer(j, new Float64Array(2)))[0], 0, 1e-15);
  }
  const heights = [[16, 1.210719964], [64, 1.012682051], [256, 1.000790765]];
  for (const [n, expected] of heights) {
    const at = legsNormalSpectrum(n).omega[1];
    assertAlmostEquals(
      complexAbs(legsDiagTransfer(0, n, imaginaryAxis([at])))[0] * 3 * Math.PI / 2,
      expected,
      1e-8,
    );
  }
});

Deno.test("discretization: gains, small steps, DSS", () => {
  for (const method of ["zoh", "bilinear"] as const) {
    const A = new Float64Array([-0.5, 3, -1e-9, 1e-9]);
    const B = new Float64Array([1, 2, 1, 0]);
    const { dA, dB } = discretize(A, B, 0.01, { method });
    // Sum of the kernel is the DC gain -B / A.
    const d = (1 - dA[0]) ** 2 + dA[1] ** 2;
    const gain = (dB[0] * (1 - dA[0]) - dB[1] * dA[1]) / d;
    assertAlmostEquals(gain, -(1 * -0.5 + 2 * 3) / (0.25 + 9), 1e-12);
    close(dB[2], 0.01, 1e-10);
  }
  const w = dssWeights(new Float64Array([-0.5, 4]), 0.01, 300);
  const { dA } = discretize(new Float64Array([-0.5, 4]), new Float64Array([1, 0]), 0.01);
  let re = 0;
  let im = 0;
  let x = w[0];
  let y = w[1];
  for (let l = 0; l < 300; l++) {
    re += x, im += y;
    [x, y] = [x * dA[0] - y * dA[1], x * dA[1] + y * dA[0]];
  }
  assertAlmostEquals(re, 1, 1e-12);
  assertAlmostEquals(im, 0, 1e-12);
  const one = (x: number) => new Float64Array([x]);
  const single = {
    logDt: one(Math.log(0.1)),
    logARe: one(Math.log(0.5)),
    AIm: one(0),
    C: new Float64Array([1, 0]),
  };
  s4dKernel(single, 300, { pairs: false }).data.forEach((k, l) =>
    close(k, (1 - Math.exp(-0.05)) / 0.5 * Math.exp(-0.05 * l), 1e-12)
  );
});

for (const engine of engines) {
  Deno.test(`kernel, recurrence, scan and convolution agree (criterion s4d 7, ${engine})`, () => {
    withEngine(engine, () => {
      const L = 4096;
      const s4d = new S4DKernel({ dModel: 2, dState: 64, init: "legs", rng: new Rng(5) });
      const K = s4d.kernel(L);
      const u = new Rng(6).normals(L);
      const stream = s4d.recurrence();
      const y = causalConv(K.row(1).slice() as Float64Array, u);
      let worst = 0;
      let size = 0;
      for (let k = 0; k < L; k++) {
        const out = stream.step(new Float64Array([0, u[k]]))[1];
        worst = Math.max(worst, Math.abs(out - y[k]));
        size = Math.max(size, Math.abs(y[k]));
      }
      assert(worst / size < 1e-10, `${worst / size}`);
      const single = s4d.kernel(L, { dtype: "float32" });
      let off = 0;
      let norm = 0;
      for (let k = 0; k < K.data.length; k++) {
        off = Math.max(off, Math.abs(K.data[k] - single.data[k]));
        norm = Math.max(norm, Math.abs(K.data[k]));
      }
      assert(off / norm < 1e-5, `${off / norm}`);
    });
  });

  Deno.test(`kernel gradient against central differences (${engine})`, () => {
    withEngine(engine, () => {
      for (const discretization of ["zoh", "bilinear"] as const) {
        const s4d = new S4DKernel({ dModel: 2, dState: 8, init: "inv", discretization, rng: new Rng(3) });
        const L = 37;
        const K = s4d.kernel(L) as Matrix;
        const g = s4d.gradient(K.times(2));
        const loss = () => (s4d.kernel(L) as Matrix).data.reduce((sum, k) => sum + k * k, 0);
        for (const name of ["logDt", "logARe", "AIm", "C"] as (keyof S4DParameters)[]) {
          const values = s4d.parameters[name];
          for (let i = 0; i < values.length; i++) {
            const at = values[i];
            const h = 1e-6;
            values[i] = at + h;
            const up = loss();
            values[i] = at - h;
            const down = loss();
            values[i] = at;
            const scale = Math.max(...g[name].map(Math.abs));
            assertAlmostEquals(g[name][i], (up - down) / (2 * h), 1e-6 * scale);
          }
        }
      }
    });
  });
}

Deno.test("both scans, both directions, any length", () => {
  const rng = new Rng(2);
  const p = new Float64Array([0.9, 0.1, -0.3, 0.5]);
  for (const length of [1, 2, 3, 7, 64, 100, 255]) {
    for (const reverse of [false, true]) {
      const v = rng.normals(4 * length);
      const a = linearScan(v.slice(), p, { reverse });
      const b = linearScan(v.slice(), p, { method: "parallel", reverse });
      a.forEach((x, i) => assertAlmostEquals(b[i], x, 1e-13));
    }
  }
});

Deno.test("kernels: any length, adjoint, direct sums", () => {
  const rng = new Rng(8);
  const n = 3;
  const w = rng.normals(2 * n);
  const p = rng.normals(2 * n, 0.4);
  for (const length of [0, 1, 2, 5, 16, 33, 100]) {
    const k = vandermondeKernels(w, p, length);
    assertEquals([k.rows, k.columns], [1, length]);
    const g = new Matrix(1, length, rng.normals(length));
    const { zeroth, first } = vandermondeSums(g, p);
    for (let i = 0; i < n; i++) {
      let x = 1;
      let y = 0;
      let s = [0, 0, 0, 0];
      for (let l = 0; l < length; l++) {
        s = [s[0] + g.data[l] * x, s[1] + g.data[l] * y, s[2] + l * g.data[l] * x, s[3] + l * g.data[l] * y];
        [x, y] = [x * p[2 * i] - y * p[2 * i + 1], x * p[2 * i + 1] + y * p[2 * i]];
      }
      [zeroth[2 * i], zeroth[2 * i + 1], first[2 * i], first[2 * i + 1]].forEach((value, q) =>
        assertAlmostEquals(value, s[q], 1e-12)
      );
    }
  }
});

Deno.test("resampling: the kernel at twice the step is every second sample, up to the factor in B", () => {
  const s4d = new S4DKernel({ dModel: 1, dState: 2, init: "lin", rng: new Rng(1) });
  const q = s4d.parameters;
  const fine = s4dKernel(q, 40);
  const coarse = s4dKernel({ ...q, logDt: q.logDt.map((x) => x + Math.log(2)) }, 20);
  const factor = coarse.get(0, 0) / fine.get(0, 0); // one mode with A real: one factor
  for (let l = 0; l < 20; l++) close(coarse.get(0, l), factor * fine.get(0, 2 * l), 1e-10);
});

Deno.test("initializations: spectra, and errors that name the argument", () => {
  const largest = (kind: DiagonalInit, n: number) => Math.max(...diagonalInit(kind, n).A);
  for (const [n, below] of [[16, 0.0565], [64, 0.0152], [256, 0.00388]]) {
    assertAlmostEquals(1 - largest("inv", n) / largest("legs", n), below, 1e-4);
  }
  assertThrows(() => diagonalInit("lin", 5), RangeError, "state size must be even (conjugate pairs)");
  assertThrows(() => diagonalInit("nope" as DiagonalInit, 4), TypeError, '"legs", "inv", "lin"');
  assertThrows(
    () => discretize(new Float64Array([0, 1]), new Float64Array(2), 0.1),
    RangeError,
    "unstable pole",
  );
  assertThrows(() => discretize(new Float64Array([-1, 1]), new Float64Array(2), 0), RangeError, "dt");
  assertThrows(
    () => discretize(new Float64Array([-1, 1]), new Float64Array(4), 1),
    RangeError,
    "got 2 and 1",
  );
  for (const kind of ["legs", "inv", "lin", "inv2", "quad", "real", "random", "dss"] as const) {
    assert(diagonalInit(kind, 8, { rng: new Rng(0) }).A.every((a, k) => k % 2 === 1 || a < 0));
  }
});

Deno.test("condition numbers and their gradient", () => {
  const two = perturbThenDiagonalize(hippoLegS(2).A, { eps: 0 });
  close(two.kappa, 2 + Math.sqrt(3), 1e-12);
  for (const [n, kappa, tolerance] of [[4, 86.11239356, 1e-9], [8, 77032.41841, 1e-6]]) {
    close(perturbThenDiagonalize(hippoLegS(n).A, { eps: 0 }).kappa, kappa, tolerance);
  }
  const rng = new Rng(4);
  const A = rng.normalMatrix(6, 6);
  const { gradient } = eigenvectorConditionGradient(A);
  for (let k = 0; k < 36; k++) {
    const at = A.data[k];
    const h = 1e-6;
    A.data[k] = at + h;
    const up = eigenvectorConditionGradient(A).kappa;
    A.data[k] = at - h;
    const down = eigenvectorConditionGradient(A).kappa;
    A.data[k] = at;
    assertAlmostEquals(
      gradient.data[k],
      (up - down) / (2 * h),
      1e-5 * Math.max(1, Math.abs(gradient.data[k])),
    );
  }
  const g = rng.normalMatrix(5, 5);
  const symmetric = g.plus(g.transpose());
  assertAlmostEquals(eigenvectorConditionGradient(symmetric).kappa, 1, 1e-10);
  assert(eigenvectorConditionGradient(Matrix.identity(4)).gradient.data.every(Number.isFinite));
  const best = optimizePerturbation(hippoLegS(6).A, rng.normalMatrix(6, 6, 0.02), { iterations: 80 });
  assert(svd(best.E).s[0] > 0 && best.kappa < 5000);
});

Deno.test("perturb-then-diagonalize: identities, corners and refusals", () => {
  const n = 16;
  const { A, B, P } = hippoLegS(n);
  const { lambda, B: b, V, kappa, backwardError } = ptdSsm(n, { rng: new Rng(1) });
  assert(backwardError < 1e-12 * kappa);
  const perturbed = A.plus(perturbThenDiagonalize(A, { rng: new Rng(1) }).E);
  let trace = 0;
  let sum = 0;
  let first = 0;
  let second = 0;
  let secondTrue = 0;
  for (let i = 0; i < n; i++) {
    trace += perturbed.get(i, i);
    sum += lambda[2 * i];
    const v = V.get(3, i);
    const re = v.re * b[2 * i] - v.im * b[2 * i + 1];
    const im = v.re * b[2 * i + 1] + v.im * b[2 * i];
    first += re; // C = e_3
    second += re * lambda[2 * i] - im * lambda[2 * i + 1];
    secondTrue += perturbed.get(3, i) * B[i];
  }
  close(sum, trace, 1e-12);
  close(first, B[3], 1e-14 * kappa);
  close(second, secondTrue, 1e-14 * kappa * n);
  const corner = perturbThenDiagonalize(A, { E: Matrix.from(n, n, (i, j) => P[i] * P[j]) });
  assertAlmostEquals(corner.kappa, 1, 1e-10);
  assert(corner.lambda.every((x, k) => k % 2 === 1 || Math.abs(x + 0.5) < 1e-10));
  const naive = perturbThenDiagonalize(hippoLegS(8).A, { eps: 0 });
  const small = hippoLegS(8);
  const axis = imaginaryAxis([0.1, 1, 9]);
  const residues = naive.solveV(ComplexMatrix.fromReal(new Matrix(8, 1, small.B)).data);
  for (let i = 0; i < 8; i++) {
    const { re, im } = naive.V.get(2, i);
    const x = residues[2 * i];
    const y = residues[2 * i + 1];
    residues[2 * i] = re * x - im * y;
    residues[2 * i + 1] = re * y + im * x;
  }
  const g = transferFunctionDiagonal(naive.lambda, residues, axis);
  const exact = legsTransfer(2, axis);
  g.forEach((value, k) => assertAlmostEquals(value, exact[k], 1e-9));
  assertThrows(
    () => perturbThenDiagonalize(A, { eps: -1 }),
    RangeError,
    "`eps` must be a finite number >= 0, got -1",
  );
  assertThrows(
    () => perturbThenDiagonalize(A, { eps: NaN }),
    RangeError,
    "`eps` must be a finite number >= 0, got NaN",
  );
  assertThrows(() => hippoLegS(0), RangeError, "`n`");
  assertThrows(
    () => perturbThenDiagonalize(hippoLegS(64).A, { eps: 40, rng: new Rng(0) }),
    Error,
    "unstable",
  );
  assertThrows(
    () => perturbThenDiagonalize(hippoLegS(24).A, { eps: 0, allowUnstable: true }),
    Error,
    "defective",
  );
  assertThrows(() => perturbThenDiagonalize(A, { E: Matrix.zeros(3, 3) }), RangeError, "16 x 16");
  close(spectralNorm(perturbThenDiagonalize(A, { eps: 0.2, rng: new Rng(3) }).E), 0.2, 1e-12);
});
