/**
 * What the functions of `refigure/ssm` do with names that are none of theirs, with numbers that are not
 * finite, at poles, and with signals of very different size.
 */
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { complexAbs, interleave, Matrix, Rng } from "refigure/arrays";
import { matmul } from "refigure/blas";
import { SingularMatrixError } from "refigure/linalg";
import {
  diagonalInit,
  DiagonalRecurrence,
  diagonalResidues,
  discretize,
  dssWeights,
  eigenvectorConditionGradient,
  frequencyResponse,
  hippoLegS,
  imaginaryAxis,
  legsDiagTransfer,
  legsKernel,
  legsKernelAverage,
  legsNormalEigenvectors,
  legsNormalPart,
  legsRatio,
  legsTransfer,
  linearScan,
  optimizePerturbation,
  perturbThenDiagonalize,
  ptdSsm,
  S4DKernel,
  s4dKernel,
  s4dKernelGradient,
  s4dModes,
  transferFunction,
  transferFunctionDiagonal,
  unitCircle,
  vandermondeKernels,
} from "refigure/ssm";
import { causalConvolution, S4DLayer, S5Layer, scanOp } from "refigure/ssm/layers";

await tf.setBackend("cpu");

const numbers = (...values: number[]) => Float64Array.from(values);
const poles = numbers(-1, 2);
const one = numbers(1, 0);
const s4d = () => new S4DKernel({ dModel: 1, dState: 4, rng: new Rng(0) });

Deno.test("names that are none of the allowed ones are refused everywhere", () => {
  const bad = "no such name" as never;
  const rng = new Rng(0);
  const { A } = hippoLegS(4);
  const parameters = s4d().parameters;
  const cases: [string, () => unknown][] = [
    ["`method`", () => discretize(poles, one, 0.1, { method: bad })],
    ["`method`", () => perturbThenDiagonalize(A, { method: bad, rng })],
    ["`method`", () => linearScan(numbers(1, 0), one, { method: bad })],
    ["`method`", () => scanOp(tf.zeros([1, 2, 2]), tf.zeros([2]), { method: bad })],
    ["`discretization`", () => s4dKernel(parameters, 3, { discretization: bad })],
    ["`discretization`", () => s4dModes(parameters, { discretization: bad })],
    ["`discretization`", () => s4dKernelGradient(parameters, Matrix.zeros(1, 3), { discretization: bad })],
    ["`discretization`", () => new S4DKernel({ dModel: 1, discretization: bad, rng })],
    ["`discretization`", () => new S4DLayer({ discretization: bad })],
    ["`init`", () => new S4DKernel({ dModel: 1, init: "dss" as never, rng })],
    ["`init`", () => new S4DLayer({ init: bad })],
    ["`init`", () => new S5Layer({ init: bad })],
    ["`kind`", () => diagonalInit(bad, 4)],
    ["`dtype`", () => s4d().kernel(3, { dtype: "float16" as never })],
    ["`dtype`", () => s4dKernel(parameters, 3, { dtype: "float16" as never })],
    ["`scan`", () => new S5Layer({ scan: bad })],
    ["`scan`", () => new S5Layer().scan = bad],
    ["`mode`", () => new S4DLayer().mode = bad],
    ["`output`", () => new S4DLayer({ output: bad })],
  ];
  for (const [name, run] of cases) assertThrows(run, TypeError, `${name} must be "`, String(run));
});

Deno.test("unknown options are refused with the nearest name", () => {
  const rng = new Rng(0);
  const { A, B } = hippoLegS(4);
  const parameters = s4d().parameters;
  const cases: [string, () => unknown][] = [
    ["method", () => discretize(poles, one, 0.1, { methode: "zoh" } as never)],
    ["iterations", () => perturbThenDiagonalize(A, { rng, iteration: 3 } as never)],
    ["eps", () => ptdSsm(4, { rng, epss: 0.1 } as never)],
    ["learningRate", () => optimizePerturbation(A, A, { learningrate: 1 } as never)],
    ["reverse", () => linearScan(numbers(1, 0), one, { reversed: true } as never)],
    ["rng", () => diagonalInit("random", 4, { rgn: rng } as never)],
    ["rows", () => legsNormalEigenvectors(4, { row: 2 } as never)],
    ["dtMin", () => new S4DKernel({ dModel: 1, dtmin: 0.1, rng } as never)],
    ["dtype", () => s4d().kernel(3, { dtyp: "float32" } as never)],
    ["pairs", () => s4dKernel(parameters, 3, { pair: true } as never)],
    ["pairs", () => s4dModes(parameters, { pair: true } as never)],
    ["pairs", () => transferFunctionDiagonal(poles, one, one, { pair: true } as never)],
    ["pairs", () => frequencyResponse(one, one, [1], { pair: true } as never)],
    ["features", () => new DiagonalRecurrence(one, one, { feature: 1 } as never)],
    ["out", () => s4d().recurrence().step(numbers(1), { output: numbers(1) } as never)],
    ["AIm", () => s4dModes({ ...parameters, aIm: parameters.AIm } as never)],
    ["dState", () => new S4DLayer({ dstate: 4 } as never)],
    ["scan", () => new S5Layer({ scans: "loop" } as never)],
    ["method", () => scanOp(tf.zeros([1, 2, 2]), tf.zeros([2]), { methods: "loop" } as never)],
    ["B", () => transferFunction({ A, B, C: B, b: B } as never, one)],
  ];
  for (const [name, run] of cases) {
    const error = assertThrows(run, TypeError, "has no option");
    assert((error as Error).message.includes(name), (error as Error).message);
  }
  // A contradiction is not decided silently.
  assertThrows(
    () => new S4DKernel({ dModel: 1, dState: 4, init: "real", pairs: true, rng }),
    RangeError,
    '`pairs` must be false for init "real"',
  );
});

Deno.test("what is not finite or out of range is refused by the name that the caller wrote", () => {
  const rng = new Rng(0);
  const { A, B } = hippoLegS(4);
  const broken = A.clone();
  broken.data[5] = NaN;
  const cases: [string, () => unknown][] = [
    ["`t[1]` must be at least 0, got -1", () => legsKernel(2, [0, -1])],
    ["entry 0 is NaN", () => legsKernel(2, [NaN])],
    ["`t[0]` must be at least 0, got -0.1", () => legsKernelAverage(2, [-0.1], 0.5)],
    ["`dState`: state size must be even", () => new S4DKernel({ dModel: 1, dState: 5, rng })],
    ["`dState`: state size must be even", () => new S4DLayer({ dState: 5 })],
    ["`dState`: state size must be even", () => new S5Layer({ dState: 5 })],
    ["`dtMin`", () => new S5Layer({ dtMin: -1 })],
    ["`dtMax`", () => new S5Layer({ dtMin: 1, dtMax: 0.5 })],
    ["`dtMax`", () => new S4DLayer({ dtMax: Infinity })],
    ["`eps`", () => new S5Layer({ init: "ptd", eps: NaN })],
    ["`seed`", () => new S4DLayer({ seed: 0.5 })],
    ["Cannot diagonalize `A`: entry (1, 1) is NaN", () => perturbThenDiagonalize(broken, { rng })],
    ["Cannot perturb by `E`: entry (1, 1) is NaN", () => perturbThenDiagonalize(A, { E: broken })],
    ["Cannot begin at `start`: entry (1, 1) is NaN", () => optimizePerturbation(A, broken)],
    ["`start` must be 4 x 4, got 3 x 3", () => optimizePerturbation(A, Matrix.identity(3))],
    ["`iterations`", () => optimizePerturbation(A, A, { iterations: 1e308 })],
    ["`iterations`", () => perturbThenDiagonalize(A, { method: "optimized", rng, iterations: 1.5 })],
    ["`A.rows`", () => eigenvectorConditionGradient(Matrix.zeros(0, 0))],
    ["`out` must have length 1, got 2", () => s4d().recurrence().step(numbers(1), { out: numbers(1, 2) })],
    ["`u` must have length 1, got 2", () => s4d().recurrence().step(numbers(1, 2))],
    ["`s` must hold (re, im) pairs", () => transferFunction({ A, B, C: B }, numbers(1))],
    ["Cannot evaluate at `s`: entry 1 is NaN", () => legsTransfer(1, numbers(1, NaN))],
    ["Cannot evaluate at `s`: entry 0 is Infinity", () => legsRatio(2, numbers(Infinity, 1))],
    ["`B` must have length 4, got 2", () => diagonalResidues(ptdSsm(4, { rng }), [1, 2], [1, 2, 3, 4])],
    ["`n` must be an integer of at least 1, got 0", () => legsDiagTransfer(0, 0, one)],
    ["`p.length`", () => linearScan(numbers(1, 0), numbers())],
    ["Cannot use the poles `A`: entry 0 is NaN", () => dssWeights(numbers(NaN, 0), 0.1, 3)],
  ];
  for (const [message, run] of cases) assertThrows(run, RangeError, message);
});

Deno.test("the advice for an unstable result is about what was given", () => {
  const { A } = hippoLegS(8);
  assertThrows(
    () => perturbThenDiagonalize(A, { E: Matrix.identity(8).times(20) }),
    Error,
    "use another `E`",
  );
  assertThrows(() => perturbThenDiagonalize(A, { eps: 60, rng: new Rng(0) }), Error, "reduce `eps`");
});

Deno.test("at a pole a transfer function throws, of whatever form; beside it, it is large", () => {
  const { A, B } = hippoLegS(3);
  const dense = matmul(Matrix.fromRows([[0, 1, 0], [0, 0, 1], [1, 0, 0]]), A);
  const refused: (() => unknown)[] = [
    () => transferFunction({ A, B, C: B }, numbers(-2, 0)),
    () => transferFunction({ A: Matrix.zeros(3, 3), B, C: B }, numbers(0, 0)),
    () => transferFunction({ A: dense.map(() => 1), B, C: B }, numbers(0, 0)),
    () => transferFunctionDiagonal(numbers(-1, 0), one, numbers(-1, 0)),
    () => transferFunctionDiagonal(poles, one, numbers(-1, -2), { pairs: true }),
    () => legsTransfer(2, numbers(-3, 0)),
    () => legsRatio(4, numbers(-4, 0)),
    () => legsDiagTransfer(0, 4, numbers(-1, 0)),
    () => frequencyResponse(one, one, [0], { pairs: false }),
  ];
  for (const run of refused) assertThrows(run, SingularMatrixError);
  assertThrows(refused[0], SingularMatrixError, "`s` = -2+0i: it is a pole, entry (1, 1) of `A`");
  assert(complexAbs(transferFunction({ A, B, C: B }, numbers(-2 + 1e-9, 0)))[0] > 1e8);
});

Deno.test("far points and tiny distances: squares overflow, quotients do not", () => {
  const far = numbers(0, 1e200);
  // 1 / (s + 1) and residue 2e200 over s.
  assertAlmostEquals(legsTransfer(0, far)[1] * 1e200, -1, 1e-14);
  assertAlmostEquals(transferFunctionDiagonal(numbers(-1, 0), numbers(2e200, 0), far)[1], -2, 1e-14);
  assertAlmostEquals(legsRatio(5, far)[0], 1, 1e-14);
  const near = transferFunctionDiagonal(numbers(-1e-200, 0), numbers(1e-200, 0), numbers(0, 0));
  assertAlmostEquals(near[0], 1, 1e-14);
  const { dB } = discretize(numbers(-1e-200, 0), one, 0.5);
  assertAlmostEquals(dB[0], 0.5, 1e-14);
});

Deno.test("poles of half a spectrum: pairs must be said, and give the real system", () => {
  const half = diagonalInit("lin", 6).A.map((x, k) => k % 2 === 1 ? x + 0.5 : x);
  const residues = new Rng(3).normals(6);
  const mirror = (z: Float64Array) => z.map((x, k) => k % 2 === 0 ? x : -x);
  const whole = numbers(...half, ...mirror(half));
  const wholeResidues = numbers(...residues, ...mirror(residues));
  const axis = imaginaryAxis([0.3, 2, 9]);
  assertThrows(
    () => transferFunctionDiagonal(half, residues, axis),
    TypeError,
    "`pairs` must be given: all 3",
  );
  assertThrows(
    () => transferFunctionDiagonal(mirror(half), residues, axis),
    TypeError,
    "below the real axis",
  );
  const expected = transferFunctionDiagonal(whole, wholeResidues, axis);
  transferFunctionDiagonal(half, residues, axis, { pairs: true })
    .forEach((x, k) => assertAlmostEquals(x, expected[k], 1e-14));
  // A complex system is one that is declared so.
  assertEquals(transferFunctionDiagonal(half, residues, axis, { pairs: false }).length, 6);
  // Real poles are no pairs and need nothing.
  transferFunctionDiagonal(numbers(-1, 0, -2, 0), numbers(1, 0, 1, 0), axis);
});

Deno.test("the frequency response is the Fourier sum of the kernel", () => {
  const theta = [0, 0.4, 2, Math.PI];
  for (const pairs of [true, false]) {
    const factors = numbers(0.8, 0.3, 0.5, -0.2, -0.4, 0);
    const weights = new Rng(1).normals(6);
    const response = frequencyResponse(weights, factors, theta, { pairs });
    const length = 600;
    const kernel = vandermondeKernels(weights, factors, length, { pairs }).data;
    // With pairs false the kernel is complex: its imaginary part is the real part for weights times -i.
    const other = pairs
      ? new Float64Array(length)
      : vandermondeKernels(weights.map((_, k) => k % 2 ? -weights[k - 1] : weights[k + 1]), factors, length, {
        pairs,
      }).data;
    theta.forEach((angle, k) => {
      let re = 0;
      let im = 0;
      for (let l = 0; l < length; l++) {
        const cos = Math.cos(angle * l);
        const sin = Math.sin(angle * l);
        re += kernel[l] * cos + other[l] * sin;
        im += other[l] * cos - kernel[l] * sin;
      }
      assertAlmostEquals(response[2 * k], re, 1e-12);
      assertAlmostEquals(response[2 * k + 1], im, 1e-12);
    });
  }
});

Deno.test("residues and frequency response of a perturbed system agree with the dense one", () => {
  const n = 8;
  const dt = 0.05;
  const { A, B } = hippoLegS(n);
  const C = new Rng(5).normals(n);
  const system = perturbThenDiagonalize(A, { eps: 0.2, rng: new Rng(4) });
  const perturbed = A.plus(system.E);
  const residues = diagonalResidues(system, B, C);
  const axis = imaginaryAxis([0.1, 3, 40]);
  const dense = transferFunction({ A: perturbed, B, C }, axis);
  transferFunctionDiagonal(system.lambda, residues, axis)
    .forEach((x, k) => assertAlmostEquals(x, dense[k], 1e-10));
  // Discretized mode by mode, against the bilinear transform of the whole.
  const { dA, dB } = discretize(system.lambda, residues, dt, { method: "bilinear" });
  const theta = [0.2, 1.1, 3];
  const response = frequencyResponse(dB, dA, theta, { pairs: false });
  theta.forEach((angle, k) => {
    const omega = 2 / dt * Math.tan(angle / 2);
    const g = complexAbs(transferFunction({ A: perturbed, B, C }, imaginaryAxis([omega])))[0];
    assertAlmostEquals(complexAbs(response)[k], g / Math.cos(angle / 2), 1e-9);
  });
  assertEquals(unitCircle([0]), numbers(1, 0));
  assertEquals(interleave(C).length, 2 * n);
  assertEquals(legsNormalPart(n).rows, n);
});

Deno.test("condition gradient: what counts as tied does not depend on the units", () => {
  const A = new Rng(4).normalMatrix(5, 5);
  const { gradient } = eigenvectorConditionGradient(A);
  for (const factor of [1e-20, 1e20]) {
    const scaled = eigenvectorConditionGradient(A.times(factor)).gradient;
    // kappa does not change with the factor, so its derivative is divided by it.
    scaled.data.forEach((x, k) =>
      assertAlmostEquals(x * factor, gradient.data[k], 1e-9 * Math.max(1, Math.abs(gradient.data[k])))
    );
  }
});

Deno.test("causal convolution: signals that share a batch do not touch each other", () => {
  const length = 16;
  const rng = new Rng(1);
  const kernel = tf.tensor2d(Float32Array.from(rng.normals(length)), [1, length]);
  const small = Float32Array.from(rng.normals(length));
  const alone = causalConvolution(tf.tensor3d(small, [1, length, 1]), kernel).dataSync();
  const weight = tf.tensor3d(Float32Array.from([...new Float32Array(length), ...rng.normals(length)]), [
    2,
    length,
    1,
  ]);
  const gradientAlone = tf.grad((k) =>
    tf.sum(tf.mul(
      weight.slice([1], [1]),
      causalConvolution(tf.tensor3d(small, [1, length, 1]), k as tf.Tensor2D),
    ))
  )(kernel).dataSync();
  for (const large of [1e20, 1e37, NaN, Infinity, 0]) {
    const pair = tf.tensor3d([...new Float32Array(length).fill(large), ...small], [2, length, 1]);
    const both = causalConvolution(pair, kernel).dataSync().subarray(length);
    both.forEach((x, l) => assertAlmostEquals(x, alone[l], 1e-5, `beside ${large}`));
    if (!Number.isFinite(large)) continue;
    // The loss sees the second signal only, so the first one must not count.
    const gradient = tf.grad((k) => tf.sum(tf.mul(weight, causalConvolution(pair, k as tf.Tensor2D))))(
      kernel,
    );
    gradient.dataSync().forEach((x, l) => assertAlmostEquals(x, gradientAlone[l], 1e-4, `beside ${large}`));
  }
  const zeros = causalConvolution(
    tf.tensor3d([...small, ...new Float32Array(length)], [2, length, 1]),
    kernel,
  );
  assertEquals([...zeros.dataSync().subarray(length)], new Array(length).fill(0));
});
