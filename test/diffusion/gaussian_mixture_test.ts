import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { Matrix, Rng } from "../../lib/arrays/mod.ts";
import {
  GaussianMixture,
  gaussianScore,
  mixtureScore,
  scaledLinearSchedule,
  VpSde,
} from "../../lib/diffusion/mod.ts";

interface MixtureCase {
  weights: number[];
  means: number[][];
  variances?: number[];
  covariances?: number[][][];
  alpha: number;
  sigma: number;
  x: number[];
  logDensity: number[];
  score: number[];
  jacobian: number[];
}

const fixture = JSON.parse(
  Deno.readTextFileSync(new URL("../fixtures/diffusion/mixture.json", import.meta.url)),
) as { mixtures: MixtureCase[] };

function close(found: ArrayLike<number>, wanted: ArrayLike<number>, tolerance: number): void {
  assertEquals(found.length, wanted.length);
  for (let i = 0; i < found.length; i++) assertAlmostEquals(found[i], wanted[i], tolerance);
}

/** Three modes; the law of the sampling experiments. */
const THREE = () =>
  new GaussianMixture({
    weights: [0.5, 0.3, 0.2],
    means: Matrix.fromRows([[1.2, 0.9], [-0.3, 1.6], [1.5, -0.8]]),
    variances: [0.04, 0.04, 0.04],
  });

Deno.test("mixtures: densities, scores and Jacobians are PyTorch's", () => {
  for (const { weights, means, variances, covariances, alpha, sigma, x, ...wanted } of fixture.mixtures) {
    const mixture = new GaussianMixture({
      weights,
      means: Matrix.fromRows(means),
      ...(variances ? { variances } : { covariances: covariances!.map((c) => Matrix.fromRows(c)) }),
    });
    const points = Float64Array.from(x);
    close(mixture.logDensity(points, alpha, sigma), wanted.logDensity, 1e-12);
    close(mixture.score(points, alpha, sigma), wanted.score, 1e-11);
    const { score, jacobian } = mixture.scoreAndJacobian(points, alpha, sigma);
    close(score, wanted.score, 1e-11);
    close(jacobian, wanted.jacobian, 1e-10);
    close(mixture.noisePrediction(points, alpha, sigma), wanted.score.map((s) => -sigma * s), 1e-11);
  }
});

Deno.test("mixtures: responsibilities, score and noise of the three modes at step 500", () => {
  const schedule = scaledLinearSchedule();
  const [alpha, sigma] = [schedule.alpha(500), schedule.sigma(500)];
  assertAlmostEquals(alpha, 0.5256735525, 1e-10);
  assertAlmostEquals(sigma, 0.8506863794, 1e-10);
  const x = Float64Array.of(0.4, 0.3);
  const mixture = THREE();
  close(mixture.responsibilities(x, alpha, sigma).data, [0.59195797, 0.24922447, 0.15881757], 1e-8);
  close(mixture.score(x, alpha, sigma), [0.080762746055, 0.167256996636], 1e-12);
  close(mixture.noisePrediction(x, alpha, sigma), [-0.068703768036, -0.142283248906], 1e-12);
});

Deno.test("mixtures: one level after another, results in place, many points at once", () => {
  const mixture = THREE();
  const rng = new Rng(3);
  const x = rng.normals(20);
  const first = mixture.score(x, 0.8, 0.6);
  const second = mixture.score(x, 0.6, 0.8);
  assertEquals(mixture.score(x, 0.8, 0.6), first);
  for (let i = 0; i < 10; i++) {
    assertEquals(mixture.score(x.slice(2 * i, 2 * i + 2), 0.6, 0.8), second.slice(2 * i, 2 * i + 2));
  }
  const copy = x.slice();
  mixture.score(copy, 0.8, 0.6, { out: copy });
  assertEquals(copy, first);
});

Deno.test("mixtures: far from all modes, and between point masses, scores and Jacobians stay finite", () => {
  const points = new GaussianMixture({
    weights: [1, 1],
    means: Matrix.fromRows([[0, 0], [1, 0]]),
    variances: [0, 0],
  });
  const { score, jacobian } = points.scoreAndJacobian(Float64Array.of(1e6, 0), 1, 1e-3);
  close(score, [-(1e6 - 1) / 1e-6, 0], 1e-3);
  close(jacobian, [-1e6, 0, 0, -1e6], 1e-3);
  // At its own point mass the nearest one alone counts.
  close(points.score(Float64Array.of(1, 0), 1, 1e-3), [0, 0], 1e-9);
  assertThrows(
    () => points.score(Float64Array.of(1, 0), 1, 0),
    RangeError,
    "`sigma` must be positive where a component has a direction without variance, got 0",
  );
  assert(Number.isFinite(points.logDensity(Float64Array.of(40, 0), 1, 1)[0]));
});

Deno.test("mixtures: NaN in a point reaches its results, and no other point's", () => {
  const mixture = THREE();
  const x = Float64Array.of(0, NaN, 1, 1);
  const score = mixture.score(x, 0.8, 0.6);
  assert(score.slice(0, 2).some(Number.isNaN));
  assertEquals(score.slice(2), mixture.score(Float64Array.of(1, 1), 0.8, 0.6));
  assert(Number.isNaN(mixture.logDensity(x, 0.8, 0.6)[0]));
  assert(mixture.scoreAndJacobian(x, 0.8, 0.6).jacobian.slice(0, 4).some(Number.isNaN));
});

Deno.test("mixtures: samples have the moments of the law", () => {
  const means = [[1, 0], [-1, 2]];
  const covariance = Matrix.fromRows([[2, 0.6], [0.6, 0.5]]);
  const mixture = new GaussianMixture({
    weights: [3, 1],
    means: Matrix.fromRows(means),
    covariances: [covariance, Matrix.zeros(2, 2)],
  });
  const n = 40_000;
  const draws = mixture.sample(n, { rng: new Rng(1) });
  const away = (i: number, k: number, a: number) => draws.data[2 * i + a] - means[k][a];
  let first = 0;
  const moments = [0, 0, 0];
  for (let i = 0; i < n; i++) {
    if (Math.hypot(away(i, 1, 0), away(i, 1, 1)) < 1e-9) continue;
    first++;
    moments[0] += away(i, 0, 0) ** 2;
    moments[1] += away(i, 0, 0) * away(i, 0, 1);
    moments[2] += away(i, 0, 1) ** 2;
  }
  // Five standard errors.
  assertAlmostEquals(first / n, 0.75, 5 * Math.sqrt(0.75 * 0.25 / n));
  close(moments.map((sum) => sum / first), [2, 0.6, 0.5], 5 * 2 * Math.sqrt(2 / first));
});

Deno.test("mixtures: what is refused", () => {
  const means = Matrix.fromRows([[0, 0], [1, 1]]);
  const make = (options: object) => () => new GaussianMixture({ weights: [1, 1], means, ...options });
  assertThrows(make({ variances: [1, -1] }), RangeError, "`variances[1]` must be");
  assertThrows(make({ variances: [1] }), RangeError, "`variances` must have length 2, got 1");
  assertThrows(make({ variances: [1, 1], weights: [1, 0] }), RangeError, "`weights[1]` must be");
  assertThrows(make({}), TypeError, "either `variances` or `covariances`");
  const bad = Matrix.fromRows([[1, 2], [2, 1]]);
  assertThrows(
    make({ covariances: [Matrix.identity(2), bad] }),
    RangeError,
    "`covariances[1]` must be positive semidefinite, got the eigenvalue -1",
  );
  const skew = Matrix.fromRows([[1, 2], [0, 1]]);
  assertThrows(make({ covariances: [skew, skew] }), RangeError, "`covariances[0]` must be symmetric");
  assertThrows(
    () => make({ variances: [1, 1] })().score(new Float64Array(3), 1, 1),
    RangeError,
    "a multiple of 2, got 3",
  );
  assertThrows(() => gaussianScore(bad, new VpSde()), RangeError, "positive semidefinite");
  assertThrows(() => gaussianScore(Matrix.zeros(2, 3), new VpSde()), RangeError, "must be 3 x 3, got 2 x 3");
});

Deno.test("the score field of a mixture is the mixture at the noise level of the time", () => {
  const sde = new VpSde();
  const mixture = THREE();
  const field = mixtureScore(mixture, sde);
  const x = Float64Array.of(0.2, 0.1, -1, 3);
  assertEquals(field.score(x, 0.3), mixture.score(x, sde.alpha(0.3), sde.sigma(0.3)));
  assertEquals(field.logDensity(x, 0.3), mixture.logDensity(x, sde.alpha(0.3), sde.sigma(0.3)));
});
