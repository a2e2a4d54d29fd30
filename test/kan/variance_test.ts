/** Gauss-Hermite rules, gains, costs, splines and networks. */
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { Matrix, Rng } from "../../lib/arrays/mod.ts";
import {
  bsplineBasis,
  BSplineKan,
  bsplineSlopes,
  fixedActivation,
  gaussianSecondMoment,
  GroupRationalNetwork,
  kanLayerCost,
  rationalPreset,
  rationalValue,
  variancePreservingGain,
  visionTransformerParameters,
} from "../../lib/kan/mod.ts";
import { gaussHermite } from "../../lib/numerics/mod.ts";

const { splines } = JSON.parse(
  Deno.readTextFileSync(new URL("../fixtures/kan/kan.json", import.meta.url)),
) as { splines: { intervals: number; order: number; x: number[]; basis: number[][]; slopes: number[][] }[] };

Deno.test("gains: closed forms and quadrature of 30 digits", () => {
  const gain = (name: "gelu" | "silu" | "relu" | "identity") => variancePreservingGain(fixedActivation(name));
  assertAlmostEquals(gain("gelu"), 1 / (1 / 3 + 1 / (2 * Math.sqrt(3) * Math.PI)), 1e-11);
  assertAlmostEquals(gain("gelu"), 2.351715614073, 1e-11);
  assertAlmostEquals(gain("silu"), 2.810761124074, 1e-11);
  assertAlmostEquals(gaussianSecondMoment(fixedActivation("silu")), 0.355775519817, 1e-11);
  assertAlmostEquals(gain("relu"), 2, 1e-12);
  assertAlmostEquals(gain("identity"), 1, 1e-13);
  const swish = rationalPreset("swish");
  assertAlmostEquals(variancePreservingGain((x) => rationalValue(x, swish)), 2.810646932, 1e-8);
  assertAlmostEquals(gaussianSecondMoment((x) => x, { sigma: 3 }), 9, 1e-12);
  assertThrows(() => variancePreservingGain(() => 0), RangeError, "`f` must have a positive");
  assertThrows(() => gaussianSecondMoment(Math.tanh, { sigma: -1 }), RangeError, "`sigma`");
  assertThrows(() => gaussianSecondMoment(Math.tanh, { nodes: 301 }), RangeError, "`nodes`");
});

Deno.test("kolmogorov-arnold-transformer, criterion 4: second moments against a fine grid", () => {
  // The trapezoidal rule of an analytic function that decays is exact to rounding.
  const direct = (f: (x: number) => number) => {
    let sum = 0;
    for (let i = -4000; i <= 4000; i++) sum += f(i / 200) ** 2 * Math.exp(-((i / 200) ** 2) / 2);
    return sum / 200 / Math.sqrt(2 * Math.PI);
  };
  for (const name of ["gelu", "silu", "tanh"] as const) {
    const f = fixedActivation(name);
    assertAlmostEquals(gaussianSecondMoment(f), direct(f), 1e-11, name);
  }
  const swish = rationalPreset("swish");
  const f = (x: number) => rationalValue(x, swish);
  assertAlmostEquals(gaussianSecondMoment(f), direct(f), 1e-9);
});

Deno.test("cost: the formulas, and the official count of parameters", () => {
  assertEquals(kanLayerCost("kan", 1, 1).flops, 204);
  assertEquals(kanLayerCost("kan", 1, 1, { intervals: 5 }).flops, 262);
  assertEquals(kanLayerCost("gr-kan", 192, 768).flops, 298_944);
  assertEquals(kanLayerCost("mlp", 192, 768).flops, 294_912);
  assertEquals(kanLayerCost("kan", 192, 768).flops, 30_081_024);
  assertEquals(kanLayerCost("gr-kan", 192, 768).parameters - kanLayerCost("mlp", 192, 768).parameters, 38);
  assertEquals(kanLayerCost("kan", 3, 2, { intervals: 5, order: 3 }).parameters, 6 * 11 + 2);
  assertEquals(visionTransformerParameters({ width: 192, channelMixer: "mlp" }), 5_717_416);
  assertEquals(visionTransformerParameters({ width: 192, channelMixer: "gr-kan" }), 5_718_328);
  assertThrows(() => kanLayerCost("dense" as never, 1, 1), TypeError, '"mlp", "kan" or "gr-kan"');
  assertThrows(
    () => visionTransformerParameters({ width: 192, channelMixer: "mlp", patchSize: 15 }),
    RangeError,
    "`imageSize` must be a multiple of `patchSize` 15, got 224",
  );
});

Deno.test("B-splines: as SciPy has them, with their slopes", () => {
  for (const { intervals, order, x, basis, slopes } of splines) {
    const options = { intervals, order };
    const found = [bsplineBasis(x, options), bsplineSlopes(x, options)];
    found.forEach((matrix, which) => {
      matrix.toRows().forEach((row, i) =>
        row.forEach((value, k) =>
          assertAlmostEquals(value, [basis, slopes][which][i][k], 1e-13 * intervals ** which)
        )
      );
    });
  }
});

Deno.test("B-splines: they add up to one inside, K + 1 of them are not zero, and none far outside", () => {
  const rng = new Rng(1);
  for (const [intervals, order] of [[5, 3], [3, 3], [8, 1], [2, 6]]) {
    const h = 2 / intervals;
    const inside = Float64Array.from({ length: 50 }, () => rng.uniform(-1, 1));
    for (const row of bsplineBasis(inside, { intervals, order }).toRows()) {
      assertAlmostEquals(row.reduce((a, b) => a + b), 1, 1e-14);
      assertEquals(row.filter((value) => value > 0).length, order + 1);
    }
    const outside = [-1 - order * h - 1e-9, 1 + order * h, 50, -Infinity, Infinity];
    assert(bsplineBasis(outside, { intervals, order }).data.every((value) => value === 0));
    assert(bsplineSlopes(outside, { intervals, order }).data.every((value) => value === 0));
    assert(bsplineBasis([NaN], { intervals, order }).data.every(Number.isNaN));
  }
  assertThrows(() => bsplineBasis([0], { order: 0 }), RangeError, "`order`");
  assertThrows(() => bsplineBasis("0" as never), TypeError, "`x`");
});

Deno.test("B-spline layer: the sum over edges, written out", () => {
  const layer = new BSplineKan({ inputs: 3, outputs: 2, intervals: 4, order: 2, rng: new Rng(0) });
  const x = new Rng(1).normalMatrix(5, 3, 0.5);
  const y = layer.forward(x);
  const silu = fixedActivation("silu");
  for (let r = 0; r < 5; r++) {
    for (let o = 0; o < 2; o++) {
      let sum = 0;
      for (let i = 0; i < 3; i++) {
        const basis = bsplineBasis([x.get(r, i)], { intervals: 4, order: 2 });
        sum += layer.base.get(i, o) * silu(x.get(r, i));
        for (let k = 0; k < 6; k++) sum += basis.get(0, k) * layer.splines.get(6 * i + k, o);
      }
      assertAlmostEquals(y.get(r, o), sum, 1e-13);
    }
  }
  assertThrows(() => layer.forward(Matrix.zeros(2, 4)), RangeError, "`x` must have 3 columns");
});

Deno.test("network: parameters, equal draws, and every gradient against differences", () => {
  const rng = () => new Rng(4);
  const learned = [rationalPreset("swish", { groups: 2 }), rationalPreset("gelu", { groups: 4 })];
  const widths = [4, 8, 3];
  const net = new GroupRationalNetwork({ widths, activations: learned, rng: rng() });
  const fixed = new GroupRationalNetwork({ widths, activations: ["silu", "silu"], rng: rng() });
  assertEquals(fixed.parameterCount, 4 * 8 + 8 + 8 * 3 + 3);
  assertEquals(net.parameterCount - fixed.parameterCount, 2 * 6 + 4 * (2 + 4));
  const ratio = net.kernels[1].data[0] / fixed.kernels[1].data[0];
  net.kernels[1].data.forEach((w, i) => assertAlmostEquals(w / fixed.kernels[1].data[i], ratio, 1e-12));
  // The network has coefficients of its own.
  (net.activations[0] as typeof learned[0]).numerator[2] = 0.3;
  assert(learned[0].numerator[2] !== 0.3);
  const x = new Rng(5).normalMatrix(6, 4);
  const weight = new Rng(6).normalMatrix(6, 3);
  for (const network of [net, fixed]) {
    const loss = () => network.forward(x).data.reduce((sum, y, i) => sum + y * weight.data[i], 0);
    const gradients = network.gradients(x, () => weight);
    assertEquals(gradients.length, network.parameters.length);
    network.parameters.forEach(({ weights, name }, p) => {
      for (let i = 0; i < weights.data.length; i += 3) {
        const kept = weights.data[i];
        const at = (value: number) => {
          weights.data[i] = value;
          const found = loss();
          weights.data[i] = kept;
          return found;
        };
        const slope = (at(kept + 1e-5) - at(kept - 1e-5)) / 2e-5;
        assertAlmostEquals(gradients[p].data[i], slope, 1e-6 * Math.max(1, Math.abs(slope)), name);
      }
    });
  }
});

Deno.test("network: what does not fit is refused", () => {
  const rng = new Rng(0);
  const make = (options: object) => () =>
    new GroupRationalNetwork({ widths: [4, 6, 1], activations: ["identity", "silu"], rng, ...options });
  assertThrows(make({ activations: ["identity"] }), RangeError, "`activations` must have length 2, got 1");
  assertThrows(
    make({ activations: ["identity", rationalPreset("swish", { groups: 4 })] }),
    RangeError,
    "multiple of the number of groups 4, got 6",
  );
  assertThrows(make({ activations: ["identity", "swish"] }), TypeError, "`activations[1]` must be");
  assertThrows(make({ init: "he" }), TypeError, '"variance-preserving" or "lecun"');
  assertThrows(make({ init: -1 }), RangeError, "`init`");
  assertThrows(make({ seed: 1 }), TypeError, 'no option "seed"');
  assertThrows(() => make({})().forward(Matrix.zeros(2, 3)), RangeError, "`x` must have 4 columns");
  assertThrows(
    () => make({})().gradients(Matrix.zeros(2, 4), () => Matrix.zeros(1, 1)),
    RangeError,
    "`upstream(outputs)`",
  );
});

Deno.test("Gauss-Hermite: as NumPy has it, and the moments of the normal distribution", () => {
  const { hermite } = JSON.parse(
    Deno.readTextFileSync(new URL("../fixtures/kan/kan.json", import.meta.url)),
  ) as { hermite: { n: number; nodes: number[]; weights: number[] }[] };
  for (const { n, nodes, weights } of hermite) {
    const rule = gaussHermite(n);
    nodes.forEach((node, i) => assertAlmostEquals(rule.nodes[i], node, 1e-12 * Math.max(1, Math.abs(node))));
    weights.forEach((weight, i) => assertAlmostEquals(rule.weights[i], weight, 1e-11 * weight + 1e-15));
  }
  for (const n of [4, 33, 300]) {
    const { nodes, weights } = gaussHermite(n);
    let expected = 1;
    for (let power = 2; power < Math.min(2 * n, 12); power += 2) {
      expected *= power - 1;
      const moment = nodes.reduce((sum, x, i) => sum + weights[i] * x ** power, 0);
      assertAlmostEquals(moment / expected, 1, 1e-11);
    }
  }
  assertThrows(() => gaussHermite(301), RangeError, "`n`");
});
