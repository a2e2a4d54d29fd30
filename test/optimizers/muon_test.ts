import { assertAlmostEquals, assertEquals, assertLess, assertThrows } from "@std/assert";
import fc from "fast-check";
import { Matrix, Rng } from "refigure/arrays";
import { matmul } from "refigure/blas";
import { frobeniusNorm, haarOrthogonal, polarFactor, singularValues } from "refigure/linalg";
import {
  MatrixOptimizer,
  momentum,
  muonUpdates,
  NEWTON_SCHULZ,
  newtonSchulz,
  newtonSchulzScalar,
  optimalQuintic,
  orthogonalize,
  polarExpressCoefficients,
  type Quintic,
  shapeFactor,
} from "refigure/optimizers";

const TWO_BY_THREE = Matrix.fromRows([[1, 2, 3], [4, 5, 6]]);
/** The test matrix of the reference values, entries ((7 i + 3 j + i j) mod 11) - 5. */
const K = (m: number, n: number) => Matrix.from(m, n, (i, j) => ((7 * i + 3 * j + i * j) % 11) - 5);

function assertClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number) {
  assertEquals(actual.length, expected.length);
  for (let i = 0; i < expected.length; i++) {
    assertAlmostEquals(actual[i], expected[i], tolerance, `entry ${i}`);
  }
}

Deno.test("muon5's quintic: fixed points, extremes and the invariant band", () => {
  const step = (x: number) => newtonSchulzScalar(x, NEWTON_SCHULZ.muon5.slice(0, 1));
  assertAlmostEquals(step(0.868025797656), 0.868025797656, 1e-11);
  assertAlmostEquals(step(1.263729067298), 1.263729067298, 1e-11);
  assertAlmostEquals(step(0.554528790854), 1.202368605163, 1e-11);
  assertAlmostEquals(step(1.050136079121), 0.681831462177, 1e-11);
  assertAlmostEquals(step(0.681831462177), 1.134357264562, 1e-11);
  // Slopes: the upper fixed point of the band repels, so nothing converges; beyond 1.2637 everything
  // diverges.
  const slope = (x: number, h = 1e-6) => (step(x + h) - step(x - h)) / (2 * h);
  assertAlmostEquals(slope(0.868025797656), -1.582373099473, 1e-8);
  assertAlmostEquals(slope(1.263729067298), 6.4735, 5e-5);
  assertAlmostEquals(newtonSchulzScalar(1e-9, NEWTON_SCHULZ.muon5) / 1e-9, 484.8763, 1e-4);
  assertAlmostEquals(step(1), 0.701, 1e-12);
  assertLess(1e6, newtonSchulzScalar(1.27, Array.from({ length: 8 }, () => NEWTON_SCHULZ.muon5[0])));
  for (let i = 0; i <= 10_000; i++) {
    const y = step(0.6818314622 + (1.1343572646 - 0.6818314622) * i / 10_000);
    assertLess(0.6818314621, y);
    assertLess(y, 1.1343572647);
  }
});

Deno.test("muon5 at tabulated points (oracle)", () => {
  const table: [number, number][] = [
    [1e-4, 0.0484730854732],
    [1e-3, 0.470543951216],
    [0.01, 0.698917063322],
    [0.05, 0.758119653658],
    [0.1, 0.712120081658],
    [0.25, 0.714526261333],
    [0.5, 0.765438530454],
    [0.75, 1.04669252053],
    [1, 0.69643640947],
  ]; // deno-fmt-ignore
  for (const [x, y] of table) assertAlmostEquals(newtonSchulzScalar(x, NEWTON_SCHULZ.muon5), y, 1e-11);
});

Deno.test("criterion 2: five muon5 steps map [0.003, 1] into the band", () => {
  let least = Infinity;
  let most = 0;
  let mostAbove = 0;
  for (let i = 0; i <= 100_000; i++) {
    const x = 0.003 * (1 / 0.003) ** (i / 100_000);
    const y = newtonSchulzScalar(x, NEWTON_SCHULZ.muon5);
    least = Math.min(least, y);
    most = Math.max(most, y);
    if (x >= 0.01) mostAbove = Math.max(mostAbove, y);
  }
  assertLess(0.6818314 - 1e-9, least);
  assertLess(most, 1.2023687);
  assertAlmostEquals(mostAbove, 1.1343573, 1e-6);
});

Deno.test("criterion 4: the generator reproduces the Polar Express table", () => {
  const ours = polarExpressCoefficients();
  const relative = (step: number) =>
    Math.max(...ours[step].map((x, i) => Math.abs(x / NEWTON_SCHULZ.polarExpress8[step][i] - 1)));
  for (let step = 0; step < 6; step++) assertLess(relative(step), 1e-12, `triple ${step + 1}`);
  assertLess(relative(6), 1e-10);
  assertLess(relative(7), 1e-8);
});

Deno.test("without a cushion the generator gives the CANS-type table (oracle)", () => {
  const table: Quintic[] = [
    [8.47032880, -25.10807471, 18.62927560],
    [4.18283418, -3.10870111, 0.58060668],
    [3.96185728, -2.95406375, 0.56297612],
    [3.28658622, -2.46472013, 0.50735769],
    [2.27374999, -1.64466037, 0.41619093],
  ]; // deno-fmt-ignore
  const ours = polarExpressCoefficients({ cushion: 0, steps: 5 });
  table.forEach((quintic, step) => assertClose(ours[step], quintic, 6e-9));
});

Deno.test("criterion 5: largest error of the schedules", () => {
  const worst = (coefficients: readonly Quintic[], lower: number) => {
    let error = 0;
    for (let i = 0; i <= 200_000; i++) {
      error = Math.max(
        error,
        Math.abs(newtonSchulzScalar(lower * (1 / lower) ** (i / 200_000), coefficients) - 1),
      );
    }
    return error;
  };
  assertAlmostEquals(worst(NEWTON_SCHULZ.polarExpress8.slice(0, 5), 1e-3), 0.123559, 1e-6);
  assertLess(worst(NEWTON_SCHULZ.polarExpress8, 1e-3), 1e-8);
  assertAlmostEquals(worst(NEWTON_SCHULZ.you5, 0.01), 0.031775, 1e-6);
  assertAlmostEquals(newtonSchulzScalar(1e-3, NEWTON_SCHULZ.cubic), 0.0075936353, 1e-10);
});

Deno.test("2 x 3 matrix (oracle)", () => {
  const o = newtonSchulz(TWO_BY_THREE, { eps: 0 });
  assertClose(o.data, [
    -0.568290092089,
    0.057741943274,
    0.683773978636,
    0.563354684342,
    0.405612823564,
    0.247870962786,
  ], 1e-11);
  assertClose(singularValues(o).slice().sort(), [0.700026982049, 0.920395087039], 1e-11);
  const one = newtonSchulz(TWO_BY_THREE, { eps: 0, coefficients: NEWTON_SCHULZ.muon5.slice(0, 1) });
  assertClose(one.data, [
    -0.089084634108,
    0.125229706682,
    0.339544047471,
    0.364234028950,
    0.379442792463,
    0.394651555976,
  ], 1e-11);
  const polar = polarFactor(TWO_BY_THREE);
  assertClose(polar.data, [
    -0.577791826825,
    0.115116695104,
    0.808025217034,
    0.706746020992,
    0.565757439051,
    0.424768857110,
  ], 1e-11);
  assertClose(
    newtonSchulz(TWO_BY_THREE, { eps: 0, coefficients: NEWTON_SCHULZ.polarExpress8 }).data,
    polar.data,
    1e-11,
  );
});

Deno.test("2 x 2 matrices: the polar factor in closed form, met by Polar Express", () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: 4, maxLength: 4 }),
      ([a, b, c, d]) => {
        const det = a * d - b * c;
        const size = Math.hypot(a, b, c, d);
        fc.pre(Math.abs(det) > 0.01 * size ** 2);
        const [p, q] = det > 0 ? [a + d, b - c] : [a - d, b + c];
        const norm = Math.hypot(p, q);
        const expected = det > 0 ? [p, q, -q, p] : [p, q, q, -p];
        const g = Matrix.fromRows([[a, b], [c, d]]);
        assertClose(polarFactor(g).data, expected.map((x) => x / norm), 1e-11);
        assertClose(
          newtonSchulz(g, { eps: 0, coefficients: NEWTON_SCHULZ.polarExpress8 }).data,
          expected.map((x) => x / norm),
          1e-10,
        );
      },
    ),
  );
});

Deno.test("row and column space stay: a matrix of rank r gives one of rank r", () => {
  const rng = new Rng(3);
  for (const method of ["standard", "gram"] as const) {
    const left = haarOrthogonal(12, { rng }).slice(0, 12, 0, 3);
    const right = haarOrthogonal(9, { rng }).slice(0, 3, 0, 9);
    const g = matmul(matmul(left, rng.normalMatrix(3, 3)), right);
    const o = newtonSchulz(g, { method });
    const projected = matmul(matmul(left, matmul(left, o, { transposeA: true })), right, {
      transposeB: true,
    });
    // Rounding outside of the space grows by the slope at zero, 485.
    assertClose(matmul(projected, right).data, o.data, 5e-13);
  }
});

Deno.test("a safety factor contracts all quintics but the last", () => {
  const plain = polarExpressCoefficients({ steps: 3 });
  const safe = polarExpressCoefficients({ steps: 3, safety: 1.02 });
  for (const step of [0, 1]) {
    const x = 0.3;
    assertAlmostEquals(
      newtonSchulzScalar(x, [safe[step]]),
      newtonSchulzScalar(x / 1.02, [plain[step]]),
      1e-13,
    );
  }
  assertEquals(safe[2], plain[2]);
});

Deno.test("K(8, 5) (oracle)", () => {
  assertClose(singularValues(K(8, 5)), [
    11.782253010815,
    10.079815357736,
    9.35697478789,
    7.104185388116,
    3.814893069691,
  ], 1e-11);
  const o = newtonSchulz(K(8, 5), { eps: 0 });
  assertClose(
    o.row(0),
    [-0.405920362185, -0.217367147445, 0.009914612597, 0.375385747473, -0.215327911912],
    1e-11,
  );
  assertAlmostEquals(frobeniusNorm(o), 1.9555132415705, 1e-12);
  assertAlmostEquals(o.data.reduce((sum, x) => sum + x, 0), -1.9037732991007, 1e-12);
});

Deno.test("three full steps (oracle)", () => {
  const w = Matrix.zeros(2, 3);
  const optimizer = new MatrixOptimizer(
    [{ name: "w", weights: w, outputs: "rows" }],
    muonUpdates({ weightDecay: 0.01 }),
  );
  for (let t = 1; t <= 3; t++) {
    optimizer.step([TWO_BY_THREE.map((x, i) => (i === 1 ? (-1) ** t : 1) * x / t)]);
    if (t === 1) assertClose(w.row(0), [0.011365805545, -0.001154838833, -0.013675483211], 1e-9);
  }
  assertClose(
    w.data,
    [0.015119160456, -0.011501098520, -0.038121357495, 0.011049324175, 0.012011604289, 0.012973884403],
    1e-9,
  );
});

Deno.test("equivariance, scale invariance, oddness and transposition, by either method", () => {
  const sizes = fc.tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 12 }), fc.integer());
  fc.assert(
    fc.property(sizes, fc.constantFrom("standard" as const, "gram" as const), ([m, n, seed], method) => {
      const rng = new Rng(seed);
      const g = rng.normalMatrix(m, n);
      const ns = (x: Matrix) => newtonSchulz(x, { eps: 0, method });
      const o = ns(g);
      const q = haarOrthogonal(m, { rng });
      const r = haarOrthogonal(n, { rng });
      assertClose(ns(matmul(matmul(q, g), r)).data, matmul(matmul(q, o), r).data, 1e-11);
      assertClose(ns(g.times(1e-5)).data, o.data, 1e-11);
      assertClose(ns(g.times(-1)).data, o.times(-1).data, 1e-13);
      assertClose(ns(g.transpose()).data, o.transpose().data, 1e-11);
      const inner = g.data.reduce((sum, x, i) => sum + x * o.data[i], 0);
      assertLess(0, inner);
    }),
    { numRuns: 60 },
  );
});

Deno.test("singular vectors stay, singular values go through the scalar map; both methods agree", () => {
  const rng = new Rng(8);
  for (const [m, n] of [[64, 64], [64, 256], [256, 64]]) {
    const g = rng.normalMatrix(m, n);
    const standard = newtonSchulz(g, { method: "standard" });
    assertClose(newtonSchulz(g, { method: "gram" }).data, standard.data, 1e-13);
    const norm = frobeniusNorm(g) + 1e-7;
    const mapped = Array.from(singularValues(g), (s) => newtonSchulzScalar(s / norm, NEWTON_SCHULZ.muon5))
      .sort((a, b) => b - a);
    assertClose(singularValues(standard), mapped, 1e-12);
  }
});

Deno.test("float32 stays within 1e-5 of float64", () => {
  const rng = new Rng(1);
  for (const n of [64, 128, 256]) {
    for (const method of ["standard", "gram"] as const) {
      const g = rng.normalMatrix(n, 2 * n);
      const exact = newtonSchulz(g, { method });
      const rounded = newtonSchulz(g.astype("float32"), { method });
      const error = rounded.data.reduce((worst, x, i) => Math.max(worst, Math.abs(x - exact.data[i])), 0);
      assertLess(error, 1e-5);
    }
  }
});

Deno.test("in float32, composing three steps loses nothing on ill-conditioned matrices that one step at a time keeps", () => {
  const rng = new Rng(2);
  for (const coefficients of [NEWTON_SCHULZ.muon5, NEWTON_SCHULZ.polarExpress8]) {
    const [m, n] = [64, 256];
    const left = haarOrthogonal(m, { rng });
    const right = haarOrthogonal(n, { rng });
    // Singular values from 1 down to 1e-6.
    const g = matmul(left, Matrix.from(m, n, (i, j) => 10 ** (-6 * i / (m - 1)) * right.get(i, j)));
    const single = g.astype("float32");
    const exact = newtonSchulz(single.astype("float64"), { coefficients });
    const error = (method: "standard" | "gram") =>
      frobeniusNorm(newtonSchulz(single, { coefficients, method }).astype("float64").minus(exact)) /
      frobeniusNorm(exact);
    assertLess(error("gram"), 2 * error("standard"));
  }
});

Deno.test("degenerate matrices: zero, rank one, one row", () => {
  assertEquals(newtonSchulz(Matrix.zeros(3, 4)), Matrix.zeros(3, 4));
  const u = new Rng(0).sphere(5);
  const v = new Rng(1).sphere(3);
  for (const method of ["standard", "gram"] as const) {
    const o = newtonSchulz(Matrix.from(5, 3, (i, j) => 7 * u[i] * v[j]), { eps: 0, method });
    assertClose(o.data, Matrix.from(5, 3, (i, j) => 0.69643640947 * u[i] * v[j]).data, 1e-11);
  }
  assertClose(newtonSchulz(Matrix.fromRows([[3, 4]]), { eps: 0 }).data, [
    0.6 * 0.69643640947,
    0.8 * 0.69643640947,
  ], 1e-11);
});

Deno.test("criterion 3: root mean square of polar factors and of five steps", () => {
  const rms = (a: Matrix) => frobeniusNorm(a) / Math.sqrt(a.rows * a.columns);
  for (const [m, n, factor] of [[64, 64, 0.8756], [128, 512, 0.8663], [256, 1024, 0.9554]]) {
    const g = new Rng(m).normalMatrix(m, n);
    if (m < 256) assertAlmostEquals(rms(polarFactor(g)), 1 / Math.sqrt(Math.max(m, n)), 1e-12);
    const scaled = newtonSchulz(g).times(shapeFactor("matchAdamw", { outputs: m, inputs: n }));
    assertAlmostEquals(rms(scaled), 0.2 * factor, 0.2 * 0.01);
  }
});

Deno.test("criterion 7: averaged and summed momentum give the same Muon step", () => {
  const parameter = { name: "w", weights: Matrix.zeros(6, 9), outputs: "rows" as const };
  const rng = new Rng(2);
  const average = momentum();
  const sum = momentum({ form: "sum" });
  const a = average.init(parameter);
  const s = sum.init(parameter);
  for (let t = 0; t < 10; t++) {
    const g = rng.normalMatrix(6, 9);
    const x = newtonSchulz(average.update(g.clone(), a, parameter));
    const y = newtonSchulz(sum.update(g.clone(), s, parameter));
    assertLess(frobeniusNorm(x.minus(y)) / frobeniusNorm(y), 1e-6);
  }
});

Deno.test("a quadratic with shared singular vectors loses the step size per step (closed form)", () => {
  const target = Matrix.diagonal([1, 0.5, 0.25]);
  const w = Matrix.zeros(3, 3);
  const rate = 0.03;
  const errors = [1, 0.5, 0.25];
  for (let step = 0; step < 8; step++) {
    const update = polarFactor(w.minus(target));
    for (let k = 0; k < 9; k++) w.data[k] -= rate * update.data[k];
    errors.forEach((e, i) => errors[i] = e - rate);
    assertClose(singularValues(w.minus(target)), errors, 1e-13);
  }
});

Deno.test("bad input is named", () => {
  assertThrows(() => newtonSchulz(Matrix.fromRows([[1, NaN]])), RangeError, "entry (0, 1) is NaN");
  assertThrows(
    () => newtonSchulz(Matrix.identity(2), { coefficients: [] }),
    RangeError,
    "`coefficients.length`",
  );
  assertThrows(() => muonUpdates({ learningRate: -1 }), RangeError, "`learningRate`");
  assertThrows(() => orthogonalize({ method: "fast" as "auto" }), TypeError, "`method`");
  assertThrows(() => newtonSchulz(Matrix.fromRows([[Infinity, 1]])), RangeError, "entry (0, 0) is Infinity");
  assertThrows(() => newtonSchulz(Matrix.identity(2), { eps: -1 }), RangeError, "`eps`");
  assertThrows(() => muonUpdates({ momentum: 1 }), RangeError, "`momentum`");
  assertThrows(() => muonUpdates({ momentum: -0.5 }), RangeError, "`momentum`");
  assertThrows(() => muonUpdates({ weightDecay: -1 }), RangeError, "`weightDecay`");
  assertThrows(() => optimalQuintic(0, 1), RangeError, "`lower`");
  assertThrows(() => optimalQuintic(1, 0.5), RangeError, "`upper`");
  assertThrows(() => polarExpressCoefficients({ steps: 0 }), RangeError, "`steps`");
  assertThrows(() => polarExpressCoefficients({ lower: 1 }), RangeError, "`lower`");
  assertThrows(() => polarExpressCoefficients({ safety: 0.9 }), RangeError, "`safety`");
});
