import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { Matrix, Rng } from "../../lib/arrays/mod.ts";
import {
  addFields,
  GaussianMixture,
  gaussianScore,
  linearField,
  mixtureScore,
  rotationField,
  ScoreField,
  sphereScore,
  swissRollScore,
  transformField,
  VpSde,
  withGauge,
} from "../../lib/diffusion/mod.ts";
import { langevinFunction } from "../../lib/diffusion/sphere_score.ts";

const sde = new VpSde();
const THREE = new GaussianMixture({
  weights: [0.5, 0.3, 0.2],
  means: Matrix.fromRows([[1.2, 0.9], [-0.3, 1.6], [1.5, -0.8]]),
  variances: [0.04, 0.04, 0.04],
});
const QUARTER = Matrix.fromRows([[0, -1], [1, 0]]);

/** Every kind of field, at a time when it is smooth on the scale of the differences. */
const FIELDS: Record<string, ScoreField> = {
  mixture: mixtureScore(THREE, sde),
  gaussian: gaussianScore(Matrix.fromRows([[2, 0.6, 0], [0.6, 0.5, 0.1], [0, 0.1, 1]]), sde),
  sphere: sphereScore(sde),
  "sphere of radius 2 in 5 coordinates": sphereScore(sde, { radius: 2, ambientDim: 5 }),
  "Swiss roll": swissRollScore(sde, { nodes: 128 }),
  "Swiss roll in 4 coordinates": swissRollScore(sde, { nodes: 128, ambientDim: 4 }),
  transformed: transformField(mixtureScore(THREE, sde), Matrix.fromRows([[1, 2], [3, 4]])),
  gauged: withGauge(mixtureScore(THREE, sde), QUARTER, 3),
  linear: linearField(Matrix.fromRows([[1, 2], [-0.5, 0.3]]), sde),
  rotating: rotationField((radius) => [Math.sin(radius), Math.cos(radius)], sde),
  sum: addFields(
    mixtureScore(THREE, sde),
    rotationField((radius) => [radius * radius, 2 * radius], sde),
    -2,
  ),
};

for (const [name, field] of Object.entries(FIELDS)) {
  Deno.test(`Jacobian and score of the field "${name}" agree with central differences`, () => {
    const d = field.dim;
    const h = 1e-5;
    for (const t of [0.1, 0.4, 1]) {
      const x = new Rng(`${name} ${t}`).normals(3 * d);
      const { score, jacobian } = field.scoreAndJacobian(x, t);
      assertEquals(score, field.score(x, t));
      for (let b = 0; b < d; b++) {
        const moved = (sign: number) => x.map((value, k) => k % d === b ? value + sign * h : value);
        const [above, below] = [field.score(moved(1), t), field.score(moved(-1), t)];
        for (let i = 0; i < 3; i++) {
          for (let a = 0; a < d; a++) {
            const slope = (above[i * d + a] - below[i * d + a]) / (2 * h);
            assertAlmostEquals(jacobian[(i * d + a) * d + b], slope, 1e-7 * (1 + Math.abs(slope)));
          }
        }
        if (!field.hasLogDensity) continue;
        const [high, low] = [field.logDensity(moved(1), t), field.logDensity(moved(-1), t)];
        for (let i = 0; i < 3; i++) {
          const slope = (high[i] - low[i]) / (2 * h);
          assertAlmostEquals(score[i * d + b], slope, 1e-7 * (1 + Math.abs(slope)));
        }
      }
    }
  });
}

Deno.test("the density of the noisy sphere integrates to 1", () => {
  const field = sphereScore(sde);
  for (const t of [0.003, 0.05, 0.5, 1]) {
    const n = 20_000;
    let sum = 0;
    for (let k = 0; k < n; k++) {
      const radius = (k + 0.5) * 8 / n;
      const [log] = field.logDensity(Float64Array.of(0, radius, 0), t);
      sum += 4 * Math.PI * radius ** 2 * Math.exp(log) * 8 / n;
    }
    assertAlmostEquals(sum, 1, 1e-6);
  }
});

Deno.test("the density of the noisy Swiss roll is that of many points on it", () => {
  const field = swissRollScore(sde, { nodes: 64 });
  const rng = new Rng(0);
  const n = 20_000;
  const points = Matrix.zeros(n, 3);
  for (let i = 0; i < n; i++) {
    const u = rng.uniform(1.5 * Math.PI, 4.5 * Math.PI);
    points.row(i).set([
      (u * Math.cos(u) - 2) / 10,
      rng.uniform(-1.05, 1.05),
      (u * Math.sin(u) - 2 / (3 * Math.PI)) / 10,
    ]);
  }
  const cloud = new GaussianMixture({
    weights: new Float64Array(n).fill(1),
    means: points,
    variances: new Float64Array(n),
  });
  const t = 0.2;
  const x = Float64Array.of(0.2, 0.4, -0.5, 0.8, -1.5, 0.3);
  const sampled = cloud.logDensity(x, sde.alpha(t), sde.sigma(t));
  // Four standard errors of a mean of n positive numbers that vary by about their mean.
  field.logDensity(x, t).forEach((log, i) => assertAlmostEquals(log, sampled[i], 4 * 1.5 / Math.sqrt(n)));
});

Deno.test("the Langevin function: values with 50 digits, on both sides of the series' end, and the tail", () => {
  const out = new Float64Array(2);
  // By Python's decimal module: coth q - 1/q and 1/q^2 - 1/sinh(q)^2.
  const wanted = [
    [1e-6, 3.333333333333111111e-7, 3.333333333332666667e-1],
    [1e-3, 3.333333111111132275e-4, 3.333332666666772487e-1],
    [0.2999, 9.937235499602624462e-2, 3.274218673331256344e-1],
    [0.3001, 9.943783859200615963e-2, 3.274140916509774572e-1],
    [1, 3.130352854993313036e-1, 2.759383390336895336e-1],
    [30, 9.666666666666666667e-1, 1.111111111111111111e-3],
    [1e6, 9.99999e-1, 1e-12],
  ];
  for (const [q, value, slope] of wanted) {
    langevinFunction(q, out);
    assertAlmostEquals(out[0] / value, 1, 1e-13);
    assertAlmostEquals(out[1] / slope, 1, 1e-12);
  }
});

Deno.test("exact scores stay finite where the noise is small and the point far", () => {
  for (const field of [sphereScore(sde), swissRollScore(sde, { nodes: 64 })]) {
    for (const x of [[0, 0, 0], [1e-9, 0, 0], [3, 40, 5], [0, -40, 0], [0, 1.05, 0]]) {
      const { score, jacobian } = field.scoreAndJacobian(Float64Array.from(x), 1e-5);
      assert([...score, ...jacobian].every(Number.isFinite), `${x}`);
    }
  }
  // Far beyond the wall the score is that of the wall's edge, less the distance to the bulk.
  const s = swissRollScore(sde, { nodes: 64 }).score(Float64Array.of(0, 40, 0), 0.01);
  const sigma = sde.sigma(0.01);
  const near = (40 - sde.alpha(0.01) * 1.05) / sigma;
  assertAlmostEquals(s[1] * sigma, -(near + 1 / near), 1e-3);
});

Deno.test("fields: what is refused", () => {
  const field = mixtureScore(THREE, sde);
  assertThrows(
    () => withGauge(field, Matrix.fromRows([[0, -1], [1.0001, 0]]), 1),
    RangeError,
    "`a` must be antisymmetric, got 1.0001 at (1, 0) and -1 at (0, 1)",
  );
  assertThrows(() => withGauge(field, Matrix.fromRows([[1, 0], [0, 0]]), 1), RangeError, "antisymmetric");
  assertThrows(() => withGauge(field, Matrix.zeros(3, 3), 1), RangeError, "`a` must be 2 x 2, got 3 x 3");
  assertThrows(() => withGauge(field, QUARTER, NaN), RangeError, "`omega` must be");
  assertThrows(() => transformField(field, Matrix.zeros(2, 3)), RangeError, "`m` must be 2 x 2");
  assertThrows(() => addFields(field, sphereScore(sde)), RangeError, "`remainder.dim` must be 2");
  assertThrows(() => linearField(Matrix.zeros(2, 3), sde), RangeError, "`b` must be 3 x 3");
  assertThrows(() => field.score(Float64Array.of(1, 2), 0), RangeError, "`t` must be");
  assertThrows(() => field.score(Float64Array.of(1, 2, 3), 0.5), RangeError, "a multiple of 2");
  assertThrows(() => sphereScore(sde, { ambientDim: 2 }), RangeError, "`ambientDim` must be");
  assertThrows(() => sphereScore(sde, { radius: 0 }), RangeError, "`radius` must be");
  const plain = new ScoreField({ dim: 1, sde, score: (_x, _t, out) => out.fill(0) });
  assertThrows(() => plain.scoreAndJacobian(Float64Array.of(1), 0.5), TypeError, "`scoreAndJacobian`");
  assertThrows(() => plain.logDensity(Float64Array.of(1), 0.5), TypeError, "`logDensity`");
  assert(!transformField(plain, Matrix.identity(1)).hasJacobian);
  assert(!addFields(plain, plain).hasJacobian);
});
