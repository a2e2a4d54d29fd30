/**
 * Bad input of the tangent kernels, NaN that must not vanish, kernels of any size, and a user's view of
 * ensembles.
 */
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { Matrix, Rng } from "refigure/arrays";
import { matmul } from "refigure/blas";
import {
  bitInputs,
  circleEigenvalues,
  circlePoints,
  ensembleSuccess,
  infiniteKernels,
  kernelAlignment,
  KernelGradientFlow,
  kernelPrincipalComponents,
  linearize,
  LinearizedModel,
  NtkMlp,
  PermutationEnsemble,
  permutationMeans,
  permutationOutputLaw,
  permutationProcess,
  representationAlignment,
  requiredModels,
  sampleInfiniteWidth,
  tailBound,
  twoLayerKernels,
} from "refigure/tangent_kernels";

const rng = () => new Rng(0);
const x = Matrix.fromRows([[1, 0], [0, 1]]);
const sizes = { inputs: 2, width: 8, depth: 3 };
const { ntk, nngp } = infiniteKernels(x, { depth: 2 });
const y = Float64Array.of(1, -1);
const ensemble = () => new PermutationEnsemble({ permutation: [1, 0, 2], width: 30, rng: rng() });

Deno.test("unknown options and names are refused", () => {
  const flow = new KernelGradientFlow({ ntk, nngp, y });
  const cases: [string, () => unknown][] = [
    ["activation", () => infiniteKernels(x, { depth: 2, activations: "relu" } as never)],
    ["x2", () => new NtkMlp({ ...sizes, rng: rng() }).tangentKernel(x, { x3: x } as never)],
    ["width", () => new NtkMlp({ ...sizes, widht: 3, rng: rng() } as never)],
    ["ridge", () => new KernelGradientFlow({ ntk, y, rigde: 1 } as never)],
    ["steps", () => flow.removed({ stepSize: 1, step: 3 } as never)],
    ["levels", () => flow.percentiles(ntk, nngp, nngp, 1, { level: [0.5] } as never)],
    ["width", () => new PermutationEnsemble({ permutation: [0], widht: 3, rng: rng() } as never)],
    ["steps", () => ensemble().addModels(1, { step: 3 } as never)],
    ["threshold", () => ensemble().decode(bitInputs(3, 1), { treshold: 1 } as never)],
    ["firstLayerRate", () => permutationProcess(bitInputs(3, 1), { firstlayerrate: 0 } as never)],
    ["firstLayerRate", () => permutationMeans(bitInputs(3, 1), { firstlayerrate: 0 } as never)],
    ["ones", () => permutationOutputLaw({ k: 3, one: 1 } as never)],
    ["models", () => ensembleSuccess({ k: 3, ones: 2, model: 1 } as never)],
    ["inputs", () => tailBound({ k: 3, ones: 2, delta: 0.1, input: 1 } as never)],
    ["scope", () => requiredModels({ k: 3, delta: 0.1, scopes: "all" } as never)],
    ["models", () => sampleInfiniteWidth({ bits: bitInputs(3, 1), model: 1, rng: rng() } as never)],
  ];
  for (const [name, run] of cases) {
    const { message } = assertThrows(run, TypeError, "has no option") as Error;
    assert(message.includes(`"${name}"`) || message.includes(name), message);
  }
  const names: [string, () => unknown][] = [
    ["`activation`", () => infiniteKernels(x, { depth: 2, activation: "tanh" as never })],
    ["`dtype`", () => new NtkMlp({ ...sizes, dtype: "float16" as never, rng: rng() })],
    ["`scope`", () => requiredModels({ k: 3, delta: 0.1, scope: "ALL" as never })],
  ];
  for (const [name, run] of names) assertThrows(run, TypeError, `${name} must be "`);
});

Deno.test("what is not finite is refused, by the name of the argument that holds it", () => {
  const broken = x.map((value, i, j) => i === 1 && j === 0 ? NaN : value);
  const flow = new KernelGradientFlow({ ntk, nngp, y });
  const net = new NtkMlp({ ...sizes, rng: rng() });
  const model = linearize(net, x);
  const cases: [string, () => unknown][] = [
    ["Cannot compute kernels at `x1`: entry (1, 0) is NaN", () => infiniteKernels(broken, { depth: 2 })],
    [
      "Cannot compute kernels at `x2`: entry (1, 0) is NaN",
      () => infiniteKernels(x, { x2: broken, depth: 2 }),
    ],
    ["Cannot train on `ntk`: entry (1, 0) is NaN", () => new KernelGradientFlow({ ntk: broken, y })],
    ["Cannot train on `nngp`: entry (1, 0) is NaN", () => new KernelGradientFlow({ ntk, nngp: broken, y })],
    ["Cannot learn `y`: entry 1 is NaN", () => new KernelGradientFlow({ ntk, y: Float64Array.of(1, NaN) })],
    ["`y` must have length 2, got 1", () => new KernelGradientFlow({ ntk, y: Float64Array.of(1) })],
    ["`ntk` must be square, got 1 x 2", () => new KernelGradientFlow({ ntk: Matrix.zeros(1, 2), y })],
    ["Cannot use `kx`: entry (1, 0) is NaN", () => flow.mean(broken, 1)],
    ["`kx` must have 2 columns, one per training input, got 3", () => flow.mean(Matrix.zeros(1, 3), 1)],
    ["Cannot use `sx`: entry (1, 0) is NaN", () => flow.covariance(ntk, broken, nngp, 1)],
    ["`sxx` must be 2 x 2, got 1 x 1", () => flow.covariance(ntk, nngp, Matrix.identity(1), 1)],
    ["Cannot train from `initial`: entry 0 is NaN", () => flow.trained(ntk, Float64Array.of(NaN, 0), y, 1)],
    ["`time.stepSize`", () => flow.removed({ stepSize: NaN, steps: 1 })],
    ["`time.steps`", () => flow.removed({ stepSize: 1, steps: 1e308 })],
    [
      "`levels[0]` must be a finite number > 0 and < 1, got 2",
      () => flow.percentiles(ntk, nngp, nngp, 1, { levels: [2] }),
    ],
    ["Cannot learn at `x`: entry (1, 0) is NaN", () => net.gradientStep(broken, y, 0.1)],
    ["Cannot learn `y`: entry 0 is NaN", () => net.gradientStep(x, [NaN, 0], 0.1)],
    ["Cannot learn `y`: entry 0 is NaN", () => model.gradientStep(Float64Array.of(NaN, 0), 0.1)],
    ["Cannot expand at `features`: entry (1, 0) is NaN", () => new LinearizedModel(broken, y)],
    ["Cannot decompose `gram`: entry (1, 0) is NaN", () => kernelPrincipalComponents(broken, 1)],
    ["`gram` must be square, got 1 x 2", () => kernelPrincipalComponents(Matrix.zeros(1, 2), 1)],
    ["Cannot decompose `row`: entry 1 is NaN", () => circleEigenvalues(Float64Array.of(1, NaN, 1))],
    [
      "`row` must be symmetric, but entry 1 is 1 and entry 2 is 2",
      () => circleEigenvalues(Float64Array.of(3, 1, 2)),
    ],
    ["Cannot place `angles` on the circle: entry 0 is NaN", () => circlePoints([NaN])],
    [
      "the variance at row 0 is 5e+159, it must be at most 1e+150",
      () => infiniteKernels(x.times(1e80), { depth: 2 }),
    ],
    ["`k` = 40 and `ones` = 20 give 1.38e+11 inputs, too many", () => bitInputs(40, 20)],
    [
      "`threshold`",
      () => sampleInfiniteWidth({ bits: bitInputs(3, 1), models: 1, threshold: NaN, rng: rng() }),
    ],
  ];
  for (const [message, run] of cases) assertThrows(run, RangeError, message);
  const wrong: [string, () => unknown][] = [
    ["`x1` must be a Matrix", () => infiniteKernels([[1]] as never, { depth: 2 })],
    ["`rng` must be an Rng", () => new NtkMlp(sizes as never)],
    ["`x` must be a Matrix", () => net.forward(null as never)],
    ["`net` must be a NtkMlp", () => linearize({} as never, x)],
    ["`k0` must be a Matrix", () => kernelAlignment(1 as never, x)],
    ["`bits` must be a Matrix", () => permutationProcess([[1]] as never)],
    [
      "`permutation` must be an array of numbers",
      () => new PermutationEnsemble({ permutation: "01" as never, width: 1, rng: rng() }),
    ],
  ];
  for (const [message, run] of wrong) assertThrows(run, TypeError, message);
});

Deno.test("a NaN in one input makes the outputs of its row NaN, not those of others, and no weight", () => {
  const broken = Matrix.fromRows([[NaN, 0], [0, 1]]);
  for (const activation of ["relu", "erf"] as const) {
    for (const dtype of ["float32", "float64"] as const) {
      const net = new NtkMlp({ ...sizes, activation, dtype, rng: rng() });
      const outputs = net.forward(broken);
      assert(Number.isNaN(outputs[0]) && Number.isFinite(outputs[1]));
      const kernel = net.tangentKernel(broken);
      assert(
        Number.isNaN(kernel.get(0, 0)) && Number.isNaN(kernel.get(0, 1)) && Number.isFinite(kernel.get(1, 1)),
      );
      // A hidden weight that is NaN shows, too.
      net.weights[0].data[0] = NaN;
      assert(net.forward(x).some(Number.isNaN));
      const last = net.weights[2].data.slice();
      assertThrows(() => net.gradientStep(x, y, 0.1), RangeError, "The cost is NaN");
      assertEquals(net.weights[2].data, last);
    }
  }
});

Deno.test("alignments of kernels of any size", () => {
  const one = Matrix.fromRows([[1]]);
  for (const size of [1e-300, 1e-200, 1e200, 1e300]) {
    assertEquals(kernelAlignment(Matrix.fromRows([[size]]), one), 1);
    assertEquals(kernelAlignment(one, Matrix.fromRows([[size]])), 1);
    const a = new Rng(1).normalMatrix(4, 4);
    const b = new Rng(2).normalMatrix(4, 4);
    assertAlmostEquals(kernelAlignment(a.times(size), b), kernelAlignment(a, b), 1e-14);
    assertAlmostEquals(representationAlignment(a.times(size), b), representationAlignment(a, b), 1e-14);
  }
  const single = new Rng(1).normalMatrix(4, 4).astype("float32");
  const expected = representationAlignment(single, single.times(2));
  for (const size of [1e-30, 1e30]) {
    assertAlmostEquals(representationAlignment(single.times(size), single), expected, 1e-5);
  }
  assert(Number.isNaN(kernelAlignment(Matrix.fromRows([[NaN]]), one)));
  assertThrows(() => kernelAlignment(one, Matrix.zeros(1, 1)), RangeError, "`k1` must not be zero");
  assertThrows(() => representationAlignment(one, Matrix.zeros(2, 1)), RangeError, "`h1` must have 1 rows");
});

Deno.test("what a user wants of an ensemble: outputs before, weights, step size, losses", () => {
  const bits = bitInputs(3, 1);
  const all = ensemble();
  const [untrained] = all.addModels(1, { steps: 0 });
  assertEquals([untrained.losses.length, untrained.status], [1, "finished"]);
  // Untrained outputs are those of the weights: relu(x W / sqrt k) V^T / sqrt m.
  const { first, last } = all.weights(0);
  assertEquals([first.rows, first.columns, last.rows, last.columns], [3, 30, 3, 30]);
  const hidden = matmul(bits, first.astype("float64")).map((h) => Math.max(0, h) / Math.sqrt(3));
  const expected = matmul(hidden, last.astype("float64"), { transposeB: true }).times(1 / Math.sqrt(30));
  all.outputs(0, bits).data.forEach((f, e) => assertAlmostEquals(f, expected.data[e], 1e-6));
  // The loss is that of these outputs. One-hot input i is row i; its target is 1 where permutation[j] is i.
  const target = (i: number, j: number) => all.permutation[j] === i ? 1 : 0;
  const loss = expected.map((f, i, j) => (f - target(i, j)) ** 2).data.reduce((sum, e) => sum + e, 0) / 2;
  assertAlmostEquals(untrained.losses[0], loss, 1e-6);
  // Training in two parts, from set weights, is training in one.
  const seen: number[] = [];
  const half = all.train(0, { steps: 10, onStep: (step) => seen.push(step) });
  assertEquals(seen, Array.from({ length: 11 }, (_, i) => i));
  const rest = all.train(0, { steps: 15 });
  const again = ensemble();
  again.addModels(1, { steps: 0 });
  again.setWeights(0, { first, last });
  const whole = again.train(0, { steps: 25 });
  assertEquals([...half.losses, ...rest.losses.subarray(1)], [...whole.losses]);
  assertEquals(again.weights(0), all.weights(0));
  assert(whole.losses[25] < 0.01 * whole.losses[0]);
  assertAlmostEquals(whole.error, all.trainingError, 1e-7);
  // Copies: writing to them changes nothing.
  all.weights(0).first.data.fill(0);
  assertEquals(again.weights(0), all.weights(0));
  // The mean is that of the networks.
  all.addModels(2);
  const mean = all.mean(bits);
  const outputs = [0, 1, 2].map((model) => all.outputs(model, bits));
  mean.data.forEach((f, e) => {
    assertAlmostEquals(f, outputs.reduce((sum, { data }) => sum + data[e], 0) / 3, 1e-6);
  });
});

Deno.test("the step size of an ensemble: half of it is slower, far above it diverges with advice", () => {
  const losses = (factor: number) => {
    const all = ensemble();
    const [training] = all.addModels(1, { steps: 8, stepSize: factor * all.stepSize });
    return training;
  };
  assert(losses(0.5).losses[8] > losses(1).losses[8]);
  const diverged = losses(1e6);
  assertEquals(diverged.status, "diverged");
  assert(diverged.advice!.includes("reduce `stepSize`") && diverged.losses.length <= 9);
  // With the first layer fixed many steps tend to the closed form; steps are taken only where they are given.
  const options = { permutation: [1, 0, 2], width: 30, firstLayerRate: 0, rng: rng() };
  const closed = new PermutationEnsemble(options);
  const [solved] = closed.addModels(1);
  assertEquals(solved.losses.length, 2);
  assert(solved.error < 1e-5);
  const stepped = new PermutationEnsemble({ ...options, rng: rng() });
  const [slow] = stepped.addModels(1, { steps: 3000 });
  assert(slow.losses.length === 3001 && slow.error < 1e-3);
  closed.weights(0).last.data.forEach((v, e) => assertAlmostEquals(stepped.weights(0).last.data[e], v, 1e-2));
});

Deno.test("bad weights, models and steps of an ensemble are named", () => {
  const all = ensemble();
  assertThrows(() => all.weights(0), RangeError, "no models");
  all.addModels(1, { steps: 0 });
  const weights = all.weights(0);
  assertThrows(() => all.weights(1), RangeError, "`model`");
  assertThrows(() => all.addModels(1, { steps: 1e308 }), RangeError, "`steps`");
  assertThrows(() => all.addModels(1, { stepSize: 0 }), RangeError, "`stepSize`");
  assertThrows(() => all.addModels(1, { onStep: 3 as never }), TypeError, "`onStep`");
  assertEquals(all.models, 1);
  assertThrows(
    () => all.setWeights(0, { ...weights, first: Matrix.zeros(3, 29, "float32") }),
    RangeError,
    "`weights.first` must be 3 x 30, got 3 x 29",
  );
  assertThrows(
    () => all.setWeights(0, { ...weights, last: weights.last.map(() => NaN) }),
    RangeError,
    "Cannot use `weights.last`: entry (0, 0) is NaN",
  );
  assertThrows(
    () => all.setWeights(0, { ...weights, first: Matrix.zeros(3, 30) as never }),
    TypeError,
    "`weights.first.data` must be a Float32Array",
  );
  assertThrows(() => twoLayerKernels(NaN), RangeError, "`cosine`");
});
