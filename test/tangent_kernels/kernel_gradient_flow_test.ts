/**
 * Training with a constant kernel: the limit law of the paper's Figure 2, and the identities it must satisfy.
 */
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { Matrix, Rng } from "refigure/arrays";
import {
  circlePoints,
  infiniteKernels,
  KernelGradientFlow,
  linearize,
  NtkMlp,
} from "refigure/tangent_kernels";
import { SingularMatrixError } from "refigure/linalg";

const angles = [-2.4, -0.8, 0.5, 2.0];
const train = circlePoints(angles);
const y = Float64Array.from(angles, (g) => Math.sin(2 * g) / 2);
const test = circlePoints([0, 1.25, Math.PI / 2, 3.0, -1.6]);
const within = infiniteKernels(train, { depth: 4 });
const across = infiniteKernels(test, { x2: train, depth: 4 });
const among = infiniteKernels(test, { depth: 4 });
const flow = new KernelGradientFlow({ ntk: within.ntk, nngp: within.nngp, y });

function close(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number) {
  assertEquals(actual.length, expected.length);
  for (let i = 0; i < expected.length; i++) {
    assertAlmostEquals(actual[i], expected[i], tolerance, `entry ${i}`);
  }
}

function spread(t: number): Float64Array {
  const c = flow.covariance(across.ntk, across.nngp, among.nngp, t);
  return Float64Array.from({ length: 5 }, (_, i) => Math.sqrt(c.get(i, i)));
}

Deno.test("Figure 2's training set: kernel matrix, rates, limit and its law at t = 100", () => {
  const k = within.ntk;
  close(
    [k.get(0, 1), k.get(0, 2), k.get(0, 3), k.get(1, 2), k.get(1, 3), k.get(2, 3)],
    [0.09093435, 0.06405704, 0.07730583, 0.11272442, 0.06393933, 0.09729326],
    5e-9,
  );
  close(flow.rates, [0.03809966, 0.05461722, 0.05562124, 0.13416188], 5e-9);
  close(
    flow.mean(across.ntk, Infinity),
    [0.08279289, 0.04804263, -0.15564066, 0.07814939, -0.02858939],
    5e-9,
  );
  close(spread(Infinity), [0.07728073, 0.09808877, 0.07983199, 0.12813379, 0.10616986], 5e-9);
  close(flow.mean(across.ntk, 100), [0.07960111, 0.0454505, -0.15346215, 0.07786262, -0.02594446], 5e-9);
  close(spread(100), [0.07740313, 0.09821443, 0.07993945, 0.12822852, 0.10629939], 5e-9);
});

Deno.test("nothing is learned at t = 0; at the end the training points are, without variance", () => {
  close(flow.mean(across.ntk, 0), new Float64Array(5), 0);
  close(spread(0), new Float64Array(5).fill(Math.sqrt(0.08125)), 1e-14);
  close(flow.mean(within.ntk, Infinity), y, 1e-13);
  const c = flow.covariance(within.ntk, within.nngp, within.nngp, Infinity);
  for (let i = 0; i < 4; i++) assertAlmostEquals(c.get(i, i), 0, 1e-14);
  close(
    flow.trained(across.ntk, flow.mean(across.ntk, 3), flow.mean(within.ntk, 3), Infinity),
    flow.mean(across.ntk, Infinity),
    0.2,
  );
});

Deno.test("a kernel twice as large learns twice as fast; a step of gradient descent composes", () => {
  const double = new KernelGradientFlow({ ntk: within.ntk.times(2), nngp: within.nngp, y });
  close(double.mean(across.ntk.times(2), 7), flow.mean(across.ntk, 14), 1e-13);
  close(flow.mean(across.ntk, { stepSize: 1e-4, steps: 70_000 }), flow.mean(across.ntk, 7), 1e-6);
  const once = flow.mean(across.ntk, { stepSize: 1, steps: 1 });
  const expected = Array.from(
    { length: 5 },
    (_, i) => y.reduce((sum, v, j) => sum + across.ntk.get(i, j) * v / 4, 0),
  );
  close(once, expected, 1e-14);
});

Deno.test("percentiles are mean and 1.2816 standard deviations", () => {
  const [low, middle, high] = flow.percentiles(across.ntk, across.nngp, among.nngp, Infinity);
  close(middle, flow.mean(across.ntk, Infinity), 1e-15);
  const sd = spread(Infinity);
  for (let i = 0; i < 5; i++) {
    assertAlmostEquals((high[i] - middle[i]) / sd[i], 1.2815515655, 1e-9);
    assertAlmostEquals(high[i] + low[i], 2 * middle[i], 1e-14);
  }
});

Deno.test("a linearized network follows (1 - step lambda)^k to 1e-9 (criterion 6)", () => {
  const net = new NtkMlp({ inputs: 2, width: 30, depth: 4, rng: new Rng(4) });
  const model = linearize(net, train);
  const initial = model.outputs();
  const exact = new KernelGradientFlow({ ntk: model.kernel(), y });
  for (let step = 1; step <= 200; step++) {
    model.gradientStep(y, 1);
    if (step % 50 === 0 || step === 1) {
      const predicted = exact.trained(model.kernel(), initial, initial, { stepSize: 1, steps: step });
      close(model.outputs(), predicted, 1e-9);
    }
  }
});

Deno.test("a network of small step follows its own kernel at first", () => {
  const net = new NtkMlp({ inputs: 2, width: 200, depth: 3, rng: new Rng(8) });
  const kernel = net.tangentKernel(train);
  const before = net.forward(train);
  net.gradientStep(train, y, 1e-4);
  const after = net.forward(train);
  for (let i = 0; i < 4; i++) {
    const rate = before.reduce((sum, f, j) => sum - kernel.get(i, j) * (f - y[j]) / 4, 0);
    assertAlmostEquals((after[i] - before[i]) / 1e-4, rate, 1e-3);
  }
});

Deno.test("singular kernels, missing covariances, unstable steps and wrong shapes are named", () => {
  const twice = infiniteKernels(circlePoints([0, 0]), { depth: 4 }).ntk;
  assertThrows(
    () => new KernelGradientFlow({ ntk: twice, y: new Float64Array(2) }),
    SingularMatrixError,
    "kernel matrix is singular, as with duplicate inputs",
  );
  assert(new KernelGradientFlow({ ntk: twice, y: new Float64Array(2), ridge: 0.1 }).rates[0] > 0);
  const bare = new KernelGradientFlow({ ntk: within.ntk, y });
  assertThrows(
    () => bare.covariance(across.ntk, across.nngp, among.nngp, 1),
    TypeError,
    "`nngp` must be given",
  );
  assertThrows(
    () => new KernelGradientFlow({ ntk: within.ntk, y: new Float64Array(3) }),
    RangeError,
    "`y` must have length 4, got 3",
  );
  assertThrows(() => flow.mean(across.ntk, -1), RangeError, "`time`");
  assertThrows(() => flow.mean(Matrix.zeros(1, 3), 1), RangeError);
  const warnings: string[] = [];
  const warn = console.warn;
  console.warn = (text: string) => warnings.push(text);
  try {
    flow.removed({ stepSize: 15, steps: 1 });
  } finally {
    console.warn = warn;
  }
  assert(warnings[0].includes("step size 15 above stability limit 2/lambda_max"));
});
