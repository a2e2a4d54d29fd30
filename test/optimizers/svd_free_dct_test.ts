// The reference values of section 8 of the notes of svd-free-dct, its criteria that are about the library,
// and its bad input; the other criteria are claims of the experiment.
import { assert, assertAlmostEquals, assertEquals, assertLess, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import fc from "fast-check";
import { Matrix, type RealArray, Rng } from "refigure/arrays";
import { matmul, withEngine } from "refigure/blas";
import { frobeniusNorm, haarOrthogonal, svd } from "refigure/linalg";
import {
  type AdamInSubspaceState,
  type BasisName,
  columnScores,
  coordinatesIn,
  dctAdamw,
  dctAdamwUpdates,
  dion,
  dionUpdates,
  galoreAdamw,
  type GradientTransformation,
  largestIndices,
  leadingSingularVectors,
  MatrixOptimizer,
  type NamedOptimizer,
  orthogonalizeByPowerIteration,
  orthogonalizeInSubspace,
  orthonormalBasis,
  rankedBasis,
  reconstructFrom,
  scaleByAdam,
  scaleByAdamInSubspace,
  selectColumns,
  SubspaceProjector,
  trion,
} from "refigure/optimizers";
import { dct, dctRows } from "refigure/transforms";

/** The test matrix of the reference values, entries ((7 i + 3 j + i j) mod 11) - 5. */
const K = Matrix.from(8, 5, (i, j) => ((7 * i + 3 * j + i * j) % 11) - 5);
const parameter = (weights: Matrix<RealArray>, outputs: "rows" | "columns" = "rows", name = "w") => ({
  name,
  weights,
  outputs,
});

function assertClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number) {
  assertEquals(actual.length, expected.length);
  for (let i = 0; i < expected.length; i++) {
    assertAlmostEquals(actual[i], expected[i], tolerance, `entry ${i}`);
  }
}

/** Share of the squared norm that a projector loses. */
function lost(g: Matrix<RealArray>, projector: SubspaceProjector): number {
  return (frobeniusNorm(g.minus(projector.reconstruct(projector.update(g)))) / frobeniusNorm(g)) ** 2;
}

Deno.test("the cosine matrix and transforms (oracle)", () => {
  const c = orthonormalBasis("dct2", 4);
  assertClose(c.row(0), [0.5, 0.5, 0.5, 0.5], 1e-15);
  assertClose(c.row(1), [0.653281482438, 0.270598050073, -0.270598050073, -0.653281482438], 1e-12);
  assertClose(dct(Float64Array.of(1, 2, 3, 4)), [5, -2.230442497388, 0, -0.158512667781], 1e-12);
  assertClose(dct(Float64Array.of(1, 2, 3, 4, 5, 6, 7, 8)), [
    12.727922061358,
    -6.442323022705,
    0,
    -0.673454800904,
    0,
    -0.200902903736,
    0,
    -0.050702322760,
  ], 1e-12);
});

Deno.test("K(8, 5): scores in both cosine bases and on both sides (oracle)", () => {
  const right = coordinatesIn(K, "right", orthonormalBasis("dct2", 5));
  assertClose(
    columnScores(right, { norm: 2 }),
    [38.2, 97.520162612375, 92.178211263874, 99.979837387625, 65.121788736126],
    1e-11,
  );
  assertClose(
    columnScores(right, { norm: 1 }),
    [13.863621460499, 24.256270621493, 20.363525455041, 22.121453337854, 16.885020028856],
    1e-11,
  );
  assertClose(
    columnScores(coordinatesIn(K, "right", orthonormalBasis("dct3", 5))),
    [28.085097214722, 93.659646560785, 90.513708498985, 108.749961657183, 71.991586068326],
    1e-11,
  );
  assertClose(columnScores(coordinatesIn(K, "left", orthonormalBasis("dct2", 8))), [
    132.625,
    63.232676953137,
    13.290029803660,
    52.420823782851,
    15.125,
    28.011156732489,
    77.459970196340,
    10.835342531523,
  ], 1e-11);
});

Deno.test("K(8, 5): what cosines and singular vectors lose at each rank (oracle)", () => {
  const cosines = [0.7455983781, 0.4974554707, 0.2629053149, 0.0972010178];
  const singular = [0.6467646666, 0.3882336803, 0.1654525678, 0.0370315754];
  for (let r = 1; r <= 4; r++) {
    assertAlmostEquals(lost(K, new SubspaceProjector(K, r)), cosines[r - 1], 1e-10);
    assertAlmostEquals(lost(K, new SubspaceProjector(K, r, { basis: "svd" })), singular[r - 1], 1e-10);
  }
});

Deno.test("absolute values can choose worse than the guarantee (oracle)", () => {
  const s = Matrix.from(100, 2, (i, j) => j === 0 ? 0.02 : i === 0 ? 1 : 0);
  const g = matmul(s, orthonormalBasis("dct2", 2) as Matrix);
  assertAlmostEquals(lost(g, new SubspaceProjector(g, 1, { norm: 1 })), 0.961538461538, 1e-12);
  assertAlmostEquals(lost(g, new SubspaceProjector(g, 1, { norm: 2 })), 0.038461538462, 1e-12);
});

Deno.test("DCT-AdamW, three steps (oracle)", () => {
  const w = Matrix.zeros(8, 5);
  const link = dctAdamwUpdates({ rank: 2, norm: 1, learningRate: 0.01 });
  const state = link.init(parameter(w));
  const inner = state.links[0] as AdamInSubspaceState;
  const rows = [
    [0.011131682252, 0.001763085264, -0.006324555300, -0.005671875403, -0.000898336812],
    [0.009819705587, 0.002431570762, -0.001618220816, -0.013955370061, 0.003322314527],
    [0.016930775560, 0.003557853577, -0.005658432761, -0.017578641179, 0.002748444804],
  ];
  const sets = [[1, 2], [3, 4], [1, 2]];
  const norms = [7.022174661100, 16.316220167150, 54.257829806250];
  for (let t = 1; t <= 3; t++) {
    const g = K.map((x, _i, j) => x * (j + 1) ** (t - 2));
    const update = link.update(g, state, parameter(w));
    for (let k = 0; k < 40; k++) w.data[k] += update.data[k];
    // The notes count rows of the cosine matrix from 0, as we do.
    assertEquals(Array.from((inner.subspace as { indices: Int32Array }).indices), sets[t - 1]);
    assertClose(w.row(0), rows[t - 1], 1e-11);
    assertAlmostEquals(Math.hypot(...inner.error), norms[t - 1], 1e-10);
  }
});

Deno.test("Trion, one step (oracle)", () => {
  const link = orthogonalizeInSubspace({ rank: 2 });
  const w = parameter(Matrix.zeros(8, 5));
  const state = link.init(w);
  const update = link.update(K.clone(), state, w);
  assertClose(update.row(0), [-0.058069053003, -0.327397083722, 0, 0.327397083722, 0.058069053003], 1e-7);
  assertAlmostEquals(frobeniusNorm(update), 1.446620237879, 1e-7);
  assertClose(state.momentum.slice(0, 5), [-4.975, -1.85, 1, 3.85, -4.025], 1e-12);
});

Deno.test("a fresh vector late in training steps 3.1623 times as far (oracle), and corrected by its age once", () => {
  const boost = (biasCorrection: "step" | "age") => {
    const link = scaleByAdamInSubspace({
      rank: 1,
      basis: "axes",
      errorFeedback: false,
      eps: 0,
      biasCorrection,
    });
    const w = parameter(Matrix.zeros(2, 2));
    const state = link.init(w);
    state.step = 20000;
    state.subspace.choices = 1;
    // The first axis was in use; a gradient along the second one is new.
    const update = link.update(Matrix.fromRows([[0, 7], [0, -2]]), state, w);
    return update.get(0, 1);
  };
  assertAlmostEquals(boost("step"), 3.16227766, 1e-7);
  assertAlmostEquals(boost("age"), 1, 1e-8);
});

Deno.test("a constant gradient without feedback: the selection stays and the rotation is the identity (oracle)", () => {
  const rule = rankedBasis();
  const state = rule.init(5, 2, K.data);
  const first = rule.choose(K, "right", state, "w");
  for (let t = 0; t < 3; t++) {
    assertEquals(rule.choose(K, "right", state, "w"), first);
    assertEquals(rule.origins!(state), Int32Array.of(0, 1));
    assertEquals(rule.carry(first, state), first);
  }
});

const shapes = fc.tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 12 }), fc.integer());

Deno.test("svd-free-dct, criterion 2: the identity of the reconstruction, the guarantee, and who can't be beaten", () => {
  fc.assert(
    fc.property(
      shapes,
      fc.constantFrom<BasisName>("dct2", "dct3", "random", "axes"),
      ([m, n, seed], basis) => {
        const rng = new Rng(seed);
        const g = rng.normalMatrix(m, n);
        const short = Math.min(m, n);
        const r = 1 + rng.integer(short);
        const total = frobeniusNorm(g) ** 2;
        const projector = new SubspaceProjector(g, r, { basis, norm: 2 });
        const low = projector.update(g);
        const error = frobeniusNorm(g.minus(projector.reconstruct(low))) ** 2;
        const kept = columnScores(low, { norm: 2 }).reduce((sum, x) => sum + x, 0);
        assertAlmostEquals(error, total - kept, 1e-10 * total);
        assertLess(error, (1 - r / short) * total + 1e-12 * total);
        assertLess(error / total, lost(g, new SubspaceProjector(g, r, { basis, norm: 1 })) + 1e-12);
        assertLess(lost(g, new SubspaceProjector(g, r, { basis: "svd" })), error / total + 1e-12);
        assertClose(projector.project(g).data, low.data, 1e-12);
      },
    ),
    { numRuns: 100 },
  );
});

Deno.test("svd-free-dct, criterion 5: carrying over by index is the product with 0 and 1 that it stands for", () => {
  fc.assert(
    fc.property(shapes, fc.constantFrom<BasisName>("dct2", "dct3", "random"), ([m, n, seed], basis) => {
      const rng = new Rng(seed);
      const r = 1 + rng.integer(n);
      const rule = rankedBasis({ basis });
      const state = rule.init(n, r, new Float64Array(0));
      const choose = () => rule.choose(rng.normalMatrix(m, n), "right", state, "w");
      const old = choose();
      const before = rule.vectors(state, n, old.data);
      choose();
      const rotation = matmul(before, rule.vectors(state, n, old.data), { transposeB: true });
      for (const x of rotation.data) assertLess(Math.min(Math.abs(x), Math.abs(x - 1)), 1e-12);
      assertClose(rule.carry(old, state).data, matmul(old, rotation).data, 1e-12);
      assertEquals(rule.carry(old, state, 9).data.filter((x) => x === 9).length % m, 0);
    }),
    { numRuns: 60 },
  );
});

Deno.test("singular vectors are carried over by the product, and moments stay non-negative", () => {
  const rng = new Rng(3);
  const rule = leadingSingularVectors();
  const state = rule.init(6, 2, new Float64Array(0));
  const old = rule.choose(rng.normalMatrix(9, 6), "right", state, "w");
  const before = rule.vectors(state, 6, old.data).clone();
  rule.choose(rng.normalMatrix(9, 6), "right", state, "w");
  const rotation = matmul(before, rule.vectors(state, 6, old.data), { transposeB: true });
  assertClose(rule.carry(old, state).data, matmul(old, rotation).data, 1e-13);
  const link = scaleByAdamInSubspace({ rank: 2, basis: "svd" });
  const w = parameter(Matrix.zeros(9, 6));
  const adam = link.init(w);
  for (let t = 0; t < 5; t++) link.update(rng.normalMatrix(9, 6), adam, w);
  assert(adam.secondMoment.every((x) => x >= 0));
});

Deno.test("svd-free-dct, criterion 6: the fast transform is the product, on both sides, in both bases and on both engines", () => {
  for (const n of [4, 5, 8, 64, 100]) {
    for (const basis of ["dct2", "dct3"] as const) {
      for (const side of ["left", "right"] as const) {
        const g = side === "right" ? new Rng(n).normalMatrix(120, n) : new Rng(n).normalMatrix(n, 120);
        const of = (method: "fft" | "matmul" | "auto") => {
          const rule = rankedBasis({ basis, method });
          const state = rule.init(n, n, g.data);
          return rule.choose(g, side, state, "w");
        };
        for (const name of ["portable", "native"] as const) {
          const [fast, product, auto] = name === "portable"
            ? withEngine("portable", () => [of("fft"), of("matmul"), of("auto")])
            : [of("fft"), of("matmul"), of("auto")];
          assertLess(frobeniusNorm(fast.minus(product)), 1e-10 * frobeniusNorm(g));
          assertLess(frobeniusNorm(auto.minus(product)), 1e-10 * frobeniusNorm(g));
        }
      }
    }
  }
});

Deno.test("svd-free-dct, criterion 7: at full rank DCT-AdamW is Adam in the coordinates W Q, and nothing is lost", () => {
  const rng = new Rng(5);
  const c = orthonormalBasis("dct2", 5) as Matrix;
  const w = Matrix.zeros(8, 5);
  const rotated = Matrix.zeros(8, 5);
  const low = new MatrixOptimizer([parameter(w)], scaleByAdamInSubspace({ rank: 5, errorFeedback: false }));
  const adam = new MatrixOptimizer([parameter(rotated)], scaleByAdam());
  const link = scaleByAdamInSubspace({ rank: 5 });
  const fed = link.init(parameter(w));
  for (let t = 0; t < 20; t++) {
    const g = rng.normalMatrix(8, 5);
    low.step([g]);
    adam.step([matmul(g, c, { transposeB: true })]);
    assertClose(w.data, matmul(rotated, c).data, 1e-12);
    link.update(g.clone(), fed, parameter(w));
    assertLess(Math.hypot(...fed.error), 1e-13);
  }
});

// The slopes of both times are rows of bench/cases/dct.ts. Here only what other work on the machine cannot hide: the ratio of
// least times falls to a seventh on a quiet machine.
Deno.test("svd-free-dct, criterion 9: cosine coordinates by fast transforms gain on the product as matrices grow", () => {
  const ratio = (n: number) => {
    const g = new Rng(n).normalMatrix(n, n);
    const cosines = orthonormalBasis("dct2", n) as Matrix;
    const runs = [() => dctRows(g), () => matmul(g, cosines, { transposeB: true })];
    const least = [Infinity, Infinity];
    for (let repeat = 0; repeat < 4096 / n; repeat++) {
      runs.forEach((run, k) => {
        const start = performance.now();
        run();
        least[k] = Math.min(least[k], performance.now() - start);
      });
    }
    return least[0] / least[1];
  };
  const small = ratio(64);
  const large = ratio(1024);
  assert(large < small / 2, `${small} at 64, ${large} at 1024`);
});

Deno.test("both weight layouts get the same update, also where a side is shorter", () => {
  for (const [m, n] of [[6, 6], [9, 4], [4, 9]]) {
    const links: GradientTransformation[] = [
      scaleByAdamInSubspace({ rank: 3 }),
      scaleByAdamInSubspace({ rank: 3, basis: "svd" }),
      scaleByAdamInSubspace({ rank: 3, selection: "random" }),
      scaleByAdamInSubspace({ rank: 3, selection: "roundRobin", updateGap: 2 }),
      orthogonalizeInSubspace({ rank: 3 }),
      orthogonalizeByPowerIteration({ rank: 3 }),
      dionUpdates({ rank: 3 }),
    ];
    for (const link of links) {
      const rng = new Rng(1);
      const rows = parameter(rng.normalMatrix(m, n));
      const columns = parameter(rows.weights.transpose(), "columns");
      const a = link.init(rows);
      const b = link.init(columns);
      for (let t = 0; t < 4; t++) {
        const g = rng.normalMatrix(m, n);
        const transposed = link.update(g.transpose(), b, columns);
        assertClose(link.update(g, a, rows).data, transposed.transpose().data, 1e-12);
      }
    }
  }
});

Deno.test("a gap keeps the subspace until the next multiple; feedback keeps what is lost", () => {
  const rng = new Rng(2);
  const w = parameter(Matrix.zeros(8, 5));
  const link = scaleByAdamInSubspace({ rank: 2, updateGap: 3 });
  const state = link.init(w);
  const choices: number[] = [];
  let sum = Matrix.zeros(8, 5);
  for (let t = 1; t <= 7; t++) {
    const g = rng.normalMatrix(8, 5);
    sum = sum.plus(g);
    link.update(g, state, w);
    choices.push((state.subspace as { choices: number }).choices);
  }
  assertEquals(choices, [1, 1, 2, 2, 2, 3, 3]);
  // With the random rule every gradient is in E or has gone through the moments: E + what was used is their
  // sum.
  const random = scaleByAdamInSubspace({ rank: 2, selection: "random", beta1: 0, beta2: 0 });
  const s = random.init(w);
  random.update(K.clone(), s, w);
  const used = K.minus(new Matrix(8, 5, s.error as Float64Array));
  assertEquals(svd(used).s.filter((x) => x > 1e-10).length, 2);
  assertAlmostEquals(frobeniusNorm(used) ** 2 + Math.hypot(...s.error) ** 2, frobeniusNorm(K) ** 2, 1e-10);
});

Deno.test("controls that look at no gradient: all vectors in turn, and other draws for other layers", () => {
  const turn = rankedBasis({ selection: "roundRobin" });
  const state = turn.init(5, 2, K.data);
  const seen: number[][] = [];
  for (let t = 0; t < 3; t++) {
    turn.choose(K, "right", state, "w");
    seen.push(Array.from(state.indices));
  }
  assertEquals(seen, [[0, 1], [2, 3], [0, 4]]);
  const draw = (label: string) => {
    const rule = rankedBasis({ selection: "random" });
    const state = rule.init(64, 8, K.data);
    rule.choose(new Rng(0).normalMatrix(64, 64), "right", state, label);
    return state.indices;
  };
  assertEquals(draw("a"), draw("a"));
  assert(draw("a").some((index, i) => index !== draw("b")[i]));
});

Deno.test("Dion approaches the polar factor of a momentum of low rank", () => {
  const rng = new Rng(4);
  const u = haarOrthogonal(8, { rng });
  const v = haarOrthogonal(6, { rng });
  const polar = matmul(u.slice(0, 8, 0, 2), v.slice(0, 2, 0, 6));
  const g = matmul(matmul(u.slice(0, 8, 0, 2), Matrix.diagonal([3, 1])), v.slice(0, 2, 0, 6));
  const link = orthogonalizeByPowerIteration({ rank: 2 });
  const w = parameter(Matrix.zeros(8, 6));
  const state = link.init(w);
  let update: Matrix<RealArray> = g;
  for (let t = 0; t < 20; t++) update = link.update(g.clone(), state, w);
  assertLess(frobeniusNorm(update.minus(polar)), 1e-6);
});

Deno.test("zero and rank-one gradients give finite updates, and a start from zero goes on", () => {
  const links: GradientTransformation[] = [
    scaleByAdamInSubspace({ rank: 2 }),
    scaleByAdamInSubspace({ rank: 2, basis: "svd" }),
    orthogonalizeInSubspace({ rank: 2 }),
    orthogonalizeByPowerIteration({ rank: 2 }),
  ];
  for (const link of links) {
    const w = parameter(Matrix.zeros(4, 3));
    const state = link.init(w);
    assertEquals(frobeniusNorm(link.update(Matrix.zeros(4, 3), state, w)), 0);
    const update = link.update(Matrix.from(4, 3, (i, j) => (i + 1) * (j - 1)), state, w);
    assert(update.data.every(Number.isFinite));
    assertLess(0.1, frobeniusNorm(update));
  }
});

Deno.test("named optimizers: saved and restored they go on as if nothing had happened", async () => {
  await tf.setBackend("cpu");
  const optimizers: [string, () => NamedOptimizer<object>][] = [
    ["dct", () => dctAdamw({ rank: 2, learningRate: 0.05, updateGap: 2 })],
    ["age", () => dctAdamw({ rank: 2, learningRate: 0.05, biasCorrection: "age", norm: 1 })],
    ["galore", () => galoreAdamw({ rank: 2, learningRate: 0.05, updateGap: 2 })],
    ["trion", () => trion({ rank: 2, learningRate: 0.05 })],
    ["dion", () => dion({ rank: 2, learningRate: 0.05 })],
  ];
  const start = Float32Array.from(new Rng(7).normals(20));
  const target = tf.tensor2d(Float32Array.from(new Rng(8).normals(20)), [5, 4]);
  for (const [name, make] of optimizers) {
    const run = async (stopAt: number) => {
      const kernel = tf.variable(tf.tensor2d(start, [5, 4]), true, `${name}/kernel`);
      const bias = tf.variable(tf.zeros([4]), true, `${name}/bias`);
      let optimizer = make();
      for (let step = 0; step < 7; step++) {
        if (step === stopAt) {
          const saved = await optimizer.getWeights();
          const config = JSON.parse(JSON.stringify(optimizer.getConfig()));
          optimizer.dispose();
          optimizer = new (optimizer.constructor as new (config: object) => NamedOptimizer<object>)(config);
          await optimizer.setWeights(saved);
        }
        const before = tf.memory().numTensors;
        optimizer.minimize(
          () => tf.squaredDifference(tf.add(kernel, bias), target).sum() as tf.Scalar,
          false,
          [kernel, bias],
        );
        assertEquals(tf.memory().numTensors, before, "no tensor may be left behind");
      }
      const weights = [...kernel.dataSync(), ...bias.dataSync()];
      kernel.dispose();
      bias.dispose();
      return weights;
    };
    assertEquals(await run(3), await run(99));
  }
});

Deno.test("bad input is named", () => {
  const tall = parameter(Matrix.zeros(8, 5));
  assertThrows(
    () => scaleByAdamInSubspace({ rank: 0 }),
    RangeError,
    "`rank` must be an integer of at least 1, got 0",
  );
  for (const make of [scaleByAdamInSubspace, orthogonalizeInSubspace, orthogonalizeByPowerIteration]) {
    assertThrows(() => make({ rank: 6 }).init(tall), RangeError, "from 1 to 5 for w (8 x 5), got 6");
  }
  assertThrows(() => new SubspaceProjector(K, 6), RangeError, "from 1 to 5 (8 x 5), got 6");
  assertThrows(() => dctAdamwUpdates({ rank: 2, updateGap: 0 }), RangeError, "`updateGap`");
  assertThrows(() => dctAdamwUpdates({ rank: 2, learningRate: -1 }), RangeError, "`learningRate`");
  assertThrows(() => dctAdamwUpdates({ rank: 2, beta1: 1 }), RangeError, "`beta1`");
  assertThrows(() => orthogonalizeInSubspace({ rank: 2, momentum: 1 }), RangeError, "`momentum`");
  assertThrows(() => selectColumns(K, 0), RangeError, "`r` must be an integer from 1 to 5, got 0");
  assertThrows(() => selectColumns(Matrix.fromRows([[1, NaN]]), 1), RangeError, "entry (0, 1) is NaN");
  assertThrows(() => selectColumns(K, 1, { norm: 3 as 2 }), RangeError, "`norm` must be 1 or 2, got 3");
  assertThrows(
    () => new SubspaceProjector(K, 2).update(Matrix.fromRows([[NaN]])),
    RangeError,
    "`g` must be 8 x 5",
  );
  const broken = K.map((x, i, j) => i === 2 && j === 1 ? NaN : x);
  assertThrows(() => new SubspaceProjector(K, 2).update(broken), RangeError, "entry (2, 1) is NaN");
  const optimizer = new MatrixOptimizer([tall], dctAdamwUpdates({ rank: 2 }));
  assertThrows(() => optimizer.step([broken]), RangeError, "The gradient of w is not finite at step 0");
  assertThrows(() => new SubspaceProjector(K, 2).project(K), TypeError, "call `update` first");
  assertThrows(() => rankedBasis({ basis: "axes", method: "fft" }), TypeError, "`method`");
  assertThrows(() => rankedBasis({ basis: "fourier" as "dct2" }), TypeError, "`basis`");
  assertThrows(
    () => scaleByAdamInSubspace({ rank: 1, basis: "svd", biasCorrection: "age" }),
    TypeError,
    "singular vectors have no age",
  );
  assertThrows(() => dct(new Float64Array(0)), RangeError, "`x`");
  assertThrows(() => orthonormalBasis("dct2", 0), RangeError, "`n`");
  const everything = { rank: 1, select: () => true };
  for (const shape of [[4], [2, 2, 2]]) {
    const variable = tf.variable(tf.zeros(shape as [number]), true, `rank ${shape.length}`);
    for (const make of [dctAdamw, trion, dion, galoreAdamw]) {
      assertThrows(
        () => make(everything).applyGradients({ [variable.name]: tf.ones(shape as [number]) }),
        TypeError,
        `rank ${shape.length} of shape [${shape}]; only rank 2 or 4`,
      );
    }
  }
  assertEquals(largestIndices([0, 0, 0], 2), Int32Array.of(0, 1));
  assertEquals(reconstructFrom(Matrix.zeros(8, 2), "right", Matrix.zeros(2, 5)).columns, 5);
});
