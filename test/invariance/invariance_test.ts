/**
 * refigure/invariance: closed forms of the two-sign model, gradients by differences, discovery and synthesis.
 */
import { assert, assertAlmostEquals, assertEquals, assertLess, assertThrows } from "@std/assert";
import { Matrix, Rng } from "../../lib/arrays/mod.ts";
import {
  binaryAccuracy,
  coloredImages,
  type Environment,
  fitGroupDro,
  fitInvariant,
  invarianceObjective,
  type InvariancePenalty,
  logisticLoss,
  richFeatures,
  TwoSignModel,
} from "../../lib/invariance/mod.ts";
import { withNetworkPasses } from "../../lib/invariance/network_pass.ts";
import { DenseNetwork } from "../../lib/networks/mod.ts";
import { nelderMead } from "../../lib/statistics/mod.ts";
import { withoutKernels } from "../../lib/wasm/module.ts";

const model = new TwoSignModel();
const ln3 = Math.log(3);
const entropy = (p: number) => -p * Math.log(p) - (1 - p) * Math.log(1 - p);

/** The smallest value near a start. */
function minimizer(penalty: InvariancePenalty, weight: number, start: number[]): number[] {
  const f = ([a, b]: readonly number[]) => model.objective(a, b, { penalty, weight }).loss;
  let at = start;
  // Each restart has a fresh simplex, of 5 % of the coordinates.
  for (let restart = 0; restart < 5; restart++) {
    at = nelderMead(f, at, { tolerance: 1e-12, valueTolerance: 1e-17, maxEvaluations: 2000 }).point;
  }
  return at;
}

Deno.test("two signs: the pooled minimizer is Bayes' rule, decides by the color, and has these risks", () => {
  const [a, b] = model.pooledMinimizer();
  assertAlmostEquals(a, 1.0986122887, 1e-10);
  assertAlmostEquals(b, 1.7346010554, 1e-10);
  const risks = [0.1, 0.2, 0.15, 0.9].map((flip) => model.risk(a, b, flip));
  [0.2860053390, 0.4229210691, 0.3544632040, 1.3813311799].forEach((risk, i) =>
    assertAlmostEquals(risks[i], risk, 1e-9)
  );
  const colorOnly = [0.1, 0.2, 0.9].map((flip) => model.risk(0, b, flip));
  [0.3359790350, 0.5094391406, 1.7236598793].forEach((risk, i) =>
    assertAlmostEquals(colorOnly[i], risk, 1e-9)
  );
  for (const by of model.objective(a, b, { penalty: "none", weight: 0 }).gradient) {
    assertAlmostEquals(by, 0, 1e-14);
  }
});

Deno.test("two signs: the invariant predictor has equal risks H(0.25) and no penalty; ERM's", () => {
  for (const flip of [0.1, 0.2, 0.5, 0.9]) assertAlmostEquals(model.risk(ln3, 0, flip), entropy(0.25), 1e-14);
  assertAlmostEquals(entropy(0.25), 0.5623351446, 1e-10);
  for (const penalty of ["irmv1", "vrex"] as const) {
    assertAlmostEquals(model.objective(ln3, 0, { penalty, weight: 1 }).penalty, 0, 1e-28);
  }
  const [a, b] = model.pooledMinimizer();
  const [first, second] = model.slopes(a, b);
  assertAlmostEquals(first, -0.0576960152, 1e-9);
  assertAlmostEquals(second, 0.0576960152, 1e-9);
  assertAlmostEquals(model.objective(a, b, { penalty: "irmv1", weight: 1 }).penalty, 0.0033288302, 1e-9);
  assertAlmostEquals(model.objective(a, b, { penalty: "vrex", weight: 1 }).penalty, 0.0093729586, 1e-9);
});

Deno.test("two signs: the inverse task, where the image is the better feature", () => {
  const [a, b] = new TwoSignModel({ labelNoise: 0.1, colorFlips: [0.2, 0.25] }).pooledMinimizer();
  assertAlmostEquals(a, 2.1972245773, 1e-10);
  assertAlmostEquals(b, 1.2367626271, 1e-10);
  assertAlmostEquals(entropy(0.1), 0.3250829734, 1e-10);
});

Deno.test("two signs: minimizers of vREx and IRMv1 at four weights", () => {
  for (const [weight, b] of [[1e2, 0.5635896], [1e3, 0.0874904], [1e4, 0.0092715], [1e5, 0.00093271]]) {
    const found = minimizer("vrex", weight, [ln3, b * 1.1]);
    assertAlmostEquals(found[0], ln3, 1e-5);
    assertAlmostEquals(found[1], b, 1e-5);
  }
  for (
    const [weight, a, b] of [
      [1e2, 1.4499496, 1.1073027],
      [1e3, 1.2849988, 0.2984183],
      [1e4, 1.1290621, 0.0349685],
      [1e5, 1.1018665, 0.0035429],
    ]
  ) {
    const found = minimizer("irmv1", weight, [a * 1.01, b * 1.1]);
    assertAlmostEquals(found[0], a, 1e-5);
    assertAlmostEquals(found[1], b, 1e-5);
  }
});

Deno.test("two signs: IRMv1 has a trap near the origin at weights 1000 and 400, none at 300", () => {
  const descend = (weight: number) =>
    model.descend([0, 0], { penalty: "irmv1", weight, steps: 60_000, stepSize: 3 });
  const [a, b] = descend(1000);
  assertAlmostEquals(a, 0.0047940, 1e-5);
  assertAlmostEquals(b, -0.0005386, 1e-5);
  assertAlmostEquals(1000 * model.objective(a, b, { penalty: "irmv1", weight: 1000 }).loss, 1.3852897, 1e-6);
  const weaker = descend(400);
  assertAlmostEquals(weaker[0], 0.0190945, 1e-4);
  assertAlmostEquals(weaker[1], -0.0061415, 1e-4);
  const free = descend(300);
  assertAlmostEquals(free[0], 1.40415, 1e-4);
  assertAlmostEquals(free[1], 0.68012, 1e-4);
});

Deno.test("two signs: gradients are those of differences, for every penalty", () => {
  for (const penalty of ["irmv1", "vrex", "sd", "none"] as const) {
    const at = (a: number, b: number) => model.objective(a, b, { penalty, weight: 30 }).loss;
    const { gradient } = model.objective(0.7, 1.3, { penalty, weight: 30 });
    assertAlmostEquals(gradient[0], (at(0.7 + 1e-5, 1.3) - at(0.7 - 1e-5, 1.3)) / 2e-5, 1e-9);
    assertAlmostEquals(gradient[1], (at(0.7, 1.3 + 1e-5) - at(0.7, 1.3 - 1e-5)) / 2e-5, 1e-9);
  }
});

/**
 * A sample in which every combination of signs has its share: 40 by 40 parts of a model with round numbers.
 */
function exactSample(a: number, b: number, flip: number): { logits: number[]; labels: Uint8Array } {
  const logits: number[] = [];
  for (const [u, parts] of [[1, 30], [-1, 10]]) {
    for (const [v, share] of [[1, 1 - flip], [-1, flip]]) {
      for (let i = 0; i < Math.round(parts * share * 40); i++) logits.push(a * u + b * v);
    }
  }
  return { logits, labels: new Uint8Array(logits.length).fill(1) };
}

Deno.test("objective: on a sample with the model's frequencies it is the model's, for every penalty", () => {
  const parts = [0.1, 0.2].map((flip) => exactSample(0.7, 1.3, flip));
  for (const penalty of ["irmv1", "vrex", "sd", "none"] as const) {
    for (const weight of [0, 0.5, 100]) {
      const of = invarianceObjective(parts.map((p) => p.logits), parts.map((p) => p.labels), {
        penalty,
        weight,
      });
      const exact = model.objective(0.7, 1.3, { penalty, weight });
      assertAlmostEquals(of.loss, exact.loss, 1e-12);
      assertAlmostEquals(of.penalty, exact.penalty, 1e-12);
    }
  }
});

Deno.test("objective: gradients are those of differences; IRMv1's derivative, too", () => {
  const rng = new Rng(4);
  const logits = [rng.normals(7, 2), rng.normals(4, 2), rng.normals(5)];
  const labels = logits.map((z) => Uint8Array.from(z, () => rng.integer(2)));
  for (const penalty of ["irmv1", "vrex", "sd", "none"] as const) {
    const options = { penalty, weight: 7 };
    const { gradients } = invarianceObjective(logits, labels, options);
    for (const [e, i] of [[0, 3], [1, 0], [2, 4]]) {
      const at = (h: number) => {
        const moved = logits.map((z) => z.slice());
        moved[e][i] += h;
        return invarianceObjective(moved, labels, options).loss;
      };
      assertAlmostEquals(gradients[e][i], (at(1e-5) - at(-1e-5)) / 2e-5, 1e-9);
    }
  }
  const slopes = logits.map((z, e) => {
    const at = (s: number) => logisticLoss(z.map((value) => s * value), labels[e]).loss;
    return (at(1 + 1e-5) - at(1 - 1e-5)) / 2e-5;
  });
  const { penalty } = invarianceObjective(logits, labels, { penalty: "irmv1", weight: 1 });
  assertAlmostEquals(penalty, slopes.reduce((sum, s) => sum + s * s, 0) / 3, 1e-7 * penalty);
});

/** Images of one pixel, +1 or -1, in colors. */
function signs(
  n: number,
  colorFlip: number,
  rng: Rng,
  labelNoise = 0.25,
): Environment & { colors: Uint8Array } {
  const shown = Uint8Array.from({ length: n }, () => rng.integer(2));
  const images = Matrix.from(n, 1, (i) => 2 * shown[i] - 1);
  return coloredImages(images, shown, { labelNoise, colorFlip, rng });
}

const network = (seed: number, widths = [2, 16, 16, 1]) =>
  new DenseNetwork({ widths, activation: "relu", init: "glorot", dtype: "float32", rng: new Rng(seed) });

Deno.test("colored images: noise and flips have their frequencies, one color channel is empty", () => {
  const n = 20_000;
  const shown = Uint8Array.from({ length: n }, (_, i) => i % 2);
  const images = Matrix.from(n, 2, () => 0.5);
  const { inputs, labels, colors } = coloredImages(images, shown, { colorFlip: 0.1, rng: new Rng(3) });
  const share = (differs: (i: number) => boolean) => shown.filter((_, i) => differs(i)).length / n;
  assertAlmostEquals(share((i) => labels[i] !== shown[i]), 0.25, 0.012);
  assertAlmostEquals(share((i) => colors[i] !== labels[i]), 0.1, 0.009);
  for (let i = 0; i < 50; i++) {
    assertEquals([...inputs.row(i)], colors[i] === 0 ? [0.5, 0.5, 0, 0] : [0, 0, 0.5, 0.5]);
  }
});

Deno.test("group DRO: the worst group's loss is the maximum to the bit; same seed, same losses", () => {
  const groups = [signs(200, 0.1, new Rng(1)), signs(100, 0.9, new Rng(2))];
  const seen: number[] = [];
  const options = { steps: 20, learningRate: 0.01 };
  const losses = fitGroupDro(network(0), groups, {
    ...options,
    onStep: (step) => {
      assertEquals(step.losses[step.worst], Math.max(...step.losses));
      seen.push(step.losses[step.worst]);
    },
  });
  assertEquals([...losses], seen);
  assertEquals(fitGroupDro(network(0), groups, options), losses);
});

Deno.test("group DRO on what the color has right and wrong finds the invariant predictor", () => {
  const data = signs(4000, 0.15, new Rng(5));
  const rows = data.inputs.toRows();
  const parts = [true, false].map((isRight) => {
    const members = [...data.labels.keys()].filter((i) => (data.labels[i] === data.colors[i]) === isRight);
    return {
      inputs: Matrix.fromRows(members.map((i) => rows[i])),
      labels: Uint8Array.from(members, (i) => data.labels[i]),
    };
  });
  const losses = fitGroupDro(network(3), parts, { steps: 300, learningRate: 0.01, l2: 0 });
  assertAlmostEquals(losses[299], entropy(0.25), 0.03);
});

Deno.test("rich features: round 1 is the color, round 2 is not; the heads repeat the rounds", () => {
  const data = signs(3000, 0.15, new Rng(6));
  const options = { hidden: 16, steps: { erm: 100, dro: 300, synthesis: 300 }, learningRate: 0.01 };
  const { network: start, synthesis, rounds } = richFeatures(data, { ...options, rng: new Rng(0) });
  const agreement = (predictions: Uint8Array) =>
    predictions.filter((p, i) => p === data.colors[i]).length / predictions.length;
  assertEquals(agreement(rounds[0].predictions), 1);
  // The rule of the image alone: (1 - eta) (1 - e) + eta e is 0.675.
  assertAlmostEquals(agreement(rounds[1].predictions), 0.675, 0.05);
  const logits = synthesis.forward(data.inputs);
  for (const k of [0, 1]) {
    const matches = rounds[k].predictions.filter((p, i) => (logits.get(i, k) > 0 ? 1 : 0) === p).length;
    assertLess(0.97, matches / 3000);
  }
  const mean = start.forward(data.inputs);
  for (const i of [0, 7, 99]) {
    assertAlmostEquals(mean.get(i, 0), (logits.get(i, 0) + logits.get(i, 1)) / 2, 1e-5);
  }
  const again = richFeatures(data, { ...options, rng: new Rng(0) });
  assertEquals(again.network.parameters, start.parameters);

  // From rich features vREx, on the head alone, finds the image.
  const environments = [signs(1500, 0.1, new Rng(7)), signs(1500, 0.2, new Rng(8))];
  const test = signs(2000, 0.9, new Rng(9));
  const before = start.parameters.slice();
  fitInvariant(start, environments, {
    penalty: "vrex",
    weight: 1e4,
    steps: 400,
    learningRate: 0.01,
    frozen: true,
  });
  assertLess(0.7, binaryAccuracy(start.forward(test.inputs).data, test.labels));
  const head = start.parameters.length - 17;
  assertEquals(start.parameters.slice(0, head), before.slice(0, head));
});

Deno.test("fit: annealing takes weight 1 first; without a penalty the descent follows the color", () => {
  const environments = [signs(500, 0.1, new Rng(1)), signs(500, 0.2, new Rng(2))];
  const options = { steps: 40, learningRate: 0.01 };
  const annealed = network(0);
  const plain = network(0);
  const first = fitInvariant(annealed, environments, {
    ...options,
    penalty: "irmv1",
    weight: 1e4,
    anneal: 40,
  });
  assertEquals(first, fitInvariant(plain, environments, { ...options, penalty: "irmv1", weight: 1 }));
  assertEquals(annealed.parameters, plain.parameters);
  const erm = network(0);
  fitInvariant(erm, environments, { ...options, steps: 150, penalty: "none", weight: 0 });
  const test = signs(1000, 0.9, new Rng(3));
  assertAlmostEquals(binaryAccuracy(erm.forward(test.inputs).data, test.labels), 0.1, 0.04);
});

Deno.test("fit: Adam's first step moves each parameter by the learning rate against its gradient", () => {
  const environments = [signs(50, 0.1, new Rng(1)), signs(50, 0.2, new Rng(2))];
  const net = network(2, [2, 1]);
  const before = net.parameters.slice();
  const objective = (parameters: Float32Array) => {
    const at = new DenseNetwork({ widths: [2, 1], parameters, dtype: "float64" });
    const logits = environments.map(({ inputs }) => at.forward(inputs).data);
    const { loss } = invarianceObjective(logits, environments.map((e) => e.labels), {
      penalty: "vrex",
      weight: 5,
    });
    return loss + 0.01 / 5 * parameters.reduce((sum, p) => sum + p * p, 0);
  };
  const options = { penalty: "vrex" as const, weight: 5, steps: 1, learningRate: 0.125, l2: 0.01 };
  fitInvariant(net, environments, options);
  for (let k = 0; k < before.length; k++) {
    const at = (h: number) => objective(before.map((p, j) => j === k ? p + h : p));
    const slope = at(0.01) - at(-0.01);
    assertAlmostEquals(net.parameters[k] - before[k], -0.125 * Math.sign(slope), 1e-5);
  }
});

Deno.test("invariance: degenerate and wrong arguments", () => {
  const perfect = signs(300, 0, new Rng(1), 0);
  const steps = { erm: 100, dro: 1, synthesis: 1 };
  const options = { hidden: 4, steps, learningRate: 0.05, rng: new Rng(0) };
  assertThrows(
    () => richFeatures(perfect, options),
    Error,
    "discovery cannot continue: round 1 fits all examples",
  );
  assertEquals(richFeatures(perfect, { ...options, rounds: 1 }).synthesis.widths, [2, 4, 4, 1]);
  assertThrows(() => richFeatures(perfect, { ...options, rounds: 0 }), RangeError, "`rounds`");
  const data = signs(10, 0.1, new Rng(2));
  const wrong = { inputs: data.inputs, labels: Uint8Array.from(data.labels, () => 2) };
  assertThrows(() => richFeatures(wrong, options), RangeError, "`data.labels[0]` must be 0 or 1, got 2");
  for (const penalty of ["irmv1", "vrex"] as const) {
    const fit = { penalty, weight: 1, steps: 1 };
    assertThrows(() => fitInvariant(network(0), [data], fit), RangeError, "`environments.length`");
    assertThrows(
      () => invarianceObjective([[0]], [Uint8Array.of(1)], { penalty, weight: 1 }),
      RangeError,
      "`logits.length`",
    );
    assertThrows(
      () => fitInvariant(network(0), [data, data], { ...fit, weight: -1 }),
      RangeError,
      "`weight` must be a finite number >= 0, got -1",
    );
  }
  assertThrows(
    () => fitInvariant(network(0, [3, 1]), [data, data], { penalty: "none", weight: 0, steps: 1 }),
    RangeError,
  );
  assertThrows(() => fitGroupDro(network(0, [2, 2]), [data], { steps: 1 }), RangeError, "one output");
  assertThrows(
    () => invarianceObjective([[0]], [Uint8Array.of(1)], { penalty: "iga" as never, weight: 1 }),
    TypeError,
    '`penalty` must be "irmv1", "vrex", "sd" or "none"',
  );
  assert(Number.isNaN(logisticLoss([NaN], Uint8Array.of(0)).loss));
});

Deno.test("a pass by colors has the outputs and gradients of the network, for any number of layers", () => {
  const rng = new Rng(12);
  const images = Matrix.from(700, 5, () => rng.uniform(0.1, 1));
  const colored = coloredImages(images, Uint8Array.from({ length: 700 }, () => rng.integer(2)), {
    colorFlip: 0.3,
    rng,
  }).inputs;
  const plain = rng.normalMatrix(700, 10).astype("float32");
  const mixed = Matrix.from(700, 10, (i, j) => i === 650 ? 1 : colored.get(i, j)).astype("float32");
  for (const inputs of [colored, plain, mixed]) {
    for (const widths of [[10, 7, 6, 1], [10, 9, 2], [10, 1]]) {
      const network = new DenseNetwork({ widths, activation: "relu", dtype: "float32", rng });
      const columns = widths[widths.length - 1];
      const expected = network.forward(inputs).data;
      const cotangents = rng.normalMatrix(700, columns);
      const { parameters } = network.vjp(inputs, cotangents.astype("float32"));
      const all = () =>
        withNetworkPasses(network, [inputs, plain], ([pass, other]) => {
          pass.outputs();
          const outputs = pass.outputs();
          other.outputs();
          const total = new Float32Array(parameters.length).fill(2);
          pass.addGradient(cotangents.data, total);
          return { outputs, total };
        });
      const { outputs, total } = all();
      for (let k = 0; k < expected.length; k++) assertAlmostEquals(outputs[k], expected[k], 1e-5);
      for (let k = 0; k < total.length; k++) assertAlmostEquals(total[k] - 2, parameters[k], 1e-3);
      assertEquals(withoutKernels(all), { outputs, total });
    }
  }
  // A parameter that is not a number is seen in what depends on it, whatever its sign bit.
  for (const bits of [0x7fc00000, 0xffc00000]) {
    const network = new DenseNetwork({ widths: [10, 7, 1], activation: "relu", dtype: "float32", rng });
    new Uint32Array(network.parameters.buffer)[3] = bits;
    const outputs = withNetworkPasses(network, [plain], ([pass]) => pass.outputs());
    assert(outputs.every((value) => Number.isNaN(value)));
  }
  const curved = new DenseNetwork({ widths: [10, 7, 1], activation: "tanh", dtype: "float32", rng });
  assertEquals(
    withNetworkPasses(curved, [plain], ([pass]) => pass.outputs()),
    curved.forward(plain).data,
  );
});
