// Against PyTorch's automatic differentiation (with double backward), closed forms and differences.
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { Matrix, Rng } from "../../lib/arrays/mod.ts";
import { withEngine } from "../../lib/blas/mod.ts";
import { DenseNetwork } from "../../lib/networks/mod.ts";
import { fitField, IterativeField } from "../../lib/neural_fields/mod.ts";
import { withoutKernels } from "../../lib/wasm/module.ts";
import fixture from "../fixtures/neural_fields/iterative_field.json" with { type: "json" };

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

const of = Float64Array.from.bind(Float64Array) as (values: Iterable<number>) => Float64Array;

for (const engine of ["native", "portable"] as const) {
  fixture.cases.forEach((one, k) => {
    Deno.test(`iterative field: case ${k} agrees with PyTorch, double backward included, ${engine} engine`, () => {
      withEngine(engine, () => {
        const { sizes, hinge, alpha } = one;
        assert(hinge === 0 || one.over > 0, "the hinge counts");
        const points = of(one.points);
        for (const dtype of ["float64", "float32"] as const) {
          const field = new IterativeField({ ...sizes, dtype, parameters: of(one.theta) });
          const tolerance = dtype === "float64" ? 1e-12 : 2e-5;
          const count = one.labels.length;
          assertClose(field.logitsPerPass(points), one.logits, tolerance, "logits");
          assertClose(field.logits(points), one.logits.slice(-count), tolerance, "last logits");
          assertClose(field.gradient(points), one.byInputs, tolerance, "gradient by inputs");
          for (let again = 0; again < 2; again++) {
            const found = field.lossAndGradient(points, of(one.labels), { hinge, alpha });
            assertAlmostEquals(found.crossEntropy, one.crossEntropy, tolerance);
            if (hinge > 0) assertAlmostEquals(found.excess, one.excess, 10 * tolerance);
            assertAlmostEquals(found.loss, one.loss, 10 * tolerance);
            assertClose(found.gradient, one.gradient, 10 * tolerance, "gradient");
          }
        }
      });
    });
  });
}

Deno.test("planar-cross-sections, criterion 5: parameter counts", () => {
  const rng = new Rng(0);
  assertEquals(new IterativeField({ rng }).parameters.length, 31_436);
  const mini = { width: 32, hiddenLayers: 3, state: 8, frequencies: 4, passes: 4, rng };
  assertEquals(new IterativeField(mini).parameters.length, 3610);
  // 66 features of which 33 of the point; seven layers of 64, and 33 outputs; frequencies; first estimate and state.
  assertEquals(66 * 64 + 64 + 6 * (64 * 64 + 64) + 64 * 33 + 33 + 10 + 33, 31_436);
});

/** A field of the size of the experiments, in double precision. */
const mini = (inputs: number, seed = 0, passes = 4) =>
  new IterativeField({
    inputs,
    width: 32,
    hiddenLayers: 3,
    state: 8,
    frequencies: 4,
    passes,
    dtype: "float64",
    rng: new Rng(seed),
  });

Deno.test("the gradient by the inputs agrees with central differences away from kinks", () => {
  const field = mini(3, 1);
  const rng = new Rng(2);
  const points = Float64Array.from({ length: 600 }, () => rng.uniform(-1, 1));
  const gradient = field.gradient(points);
  const h = 1e-5;
  let kinks = 0;
  for (let a = 0; a < 3; a++) {
    const at = (step: number) => field.logits(points.map((x, k) => k % 3 === a ? x + step : x));
    const [plus, minus] = [at(h), at(-h)];
    for (let i = 0; i < 200; i++) {
      if (Math.abs((plus[i] - minus[i]) / (2 * h) - gradient[3 * i + a]) > 1e-6) kinks++;
    }
  }
  // A kink is within 1e-5 of a point along an axis in a few of 600 cases.
  assert(kinks < 20, `${kinks} of 600`);
});

Deno.test("the hinge's gradient agrees with differences of the loss along random directions", () => {
  const field = mini(3, 3);
  const rng = new Rng(4);
  const points = Float64Array.from({ length: 60 }, () => rng.uniform(-1, 1));
  const labels = Float64Array.from({ length: 20 }, () => rng.integer(3) / 2);
  const options = { hinge: 10, alpha: 0.1 };
  const { gradient, excess } = field.lossAndGradient(points, labels, options);
  assert(excess > 0);
  const start = field.parameters.slice();
  let kinks = 0;
  for (let round = 0; round < 12; round++) {
    const direction = rng.normals(start.length, 1e-7);
    const at = (sign: number) => {
      field.parameters.set(start.map((p, k) => p + sign * direction[k]));
      return field.lossAndGradient(points, labels, options).loss;
    };
    const difference = (at(1) - at(-1)) / 2;
    const expected = gradient.reduce((sum, g, k) => sum + g * direction[k], 0);
    if (Math.abs(difference / expected - 1) > 1e-5) kinks++;
  }
  assert(kinks <= 4, `${kinks} of 12`);
  // The derivatives of the cross-entropy alone are others.
  field.parameters.set(start);
  const plain = field.lossAndGradient(points, labels, { hinge: 0 });
  assert(Math.abs(plain.gradient[100] - gradient[100]) > 1e-6);
  assertEquals(plain.excess, 0);
});

Deno.test("one pass is a plain network on the features, the first estimate and the first state", () => {
  const field = mini(2, 5, 1);
  const { parameters } = field;
  const x = [0.3, -0.7];
  const features = x.flatMap((xa) => [
    xa,
    ...[0, 1, 2, 3].map((j) => Math.cos(xa * parameters[j])),
    ...[0, 1, 2, 3].map((j) => Math.sin(xa * parameters[4 + j])),
  ]);
  const start = Array.from(parameters.subarray(8, 17));
  const inputs = [...features, start[0], ...start.slice(1).map((h, j) => h + j % 2)];
  const leaky = {
    name: "leaky",
    jet(z: number, out: Float64Array) {
      out.set([z > 0 ? z : 0.01 * z, z > 0 ? 1 : 0.01, 0]);
    },
  };
  const net = new DenseNetwork({
    widths: [inputs.length, 32, 32, 32, 9],
    activation: leaky,
    parameters: parameters.subarray(17),
  });
  const change = net.forward(Matrix.fromRows([inputs])).get(0, 0);
  assertAlmostEquals(field.logits(Float64Array.from(x))[0], start[0] + change, 1e-12);
});

Deno.test("the cross-entropy at logit 0 is ln 2 whatever the label, and no label of 0.5 is cheaper", () => {
  const field = mini(1);
  field.parameters.fill(0);
  for (const label of [0, 0.5, 1]) {
    const { crossEntropy } = field.lossAndGradient(Float64Array.of(0.3), Float64Array.of(label));
    assertAlmostEquals(crossEntropy, Math.LN2, 1e-15);
  }
  field.parameters[8] = 0.1;
  assert(field.lossAndGradient(Float64Array.of(0.3), Float64Array.of(0.5)).crossEntropy > Math.LN2);
});

Deno.test("tiles do not show: the same numbers for many points as for one at a time", () => {
  const field = mini(2, 6);
  const rng = new Rng(7);
  const points = Float64Array.from({ length: 2 * 301 }, () => rng.uniform(-1, 1));
  const labels = Float64Array.from({ length: 301 }, () => rng.integer(2));
  const logits = field.logits(points);
  const whole = field.lossAndGradient(points, labels, { alpha: 1 });
  const sum = new Float64Array(field.parameters.length);
  for (let i = 0; i < 301; i++) {
    const one = points.slice(2 * i, 2 * i + 2);
    assertAlmostEquals(field.logits(one)[0], logits[i], 1e-12);
    const { gradient } = field.lossAndGradient(one, labels.slice(i, i + 1), { alpha: 1 });
    for (let k = 0; k < sum.length; k++) sum[k] += gradient[k] / 301;
  }
  assertClose(whole.gradient, sum, 1e-11, "gradient");
  assertEquals(field.clone().logits(points), logits);
});

Deno.test("the same numbers without compiled loops", () => {
  for (const dtype of ["float32", "float64"] as const) {
    const sizes = { inputs: 3, width: 21, hiddenLayers: 2, state: 5, frequencies: 3, passes: 3, dtype };
    const rng = new Rng(11);
    const field = new IterativeField({ ...sizes, rng });
    const points = Float64Array.from({ length: 3 * 450 }, () => rng.uniform(-1, 1));
    const labels = Float64Array.from({ length: 450 }, () => rng.uniform());
    const all = () => [
      field.logitsPerPass(points),
      field.gradient(points),
      field.lossAndGradient(points, labels, { alpha: 1 }),
      field.lossAndGradient(points, labels, { hinge: 0 }),
    ];
    assertEquals(all(), withoutKernels(all));
  }
});

Deno.test("training: the first step of Adam, levels and their window, the same numbers from the same seed", () => {
  const rng = new Rng(8);
  const level = (shift: number) => ({
    points: Float64Array.from({ length: 40 }, () => rng.uniform(-1, 1)),
    labels: Float64Array.from({ length: 20 }, () => shift),
  });
  const levels = [level(0), level(1), level(0.5), level(1)];
  const start = mini(2, 9);
  const field = start.clone();
  const seen: [number, number, number][] = [];
  fitField(field, levels, {
    epochs: [1, 1, 1, 2],
    batch: 16,
    rng: new Rng(1),
    onStep: ({ step, epoch, level }) => seen.push([step, epoch, level]),
  });
  // Unions of 20, 40, 60 and 60 points in batches of 16.
  assertEquals(seen.filter(([, , l]) => l === 0).length, 2);
  assertEquals(seen.filter(([, , l]) => l === 2).length, 4);
  assertEquals(seen.filter(([, , l]) => l === 3).length, 8);
  assertEquals(seen.at(-1), [16, 4, 3]);
  const again = start.clone();
  fitField(again, levels, { epochs: [1, 1, 1, 2], batch: 16, rng: new Rng(1) });
  assertEquals(again.parameters, field.parameters);
  // Adam's first step moves every parameter by the rate against the sign of its gradient, decay included.
  const one = start.clone();
  const { gradient } = start.lossAndGradient(levels[0].points, levels[0].labels, { hinge: 0 });
  fitField(one, [levels[0]], { epochs: [1], batch: 20, learningRate: 0.01, hinge: 0, rng: new Rng(1) });
  for (let k = 0; k < gradient.length; k++) {
    const g = gradient[k] + 1e-3 * start.parameters[k];
    if (Math.abs(g) > 1e-4) {
      assertAlmostEquals(one.parameters[k] - start.parameters[k], -0.01 * Math.sign(g), 1e-6);
    }
  }
});

Deno.test("iterative field: bad input is refused by name", () => {
  const field = mini(2);
  const x = new Float64Array(4);
  assertThrows(() => field.logits(new Float64Array(3)), RangeError, "`points` must have 2 entries per point");
  assertThrows(
    () => field.lossAndGradient(x, new Float64Array(1)),
    RangeError,
    "`labels` must have length 2",
  );
  assertThrows(() => field.lossAndGradient(x, Float64Array.of(0, 2)), RangeError, "from 0 to 1, got 2");
  assertThrows(() => field.lossAndGradient(x, Float64Array.of(0, NaN)), RangeError, "from 0 to 1, got NaN");
  assertThrows(
    () => field.lossAndGradient(Float64Array.of(0, NaN), Float64Array.of(0)),
    RangeError,
    "is NaN",
  );
  assertThrows(() => new IterativeField({ inputs: 4, rng: new Rng(0) }), RangeError, "from 1 to 3, got 4");
  assertThrows(() => new IterativeField({}), TypeError, "`rng`");
  assert(Number.isNaN(field.logits(Float64Array.of(NaN, 0))[0]));
  assertThrows(() => fitField(field, [], { epochs: [], rng: new Rng(0) }), RangeError, "`levels`");
  assertThrows(
    () => fitField(field, [{ points: x, labels: new Float64Array(2) }], { rng: new Rng(0) }),
    TypeError,
    "either `epochs` or `steps`",
  );
});
