// Reference values and identities of neuron-wise normalization: acceptance 3, 5 and 7 are proved here, on
// random matrices.
import { assert, assertAlmostEquals, assertEquals, assertLess, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import fc from "fast-check";
import { Matrix, Rng } from "refigure/arrays";
import { columnNorms, conditionNumber, frobeniusNorm, rowNorms, singularValues } from "refigure/linalg";
import {
  chain,
  type GradientTransformation,
  MatrixOptimizer,
  muonUpdates,
  newtonSchulz,
  normalizeNeurons,
  type NormalizeNeuronsState,
  normuon,
  normuonUpdates,
  orthogonalize,
  type Parameter,
  preserveNorm,
  recordUpdates,
  type UpdateRecord,
} from "refigure/optimizers";

const K = (m: number, n: number) => Matrix.from(m, n, (i, j) => ((7 * i + 3 * j + i * j) % 11) - 5);
const parameterOf = (rows: number, columns: number, outputs: Parameter["outputs"] = "rows"): Parameter => ({
  name: "w",
  weights: Matrix.zeros(rows, columns),
  outputs,
});

function assertClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number) {
  assertEquals(actual.length, expected.length);
  for (let i = 0; i < expected.length; i++) {
    assertAlmostEquals(actual[i], expected[i], tolerance, `entry ${i}`);
  }
}

/** Updates of a link for a list of inputs, which are left as they are. */
function run(link: GradientTransformation, inputs: Matrix[], parameter: Parameter): Matrix[] {
  const state = link.init(parameter);
  return inputs.map((input) => link.update(input.clone(), state, parameter) as Matrix);
}

Deno.test("K(8, 5): one step after five Newton-Schulz steps, then a second one (oracles)", () => {
  const parameter = parameterOf(8, 5);
  const link = normalizeNeurons();
  const state = link.init(parameter);
  const o = newtonSchulz(K(8, 5), { eps: 0 });
  assertAlmostEquals(frobeniusNorm(o), 1.95551324157, 1e-11);
  const h = link.update(o.clone(), state, parameter) as Matrix;
  // The rows differ by eps over their root mean square: 1.2e-10.
  assertClose(rowNorms(h), new Array(8).fill(0.691378336907), 2e-10);
  assertClose(
    h.row(0),
    [-0.444071896328, -0.237796992606, 0.010846464547, 0.410667402437, -0.235566093950],
    1e-10,
  );
  assertClose(state.secondMoment, [
    0.003993986858,
    0.003695436790,
    0.004296933349,
    0.003904443125,
    0.006153728350,
    0.004894662699,
    0.004182897965,
    0.007118231243,
  ], 1e-12);
  assertClose(
    singularValues(o),
    [1.058068685728, 0.976633274986, 0.849414805449, 0.727300689873, 0.707275289562],
    1e-11,
  );
  assertClose(
    singularValues(h),
    [1.068336931609, 1.007883503483, 0.802941122021, 0.755888536405, 0.671399401994],
    1e-9,
  );
  assertAlmostEquals(conditionNumber(o), 1.49597858, 1e-8);
  assertAlmostEquals(conditionNumber(h), 1.59120924, 1e-8);
  const v = state.secondMoment;
  const bound = conditionNumber(o) * Math.sqrt(Math.max(...v) / Math.min(...v));
  assertLess(conditionNumber(h), bound);

  const second = Matrix.from(8, 5, (i, j) => K(8, 5).get(7 - i, j) * (j + 1));
  const h2 = link.update(newtonSchulz(second, { eps: 0 }), state, parameter) as Matrix;
  assertClose(rowNorms(h2), [
    0.828199513364,
    0.763396001610,
    0.773409753535,
    0.819664195010,
    0.747938029460,
    0.718194326281,
    0.759470847663,
    0.710616287507,
  ], 1e-10);
  assertClose(
    h2.row(0),
    [-0.259988349700, -0.185838942705, -0.290860830542, -0.574739384453, -0.410924563083],
    1e-10,
  );
  assertAlmostEquals(v[0], 0.011168762394, 1e-12);
  assertAlmostEquals(v[7], 0.013158846994, 1e-12);
});

Deno.test("the 2 x 3 matrix: both rows end with the same length (oracle)", () => {
  const o = newtonSchulz(Matrix.fromRows([[1, 2, 3], [4, 5, 6]]), { eps: 0 });
  assertClose(rowNorms(o), [0.890973969676, 0.737109406535], 1e-11);
  const [h] = run(normalizeNeurons(), [o], parameterOf(2, 3));
  assertClose(rowNorms(h), [0.817668909719, 0.817668909719], 1e-9);
});

Deno.test("the paper's variant has a root mean square of 0.2 (oracle, criterion 5)", () => {
  const optimizer = normuonUpdates({ variant: "paper", learningRate: 1 });
  const inputs = [K(8, 5), K(8, 5).times(3), new Rng(0).normalMatrix(8, 5)];
  for (const update of run(optimizer, inputs, parameterOf(8, 5))) {
    assertAlmostEquals(frobeniusNorm(update), 1.264911064067, 1e-11);
  }
});

/**
 * Identities hold up to eps over a row's root mean square, and random rows can be tiny: here eps is next to
 * nothing.
 */
const exactly = { eps: 1e-30 };

const problem = fc.record({
  rows: fc.integer({ min: 1, max: 12 }),
  columns: fc.integer({ min: 1, max: 12 }),
  seed: fc.integer(),
  beta2: fc.constantFrom(0, 0.5, 0.95, 0.999),
});

Deno.test("one pass of squares and one of scaling is the official formula of four passes", () => {
  fc.assert(fc.property(problem, ({ rows, columns, seed, beta2 }) => {
    const rng = new Rng(seed);
    const inputs = [0, 1, 2].map(() => rng.normalMatrix(rows, columns));
    const v = new Array<number>(rows).fill(0);
    const expected = inputs.map((o) => {
      const frobenius = Math.hypot(...o.data);
      for (let i = 0; i < rows; i++) {
        const mean = o.row(i).reduce((sum, x) => sum + x * x, 0) / columns;
        v[i] += (1 - beta2) * (mean - v[i]);
      }
      const h = o.map((x, i) => x / (Math.sqrt(v[i]) + 1e-10));
      return h.times(frobenius / (Math.hypot(...h.data) + 1e-10));
    });
    const actual = run(normalizeNeurons({ beta2 }), inputs, parameterOf(rows, columns));
    actual.forEach((h, t) => assertClose(h.data, expected[t].data, 1e-8));
    // The same from its parts: normalization without a length, then the length of before.
    const parts = run(
      preserveNorm(normalizeNeurons({ beta2, rescale: "none" })),
      inputs,
      parameterOf(rows, columns),
    );
    actual.forEach((h, t) => assertClose(h.data, parts[t].data, 1e-12));
  }));
});

Deno.test("criterion 3: after the first step all row norms are the same, |O| / sqrt(m)", () => {
  fc.assert(fc.property(problem, ({ rows, columns, seed, beta2 }) => {
    const o = newtonSchulz(new Rng(seed).normalMatrix(rows, columns));
    const [h] = run(normalizeNeurons({ beta2, ...exactly }), [o], parameterOf(rows, columns));
    const expected = frobeniusNorm(o) / Math.sqrt(rows);
    for (const norm of rowNorms(h)) assertLess(Math.abs(norm / expected - 1), 1e-8);
  }));
});

Deno.test("criterion 5: the length is that of the orthogonalized update, at every step", () => {
  fc.assert(fc.property(problem, ({ rows, columns, seed, beta2 }) => {
    const rng = new Rng(seed);
    const inputs = [0, 1, 2, 3].map(() => rng.normalMatrix(rows, columns));
    for (const axis of ["outputs", "inputs", "auto"] as const) {
      run(normalizeNeurons({ beta2, axis }), inputs, parameterOf(rows, columns)).forEach((h, t) =>
        assertLess(Math.abs(frobeniusNorm(h) / frobeniusNorm(inputs[t]) - 1), 1e-8)
      );
    }
  }));
});

Deno.test("criterion 7: a constant input gives one and the same result; a common factor of v cancels", () => {
  fc.assert(fc.property(problem, ({ rows, columns, seed, beta2 }) => {
    const o = new Rng(seed).normalMatrix(rows, columns);
    const parameter = parameterOf(rows, columns);
    const results = run(normalizeNeurons({ beta2, ...exactly }), [o, o, o, o], parameter);
    for (const h of results) assertClose(h.data, results[0].data, 1e-8);
    const [otherBeta] = run(normalizeNeurons({ beta2: 0.3, ...exactly }), [o], parameter);
    assertClose(otherBeta.data, results[0].data, 1e-8);

    const link = normalizeNeurons({ beta2: 0.9, ...exactly });
    const next = new Rng(seed).split("next").normalMatrix(rows, columns);
    const from = (factor: number) => {
      const state: NormalizeNeuronsState = link.init(parameter);
      link.update(o.times(factor), state, parameter);
      // The input is scaled alike, so that only the scale of v differs.
      return link.update(next.times(factor), state, parameter).times(1 / factor);
    };
    assertClose(from(100).data, from(1).data, 1e-7);
  }));
});

Deno.test("outputs may be rows or columns: the transposed matrix gives the transposed result", () => {
  fc.assert(fc.property(problem, ({ rows, columns, seed }) => {
    const rng = new Rng(seed);
    const inputs = [0, 1, 2].map(() => rng.normalMatrix(rows, columns));
    for (const axis of ["outputs", "inputs", "auto"] as const) {
      const stored = run(normalizeNeurons({ axis }), inputs, parameterOf(rows, columns));
      const transposed = run(
        normalizeNeurons({ axis }),
        inputs.map((input) => input.transpose()),
        parameterOf(columns, rows, "columns"),
      );
      stored.forEach((h, t) => assertClose(transposed[t].transpose().data, h.data, 1e-12));
    }
  }));
});

Deno.test("axis sets what shares a scale; auto takes the longer side", () => {
  const equal = (norms: Float64Array) => Math.max(...norms) / Math.min(...norms) - 1 < 1e-7;
  for (const [rows, columns] of [[6, 3], [3, 6]]) {
    const input = new Rng(1).normalMatrix(rows, columns);
    const parameter = parameterOf(rows, columns);
    const by = (axis: "outputs" | "inputs" | "auto") =>
      run(normalizeNeurons({ axis }), [input], parameter)[0];
    assert(equal(rowNorms(by("outputs"))) && !equal(columnNorms(by("outputs"))));
    assert(equal(columnNorms(by("inputs"))) && !equal(rowNorms(by("inputs"))));
    assertEquals(by("auto"), by(rows >= columns ? "outputs" : "inputs"));
  }
});

Deno.test("permuting the neurons permutes the result; scaling them is forgotten under a fixed gradient", () => {
  const rng = new Rng(5);
  const g = rng.normalMatrix(9, 4);
  const order = rng.permutation(9);
  const shuffled = Matrix.from(9, 4, (i, j) => g.get(order[i], j));
  const link = () => normuonUpdates({ learningRate: 1 });
  const plain = run(link(), [g, g], parameterOf(9, 4));
  const permuted = run(link(), [shuffled, shuffled], parameterOf(9, 4));
  plain.forEach((h, t) =>
    assertClose(permuted[t].data, Matrix.from(9, 4, (i, j) => h.get(order[i], j)).data, 1e-12)
  );
  const scaled = g.map((x, i) => x * (i + 1));
  const last = run(link(), new Array(60).fill(scaled), parameterOf(9, 4))[59];
  const norms = rowNorms(last);
  assertLess(Math.max(...norms) / Math.min(...norms) - 1, 1e-6);
});

Deno.test("a single row, a zero gradient, a zero row", () => {
  const row = new Rng(2).normalMatrix(1, 7);
  assertClose(run(normalizeNeurons(), [row], parameterOf(1, 7))[0].data, row.data, 1e-8);

  const link = normalizeNeurons();
  const parameter = parameterOf(3, 4);
  const state = link.init(parameter);
  const input = Matrix.from(3, 4, (i, j) => i === 1 ? 0 : i + j + 1);
  const h = link.update(input.clone(), state, parameter) as Matrix;
  assertEquals(Array.from(h.row(1)), [0, 0, 0, 0]);
  const before = state.secondMoment.slice();
  const zero = link.update(Matrix.zeros(3, 4), state, parameter);
  assertEquals(zero.data, new Float64Array(12));
  assertClose(state.secondMoment, before.map((x) => 0.95 * x), 1e-15);

  const zeros = run(normuonUpdates({ variant: "paper" }), [Matrix.zeros(3, 4)], parameter)[0];
  assert(zeros.data.every((x) => x === 0));
});

Deno.test("code variant: three steps written out, with weight decay and the factor by shape", () => {
  const rng = new Rng(3);
  const gradients = [0, 1, 2].map(() => rng.normalMatrix(8, 3));
  const start = rng.normalMatrix(8, 3);
  const w = start.clone();
  const optimizer = new MatrixOptimizer(
    [{ name: "w", weights: w, outputs: "rows" }],
    normuonUpdates({ learningRate: 0.1, weightDecay: 0.2 }),
  );
  const m = Matrix.zeros(8, 3);
  const v = new Float64Array(8);
  const expected = start.clone();
  for (const g of gradients) {
    optimizer.step([g]);
    for (let k = 0; k < 24; k++) m.data[k] = 0.95 * m.data[k] + 0.05 * g.data[k];
    const o = newtonSchulz(m.map((x, i, j) => 0.95 * x + 0.05 * g.get(i, j)));
    const means = rowNorms(o).map((norm) => norm * norm / 3);
    for (let i = 0; i < 8; i++) v[i] = 0.95 * v[i] + 0.05 * means[i];
    const h = o.map((x, i) => x / (Math.sqrt(v[i]) + 1e-10));
    const scale = frobeniusNorm(o) / frobeniusNorm(h) * Math.sqrt(8 / 3);
    for (let k = 0; k < 24; k++) {
      expected.data[k] = expected.data[k] * (1 - 0.1 * 0.2) - 0.1 * scale * h.data[k];
    }
  }
  assertClose(w.data, expected.data, 1e-9);
});

Deno.test("without normalization NorMuon is Muon: the chain with that link left out gives Muon's update", () => {
  const inputs = [0, 1, 2].map((t) => new Rng(t).normalMatrix(6, 4));
  const parameter = parameterOf(6, 4);
  const seen: UpdateRecord[] = [];
  const recorded = chain(
    muonUpdates(),
    recordUpdates((record) => seen.push(record), { when: (step) => step !== 2 }),
  );
  const plain = run(muonUpdates(), inputs, parameter);
  const passed = run(recorded, inputs, parameter);
  plain.forEach((update, t) => assertEquals(passed[t], update));
  assertEquals(seen.map(({ step }) => step), [1, 3]);
  assertClose(seen[1].neuronNorms, rowNorms(plain[2]), 0);
  assertAlmostEquals(seen[1].rms, frobeniusNorm(plain[2]) / Math.sqrt(24), 1e-15);
});

Deno.test("the recorder counts neurons along the layout's outputs", () => {
  const seen: UpdateRecord[] = [];
  const link = recordUpdates((record) => seen.push(record));
  run(link, [Matrix.fromRows([[3, 0], [4, 0]])], parameterOf(2, 2, "columns"));
  assertEquals(seen[0].neuronNorms, Float64Array.of(5, 0));
  assertEquals(seen[0].singularValues.length, 2);
});

Deno.test("tfjs: kernels are normalized by column, and a saved optimizer goes on as if never stopped", async () => {
  await tf.setBackend("cpu");
  const options = { learningRate: 0.05, beta2: 0.9, variant: "paper" as const, axis: "auto" as const };
  const make = (values: ArrayLike<number>, name: string) =>
    tf.variable(tf.tensor2d(Array.from(values), [4, 6]), true, name);
  const train = (w: tf.Variable, optimizer: ReturnType<typeof normuon>, from: number, to: number) => {
    for (let t = from; t < to; t++) {
      optimizer.applyGradients({ [w.name]: tf.tensor2d(Array.from(new Rng(t).normals(24)), [4, 6]) });
    }
  };
  const start = new Rng(9).normals(24);
  const straight = make(start, "straight/kernel");
  train(straight, normuon(options), 0, 6);
  const first = make(start, "resumed/kernel");
  const before = normuon(options);
  train(first, before, 0, 3);
  const config = before.getConfig();
  assertEquals(config, options);
  const resumed = normuon(config as typeof options);
  await resumed.setWeights(await before.getWeights());
  train(first, resumed, 3, 6);
  assertEquals(first.dataSync(), straight.dataSync());

  const kernel = make(start, "columns/kernel");
  const old = kernel.dataSync().slice();
  train(kernel, normuon({ learningRate: 1 }), 0, 1);
  const moved = new Matrix(4, 6, Float64Array.from(kernel.dataSync(), (x, i) => x - old[i]));
  const norms = columnNorms(moved);
  assertLess(Math.max(...norms) / Math.min(...norms) - 1, 1e-5);
  tf.disposeVariables();
});

Deno.test("bad input is named", () => {
  assertThrows(
    () => normalizeNeurons({ beta2: 1 }),
    RangeError,
    "`beta2` must be a finite number >= 0 and < 1, got 1",
  );
  assertThrows(() => normuon({ beta2: -0.1 }), RangeError, "`beta2`");
  assertThrows(() => normalizeNeurons({ eps: 0 }), RangeError, "`eps` must be a finite number > 0, got 0");
  const wrong = (value: string) => value as "auto" & "preserve" & "code";
  assertThrows(() => normalizeNeurons({ axis: wrong("rows") }), TypeError, '`axis` must be "outputs"');
  assertThrows(() => normalizeNeurons({ rescale: wrong("rms0.2") }), TypeError, "`rescale`");
  assertThrows(
    () => normuonUpdates({ variant: wrong("dion") }),
    TypeError,
    '`variant` must be "code" or "paper"',
  );

  const optimizer = new MatrixOptimizer([parameterOf(2, 2)], normuonUpdates());
  assertThrows(
    () => optimizer.step([Matrix.fromRows([[1, NaN], [0, 1]])]),
    RangeError,
    "The gradient of w is not finite at step 0: entry 1 is NaN",
  );
  const bias = tf.variable(tf.zeros([5]), true, "some/bias");
  assertThrows(
    () => normuon({ select: () => true }).applyGradients({ "some/bias": tf.ones([5]) }),
    TypeError,
    "some/bias of shape [5]; only rank 2 or 4",
  );
  bias.dispose();
});

Deno.test("the named optimizer is the composition of its links", () => {
  const g = new Rng(4).normalMatrix(5, 8);
  const parameter = parameterOf(5, 8);
  const [named] = run(normuonUpdates({ learningRate: 1, momentum: 0 }), [g], parameter);
  const [composed] = run(chain(orthogonalize(), normalizeNeurons()), [g], parameter);
  assertClose(named.data, composed.times(-1).data, 1e-14);
});
