import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { Matrix, Rng } from "../../lib/arrays/mod.ts";
import { withEngine } from "../../lib/blas/mod.ts";
import { activationJet } from "../../lib/networks/mod.ts";
import { activate } from "../../lib/networks/activation.ts";
import {
  OperatorNetwork,
  relativeL2,
  relativeL2Loss,
  type ResamplingMethod,
  subsample,
  trainOperator,
} from "../../lib/operators/mod.ts";
import { assertClose } from "./close.ts";

interface Case {
  kind: "spectral" | "local";
  n: number;
  method: ResamplingMethod;
  parameters: number[];
  u: number[];
  cotangents: number[];
  outputs: number[];
  gradient: number[];
}

const fixture = JSON.parse(
  Deno.readTextFileSync(new URL("../fixtures/operators/networks.json", import.meta.url)),
);

function network<Precision extends "float64" | "float32">(
  one: Case,
  dtype: Precision,
): OperatorNetwork<Precision> {
  const { width, layers, hidden, modes, taps, trainN } = fixture;
  return new OperatorNetwork({
    kernel: one.kind === "spectral" ? { kind: "spectral", modes } : { kind: "local", taps, trainN },
    width,
    layers,
    hidden,
    dtype,
    parameters: Float64Array.from(one.parameters),
  });
}

for (const engine of ["native", "portable"] as const) {
  Deno.test(`operator networks: outputs and gradients are PyTorch's, ${engine}`, () => {
    withEngine(engine, () => {
      for (const one of fixture.cases as Case[]) {
        const rows = (values: number[]) => new Matrix(3, one.n, Float64Array.from(values));
        const net = network(one, "float64");
        const { method } = one;
        assertClose(net.forward(rows(one.u), { method }).data, one.outputs, 1e-12);
        const { outputs, parameters } = net.vjp(rows(one.u), rows(one.cotangents), { method });
        assertClose(outputs.data, one.outputs, 1e-12);
        assertClose(parameters, one.gradient, 1e-11);
        const single = network(one, "float32").vjp(rows(one.u), rows(one.cotangents), { method });
        assertClose(single.outputs.data, one.outputs, 1e-5);
        assertClose(single.parameters, one.gradient, 1e-4);
      }
    });
  });
}

Deno.test("operator networks: large batches and single functions agree", () => {
  const rng = new Rng(3);
  const net = new OperatorNetwork({
    kernel: { kind: "local", taps: 9, trainN: 512 },
    width: 4,
    dtype: "float64",
    rng,
  });
  const u = rng.normalMatrix(40, 512);
  const all = net.forward(u);
  for (const i of [0, 31, 32, 39]) {
    const one = net.forward(u.slice(i, i + 1));
    assertClose(all.row(i), one.data, 1e-13);
  }
  assertEquals(net.forward(Matrix.zeros(0, 512)).rows, 0);
});

Deno.test("operator networks: neighbours gathered in pieces", () => {
  const rng = new Rng(4);
  const net = new OperatorNetwork({
    kernel: { kind: "local", taps: 9, trainN: 64 },
    layers: 1,
    dtype: "float64",
    rng,
  });
  // 65 taps of 16 channels at 512 points are twice what is held at once.
  const u = rng.normalMatrix(1, 512);
  const whole = net.vjp(u, u, { method: "official" });
  const turned = (by: number) => u.map((_, i, j) => u.get(i, (j + by) % 512)) as Matrix;
  // Shifted by a multiple of the pieces' length or not, a piece never shows; the coordinates do not shift
  // along.
  const silent = new OperatorNetwork({ ...net, parameters: net.parameters });
  silent.parameters.subarray(0, 48).forEach((_, k) => k % 3 !== 0 && (silent.parameters[k] = 0));
  const straight = silent.vjp(u, u, { method: "official" });
  const shifted = silent.vjp(turned(100), turned(100), { method: "official" });
  assertClose(shifted.outputs.data, turnedBy(straight.outputs, 100).data, 1e-12);
  assertClose(shifted.parameters.subarray(64), straight.parameters.subarray(64), 1e-10);
  assert(whole.outputs.data.every(Number.isFinite));
});

function turnedBy(u: Matrix, by: number): Matrix {
  return u.map((_, i, j) => u.get(i, (j + by) % u.columns)) as Matrix;
}

Deno.test("operator networks: numbers of parameters and laws of the start", () => {
  const rng = new Rng(0);
  const cnn = new OperatorNetwork({ kernel: { kind: "local", taps: 9, trainN: 64 }, rng });
  assertEquals(cnn.parameters.length, 8657);
  const fno = new OperatorNetwork({ kernel: { kind: "spectral", modes: 12 }, rng });
  assertEquals(fno.parameters.length, 20177);
  const deviation = (values: Float32Array) =>
    Math.sqrt(values.reduce((sum, x) => sum + x * x, 0) / values.length);
  // After 48 + 16 of the lift: taps with 1 / sqrt(9 * 16), then W with 1 / 4.
  assertAlmostEquals(deviation(cnn.parameters.subarray(64, 64 + 2304)) * 12, 1, 0.06);
  assertAlmostEquals(deviation(cnn.parameters.subarray(64 + 2304, 64 + 2560)) * 4, 1, 0.15);
  assertEquals(deviation(cnn.parameters.subarray(64 + 2560, 64 + 2576)), 0);
  assertAlmostEquals(deviation(fno.parameters.subarray(64, 64 + 6144)) * 16, 1, 0.04);
  assertEquals(new OperatorNetwork({ kernel: fno.kernel, rng: new Rng(0) }).parameters, fno.parameters);
});

Deno.test("operator networks: derivatives by taps and by complex modes are finite differences", () => {
  const rng = new Rng(5);
  for (const [kind, n] of [["hat", 32], ["hat", 8], ["spectral", 16]] as const) {
    const net = new OperatorNetwork({
      kernel: kind === "spectral" ? { kind, modes: 4 } : { kind: "local", taps: 5, trainN: 16 },
      width: 3,
      layers: 2,
      hidden: 4,
      dtype: "float64",
      rng: rng.split(kind),
    });
    const u = rng.split(n).normalMatrix(2, n);
    const target = rng.split("target").normalMatrix(2, n);
    const { gradient } = relativeL2Loss(net, u, target);
    const kernelSize = kind === "spectral" ? 72 : 45;
    for (let k = 12; k < 12 + kernelSize; k += 4) {
      const at = net.parameters[k];
      const lossAt = (value: number) => {
        net.parameters[k] = value;
        const { loss } = relativeL2Loss(net, u, target);
        net.parameters[k] = at;
        return loss;
      };
      // The imaginary part of mode 0 has no effect: 0 on both sides.
      const difference = (lossAt(at + 1e-5) - lossAt(at - 1e-5)) / 2e-5;
      assertAlmostEquals(gradient[k], difference, 1e-6 * Math.abs(difference) + 1e-10);
    }
  }
});

Deno.test("operator networks: layers without neighbours commute with subsampling, bit for bit", () => {
  const rng = new Rng(6);
  const net = new OperatorNetwork({ kernel: { kind: "local", taps: 1, trainN: 16 }, rng });
  const u = rng.normalMatrix(2, 64);
  const fine = net.forward(u, { method: "naive" });
  withEngine("portable", () => {
    const [first, second] = [
      net.forward(u, { method: "naive" }),
      net.forward(subsample(u, 16), { method: "naive" }),
    ];
    assertEquals(subsample(first, 16).data, second.data);
  });
  assertClose(subsample(fine, 16).data, net.forward(subsample(u, 16), { method: "naive" }).data, 1e-5);
});

Deno.test("operator networks: gelu of singles is that of the table of activations", () => {
  const z = Float32Array.from({ length: 4001 }, (_, i) => (i - 2000) / 200);
  z.set([0, -0, 7.99, -7.99, 8, -8, Infinity, -Infinity, NaN, 1e-30], 0);
  const [y, slope, jet] = [z.slice(), new Float32Array(z.length), new Float64Array(3)];
  activate("gelu", y, z.length, slope);
  for (let i = 0; i < z.length; i++) {
    if (!Number.isFinite(z[i])) continue;
    activationJet("gelu")(z[i], jet);
    assertAlmostEquals(y[i], jet[0], 1e-7 * Math.abs(jet[0]) + 1e-8);
    assertAlmostEquals(slope[i], jet[1], 1e-7 * Math.abs(jet[1]) + 1e-8);
  }
  assertEquals([y[6], y[7], y[8], slope[6], slope[7], slope[8]], [Infinity, 0, NaN, 1, 0, NaN]);
});

Deno.test("training: several grids, loss and shuffling", () => {
  const rng = new Rng(7);
  const u = rng.split("u").normalMatrix(6, 32);
  const sizes: number[] = [];
  const net = new OperatorNetwork({
    kernel: { kind: "local", taps: 3, trainN: 16 },
    width: 4,
    layers: 1,
    rng,
  });
  const options = { sizes: [8, 16, 32], steps: 30, batch: 4, rng };
  const { losses } = trainOperator(net, u, u, { ...options, onStep: ({ step }) => sizes.push(step) });
  assertEquals(sizes, Array.from({ length: 30 }, (_, k) => k));
  assert(losses[29] < losses[0]);
  const again = new OperatorNetwork({ kernel: net.kernel, width: 4, layers: 1, rng: new Rng(7) });
  assertEquals(trainOperator(again, u, u, options).losses, losses);
  const { loss } = relativeL2Loss(net, u, u);
  assertAlmostEquals(loss, relativeL2(net.forward(u), u).reduce((a, b) => a + b) / 6, 1e-6);
});

Deno.test("operator networks: bad input", () => {
  const rng = new Rng(0);
  const kernel = { kind: "local", taps: 3, trainN: 16 } as const;
  const net = new OperatorNetwork({ kernel, width: 2, layers: 1, hidden: 2, rng });
  const bad = (options: object) => new OperatorNetwork({ kernel, rng, ...options } as never);
  assertThrows(() => bad({ kernel: { ...kernel, taps: 4 } }), RangeError, "kernel size must be odd");
  assertThrows(() => bad({ kernel: { kind: "local", taps: 3, trainN: 16, modes: 2 } }), TypeError, "modes");
  assertThrows(() => bad({ kernel: { kind: "pointwise" } }), TypeError, "`kernel.kind`");
  assertThrows(() => bad({ kernel: 3 }), TypeError, "`kernel`");
  assertThrows(() => bad({ width: 0 }), RangeError, "`width`");
  assertThrows(() => bad({ dtype: "int32" }), TypeError, "`dtype`");
  assertThrows(() => bad({ parameters: new Float64Array(3) }), RangeError, "`parameters`");
  assertThrows(() => new OperatorNetwork({ kernel } as never), TypeError, "`rng`");
  assertThrows(() => net.forward(Matrix.zeros(1, 24)), RangeError, "n = 24 and trainN = 16");
  assertThrows(() => net.forward(Matrix.from(1, 16, () => NaN)), RangeError, "`u`");
  assertThrows(() => net.forward(Matrix.zeros(1, 16), { method: "linear" as never }), TypeError, "`method`");
  assertThrows(() => net.vjp(Matrix.zeros(1, 16), Matrix.zeros(1, 8)), RangeError, "`cotangents`");
  assertThrows(() => net.vjp(Matrix.zeros(1, 16), () => Matrix.zeros(1, 8)), RangeError, "`cotangents(...)`");
  assertThrows(
    () => net.vjp(Matrix.zeros(1, 16), Matrix.zeros(1, 16), { out: new Float32Array(2) }),
    RangeError,
    "`out`",
  );
  const u = Matrix.from(4, 16, (i, j) => i + j + 1);
  const train = (options: object) => () =>
    trainOperator(net, u, u, { sizes: [16], rng, batch: 2, ...options });
  assertThrows(train({ sizes: [12] }), RangeError, "`n` must divide the 16 columns");
  assertThrows(train({ sizes: [] }), RangeError, "`sizes.length`");
  assertThrows(train({ batch: 5 }), RangeError, "`batch`");
  assertThrows(train({ learningRate: NaN }), RangeError, "`learningRate`");
  assertThrows(train({ rng: 1 }), TypeError, "`rng`");
  assertThrows(() => relativeL2Loss(net, u, Matrix.zeros(4, 8)), RangeError, "`target`");
  assertThrows(() => subsample(u, 5), RangeError, "`n` must divide");
});
