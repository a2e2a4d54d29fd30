import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { Matrix, Rng } from "../../lib/arrays/mod.ts";
import { gram, matmul, withEngine } from "../../lib/blas/mod.ts";
import {
  activationJet,
  type ActivationName,
  type CustomActivation,
  DenseNetwork,
  meanSquaredError,
  meanSquaredErrorHessian,
} from "../../lib/networks/mod.ts";
import { sinCos } from "../../lib/networks/sin_cos.ts";
import { withoutKernels } from "../../lib/wasm/module.ts";
import fixture from "../fixtures/networks/dense_network.json" with { type: "json" };

const ENGINES = ["native", "portable"] as const;

function assertClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
  what: string,
) {
  assertEquals(actual.length, expected.length, what);
  for (let k = 0; k < expected.length; k++) {
    const distance = Math.abs(actual[k] - expected[k]);
    assert(
      distance <= tolerance * (1 + Math.abs(expected[k])),
      `${what}[${k}]: ${actual[k]}, not ${expected[k]}`,
    );
  }
}

const of = (values: readonly number[], rows = 3) =>
  new Matrix(rows, values.length / rows, Float64Array.from(values));

for (const engine of ENGINES) {
  for (const one of fixture.cases) {
    Deno.test(`dense network: ${one.activation} agrees with PyTorch in every pass, ${engine} engine`, () => {
      withEngine(engine, () => {
        const net = new DenseNetwork({
          widths: fixture.widths,
          activation: one.activation as ActivationName,
          scale: fixture.scales,
          parameters: Float64Array.from(one.theta),
        });
        const x = of(one.x);
        const tangent = { parameters: Float64Array.from(one.thetaDot), inputs: of(one.xDot) };
        assertClose(net.forward(x).data, one.outputs, 1e-13, "outputs");
        const reverse = net.vjp(x, of(one.v), { inputs: true });
        assertClose(reverse.outputs.data, one.outputs, 1e-13, "outputs of vjp");
        assertClose(reverse.parameters, one.byTheta, 1e-13, "gradient");
        assertClose(reverse.inputs!.data, one.byX, 1e-13, "gradient by inputs");
        const forward = net.jvp(x, tangent);
        assertClose(forward.outputs.data, one.outputs, 1e-13, "outputs of jvp");
        assertClose(forward.tangents.data, one.tangents, 1e-13, "tangents");
        const second = net.vjpOfJvp(x, tangent, { outputs: of(one.v), tangents: of(one.w) }, {
          inputs: true,
        });
        assertClose(second.outputs.data, one.outputs, 1e-13, "outputs of vjpOfJvp");
        assertClose(second.tangents.data, one.tangents, 1e-13, "tangents of vjpOfJvp");
        assertClose(second.parameters, one.secondTheta, 1e-12, "second derivatives");
        assertClose(second.inputs!.data, one.secondX, 1e-12, "second derivatives by inputs");
        assertClose(net.jacobian(x).row(3), one.jacobianRow, 1e-13, "Jacobian");
        assertClose(net.tangentKernel(x).data, one.kernel, 1e-12, "kernel");
        assertClose(net.tangentKernel(x, { x2: x.clone() }).data, one.kernel, 1e-12, "kernel of two sets");
        const { loss, gradient } = meanSquaredError(net, x, of(one.y));
        assertAlmostEquals(loss, one.loss, 1e-13 * one.loss);
        const vjp = net.vjp(x, of(one.outputs).minus(of(one.y)).times(2 / 6));
        assertClose(gradient, vjp.parameters, 1e-13, "gradient of the loss");
        const hv = meanSquaredErrorHessian(net, x, of(one.y), tangent.parameters);
        assertClose(hv, one.hessianVector, 1e-12, "Hessian times direction");
      });
    });
  }
}

Deno.test("dense network: only a tangent of the parameters, or only one of the inputs", () => {
  const net = new DenseNetwork({ widths: [2, 6, 5, 2], activation: "sine", scale: 2, rng: new Rng(1) });
  const rng = new Rng(2);
  const x = rng.normalMatrix(4, 2);
  const parameters = rng.normals(net.parameters.length);
  const inputs = rng.normalMatrix(4, 2);
  const zeros = { parameters: new Float64Array(parameters.length), inputs: Matrix.zeros(4, 2) };
  const w = rng.normalMatrix(4, 2);
  for (const part of [{ parameters }, { inputs }]) {
    const alone = net.vjpOfJvp(x, part, { tangents: w }, { inputs: true });
    const padded = net.vjpOfJvp(
      x,
      { ...zeros, ...part },
      () => ({ outputs: Matrix.zeros(4, 2), tangents: w }),
      {
        inputs: true,
      },
    );
    assertClose(alone.tangents.data, padded.tangents.data, 1e-14, "tangents");
    assertClose(alone.tangents.data, net.jvp(x, part).tangents.data, 1e-14, "tangents of jvp");
    assertClose(alone.parameters, padded.parameters, 1e-14, "parameters");
    assertClose(alone.inputs!.data, padded.inputs!.data, 1e-14, "inputs");
  }
});

Deno.test("dense network: gradient of the eikonal loss agrees with differences", () => {
  const net = new DenseNetwork({ widths: [2, 8, 8, 1], activation: "softplus", rng: new Rng(3) });
  const x = new Rng(4).normalMatrix(5, 2);
  const ones = Matrix.from(5, 1, () => 1);
  const slopes = () => net.vjp(x, ones, { inputs: true }).inputs!;
  const loss = () => slopes().toRows().reduce((sum, row) => sum + (Math.hypot(...row) - 1) ** 2, 0);
  const unit = slopes();
  for (let i = 0; i < 5; i++) {
    const row = unit.row(i);
    const norm = Math.hypot(...row);
    row.set(row.map((value) => value / norm));
  }
  // The derivative in the direction of the gradient is its norm.
  const { parameters: gradient } = net.vjpOfJvp(x, { inputs: unit }, (_, tangents) => ({
    tangents: tangents.map((norm) => 2 * (norm - 1)),
  }));
  const direction = new Rng(5).normals(net.parameters.length);
  const start = net.parameters.slice();
  const at = (h: number) => {
    net.parameters.set(start.map((value, k) => value + h * direction[k]));
    return loss();
  };
  const expected = (at(1e-5) - at(-1e-5)) / 2e-5;
  assertAlmostEquals(gradient.reduce((sum, g, k) => sum + g * direction[k], 0), expected, 1e-7);
});

Deno.test("dense network: many blocks give what single rows give, also from a function that calls the network", () => {
  const net = new DenseNetwork({ widths: [1, 40, 40, 2], activation: "sine", scale: 5, rng: new Rng(6) });
  const x = Matrix.from(1000, 1, (i) => i / 500 - 1);
  const v = new Rng(7).normalMatrix(1000, 2);
  const whole = net.vjp(x, v, { inputs: true });
  const called = net.vjp(x, (outputs, start) => {
    net.forward(x);
    return v.slice(start, start + outputs.rows);
  });
  assertEquals(called.parameters, whole.parameters);
  assertEquals(called.outputs, whole.outputs);
  const sum = new Float64Array(net.parameters.length);
  for (let i = 0; i < 1000; i++) {
    const one = net.vjp(x.slice(i, i + 1), v.slice(i, i + 1), { inputs: true });
    one.parameters.forEach((g, k) => sum[k] += g);
    assertAlmostEquals(one.inputs!.get(0, 0), whole.inputs!.get(i, 0), 1e-11);
    assertAlmostEquals(one.outputs.get(0, 1), whole.outputs.get(i, 1), 1e-12);
  }
  assertClose(whole.parameters, sum, 1e-11, "gradient");
  const layers = net.hiddenLayers(x);
  const before = net.hiddenLayers(x, { before: true });
  assertEquals(layers.map(({ rows, columns }) => [rows, columns]), [[1000, 40], [1000, 40]]);
  assertClose(layers[1].data, before[1].data.map(Math.sin), 1e-14, "hidden layer");
});

Deno.test("dense network: single precision agrees with double", () => {
  const net = new DenseNetwork({ widths: [1, 24, 24, 1], activation: "sine", scale: 3, rng: new Rng(8) });
  const single = new DenseNetwork({
    widths: net.widths,
    activation: "sine",
    scale: 3,
    parameters: net.parameters,
    dtype: "float32",
  });
  assert(single.parameters instanceof Float32Array && single.weights[1].data instanceof Float32Array);
  const x = Matrix.from(300, 1, (i) => i / 150 - 1);
  const y = x.map(Math.abs);
  assertClose(single.forward(x).data, net.forward(x).data, 1e-5, "outputs");
  assertClose(
    meanSquaredError(single, x, y).gradient,
    meanSquaredError(net, x, y).gradient,
    1e-4,
    "gradient",
  );
  assertClose(single.tangentKernel(x).data, net.tangentKernel(x).data, 1e-3, "kernel");
});

Deno.test("dense network: the kernel is the Gram matrix of the Jacobian; no rows, no hidden layer", () => {
  const net = new DenseNetwork({ widths: [3, 4, 5, 2], activation: ["relu", "gaussian"], rng: new Rng(9) });
  const rng = new Rng(10);
  const [x1, x2] = [rng.normalMatrix(6, 3), rng.normalMatrix(2, 3)];
  const j = net.jacobian(x1);
  assertClose(net.tangentKernel(x1).data, gram(j, { side: "right" }).data, 1e-13, "kernel");
  const cross = net.tangentKernel(x1, { x2 });
  assertEquals([cross.rows, cross.columns], [12, 4]);
  const j2 = net.jacobian(x2);
  assertAlmostEquals(cross.get(7, 3), j.row(7).reduce((sum, a, k) => sum + a * j2.get(3, k), 0), 1e-13);
  const nothing = Matrix.zeros(0, 3);
  assertEquals(net.forward(nothing).rows, 0);
  assertEquals(net.vjp(nothing, Matrix.zeros(0, 2), { inputs: true }).parameters.some((g) => g !== 0), false);
  assertEquals(net.tangentKernel(nothing).rows, 0);
  const linear = new DenseNetwork({ widths: [3, 2], init: "he", rng });
  assertClose(linear.jvp(x1, { inputs: x1 }).tangents.data, linear.forward(x1).data, 1e-14, "linear");
});

// 64 rows and columns are computed at once, and the terms of six layers.
for (const dtype of ["float64", "float32"] as const) {
  const tolerance = dtype === "float64" ? 1e-13 : 2e-5;
  for (const rows of [1, 63, 64, 65, 130]) {
    Deno.test(`dense network: the kernel of ${rows} inputs, ${dtype}, with and without compiled loops`, () => {
      for (const widths of [[1, 1], [2, 5, 3, 1], [1, 4, 4, 4, 4, 4, 4, 4, 1]]) {
        const options = { widths, activation: "sine", scale: 2, dtype } as const;
        const net = new DenseNetwork({ ...options, rng: new Rng(12) });
        const rng = new Rng(13);
        const [x1, x2] = [rng.normalMatrix(rows, widths[0]), rng.normalMatrix(67, widths[0])];
        const one = net.tangentKernel(x1);
        const two = net.tangentKernel(x1, { x2 });
        const [j1, j2] = [net.jacobian(x1), net.jacobian(x2)];
        assertClose(one.data, gram(j1, { side: "right" }).data, tolerance, "one set");
        assertClose(two.data, matmul(j1, j2, { transposeB: true }).data, tolerance, "two sets");
        assertEquals(one.transpose(), one);
        withoutKernels(() => {
          assertEquals(net.tangentKernel(x1), one);
          assertEquals(net.tangentKernel(x1, { x2 }), two);
        });
        withEngine(
          "portable",
          () => assertClose(net.tangentKernel(x1).data, one.data, tolerance, "portable"),
        );
      }
    });
  }
}

Deno.test("dense network: starts have the laws of their names", () => {
  const deviation = (values: ArrayLike<number>) =>
    Math.sqrt(Array.from(values).reduce((sum, v) => sum + v * v, 0) / values.length);
  const at = (init: "pytorch" | "glorot" | "lecun" | "he" | "zeros") =>
    new DenseNetwork({ widths: [100, 300, 1], init, rng: new Rng(11) });
  assertAlmostEquals(deviation(at("pytorch").weights[0].data), 1 / Math.sqrt(300), 5e-4);
  assertAlmostEquals(deviation(at("pytorch").biases[0]), 1 / Math.sqrt(300), 5e-3);
  assertAlmostEquals(deviation(at("glorot").weights[0].data), Math.sqrt(2 / 400), 5e-4);
  assertAlmostEquals(deviation(at("lecun").weights[0].data), 0.1, 1e-3);
  assertAlmostEquals(deviation(at("he").weights[0].data), Math.sqrt(0.02), 1e-3);
  assertEquals(deviation(at("zeros").parameters), 0);
  assertEquals(deviation(at("he").biases[0]), 0);
  assertEquals(at("he").clone().parameters, at("he").parameters);
});

Deno.test("dense network: NaN is not swallowed; custom activations", () => {
  for (const { activation } of fixture.cases) {
    const out = new Float64Array(3);
    activationJet(activation as ActivationName)(NaN, out);
    assert(out.every(Number.isNaN), activation);
    const net = new DenseNetwork({
      widths: [1, 3, 1],
      activation: activation as ActivationName,
      rng: new Rng(0),
    });
    const { outputs, parameters } = net.vjp(Matrix.fromRows([[NaN], [1]]), Matrix.fromRows([[1], [1]]));
    assert(Number.isNaN(outputs.get(0, 0)) && Number.isFinite(outputs.get(1, 0)));
    assert(Number.isNaN(parameters[0]));
  }
  const square: CustomActivation = {
    name: "square",
    jet(z, out) {
      out[0] = z * z;
      out[1] = 2 * z;
      out[2] = 2;
    },
  };
  const net = new DenseNetwork({
    widths: [1, 1, 1],
    activation: square,
    parameters: Float64Array.of(3, 1, 2, 0),
  });
  // 2 (3 x + 1)^2, and its derivative 12 (3 x + 1)
  const x = Matrix.fromRows([[2]]);
  assertEquals(net.forward(x).data, Float64Array.of(98));
  const moved = net.vjpOfJvp(x, { inputs: Matrix.fromRows([[1]]) }, { tangents: Matrix.fromRows([[1]]) }, {
    inputs: true,
  });
  assertEquals([moved.tangents.get(0, 0), moved.inputs!.get(0, 0)], [84, 36]);
});

Deno.test("dense network: bad arguments are refused by name", () => {
  const rng = new Rng(0);
  const net = new DenseNetwork({ widths: [2, 3, 1], rng });
  const x = Matrix.zeros(4, 2);
  const cases: [() => unknown, new () => Error, string][] = [
    [() => new DenseNetwork({ widths: [2], rng }), RangeError, "`widths.length`"],
    [() => new DenseNetwork({ widths: [2, 0, 1], rng }), RangeError, "`widths[1]`"],
    [() => new DenseNetwork({ widths: [2, 1] } as never), TypeError, "`rng`"],
    [
      () => new DenseNetwork({ widths: [2, 3, 1], activation: "cosine" as never, rng }),
      TypeError,
      "`activation`",
    ],
    [() => new DenseNetwork({ widths: [2, 3, 1], activation: [], rng }), RangeError, "one per hidden layer"],
    [() => new DenseNetwork({ widths: [2, 3, 1], scale: [1, 2], rng }), RangeError, "one per hidden layer"],
    [() => new DenseNetwork({ widths: [2, 3, 1], scale: NaN, rng }), RangeError, "`scale`"],
    [() => new DenseNetwork({ widths: [2, 1], parameters: new Float64Array(4) }), RangeError, "`parameters`"],
    [() => net.forward(Matrix.zeros(4, 3)), RangeError, "`x` must have 2 columns"],
    [() => net.vjp(x, Matrix.zeros(3, 1)), RangeError, "`cotangents`"],
    [() => net.vjp(x, () => Matrix.zeros(3, 1)), RangeError, "`cotangents(...)`"],
    [() => net.vjp(x, Matrix.zeros(4, 1), { out: new Float64Array(2) }), RangeError, "`out`"],
    [() => net.vjp(x, Matrix.zeros(4, 1), { out: net.parameters }), RangeError, "`out`"],
    [() => net.jvp(x, {}), TypeError, "`tangent`"],
    [() => net.jvp(x, { inputs: Matrix.zeros(3, 2) }), RangeError, "`tangent.inputs`"],
    [() => net.jvp(x, { parameters: new Float64Array(3) }), RangeError, "`tangent.parameters`"],
    [() => net.vjpOfJvp(x, { inputs: x }, { tangents: x }), RangeError, "`cotangents.tangents`"],
    [() => meanSquaredError(net, Matrix.zeros(0, 2), Matrix.zeros(0, 1)), RangeError, "`x.rows`"],
    [() => meanSquaredError(net, x, x), RangeError, "`y`"],
    [
      () => meanSquaredErrorHessian(net, x, Matrix.zeros(4, 1), new Float64Array(1)),
      RangeError,
      "parameters",
    ],
  ];
  for (const [call, type, message] of cases) assertThrows(call, type, message);
});

Deno.test("sines and cosines in one sweep are those of Math, also far out", () => {
  const rng = new Rng(12);
  const x = Float64Array.from({ length: 20000 }, (_, i) => {
    if (i < 8) return [0, -0, NaN, Infinity, -Infinity, 1e300, -1e9, Math.PI / 4][i];
    const near = Math.PI / 2 * rng.integer(1000) * (1 + 1e-15 * rng.integer(3));
    return i % 3 === 0 ? near : rng.normal() * 10 ** rng.uniform(-8, 8);
  });
  const sin = new Float64Array(x.length);
  const cos = new Float64Array(x.length);
  sinCos(x, x.length, sin, cos);
  for (let i = 0; i < x.length; i++) {
    assertAlmostEquals(sin[i], Math.sin(x[i]), 3e-16, `sin ${x[i]}`);
    assertAlmostEquals(cos[i], Math.cos(x[i]), 3e-16, `cos ${x[i]}`);
  }
  const single = Float32Array.from(x);
  const [sines, cosines] = [new Float32Array(x.length), new Float32Array(x.length)];
  sinCos(single, x.length, sines, cosines);
  for (let i = 0; i < x.length; i++) {
    assertAlmostEquals(sines[i], Math.sin(single[i]), 6e-8, `sin ${single[i]}`);
    assertAlmostEquals(cosines[i], Math.cos(single[i]), 6e-8, `cos ${single[i]}`);
  }
  sinCos(x, x.length, x, cos);
  assertEquals(x, sin);
});
