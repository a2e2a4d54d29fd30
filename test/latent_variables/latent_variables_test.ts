/** Against closed forms, and invariants of the estimators. */
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { Matrix, Rng } from "../../lib/arrays/mod.ts";
import { gram, matmul } from "../../lib/blas/mod.ts";
import { eigh, haarOrthogonal, leastSquares, ridgeLeaveOneOut, wishart } from "../../lib/linalg/mod.ts";
import {
  bayesLinearPredictor,
  breakEvenUnlabeled,
  excessRisk,
  type FactorModel,
  fitPpca,
  fitPpcaToCovariance,
  fitSphericalMixture,
  gaussianHellinger2,
  gaussianKl,
  irreducibleRisk,
  leastSquaresRisk,
  majorityLabels,
  nearestMeanError,
  nearestMeans,
  posteriorMean,
  pretrainedRisk,
  pretrainThenRegress,
  regressOnFactors,
  responsibilities,
  spikedCosine2,
  spikedRisk,
  subspaceRisk,
} from "../../lib/latent_variables/mod.ts";

const B = Matrix.fromRows([[2], [0], [1]]);
const model: FactorModel = { loadings: B, noiseVariance: 1 };
const sigma = gram(B, { side: "right" }).plus(Matrix.identity(3));
const problem = { dimension: 3, strengths: [5], coefficients: [1], noiseVariance: 0.25 };
const standard = {
  dimension: 60,
  strengths: [4, 4, 4, 4],
  coefficients: [0.5, 0.5, 0.5, 0.5],
  noiseVariance: 0.25,
};

function assertClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance = 1e-12) {
  assertEquals(actual.length, expected.length);
  for (let i = 0; i < actual.length; i++) assertAlmostEquals(actual[i], expected[i], tolerance, `entry ${i}`);
}

Deno.test("a factor model in three dimensions has its closed forms", () => {
  assertEquals(sigma.toRows(), [[5, 0, 2], [0, 1, 0], [2, 0, 2]]);
  assertClose(eigh(sigma).values, [1, 1, 6]);
  assertAlmostEquals(irreducibleRisk(problem), 5 / 12, 1e-15);
  assertClose(bayesLinearPredictor(model, [1]), [1 / 3, 0, 1 / 6], 1e-15);
  assertAlmostEquals(leastSquaresRisk(5 / 12, 3, 10), 5 / 24, 1e-15);
  assertAlmostEquals(leastSquaresRisk(5 / 12, 1, 10), 5 / 96, 1e-15);
  assertAlmostEquals(gaussianHellinger2(Matrix.identity(3), sigma), 0.163427102863, 1e-12);
  assertAlmostEquals(gaussianKl(Matrix.identity(3), sigma), 0.479213067947, 1e-12);
  assertAlmostEquals(gaussianKl(sigma, Matrix.identity(3)), (5 - Math.log(6)) / 2, 1e-12);
});

Deno.test("the posterior mean has two equal forms", () => {
  const rng = new Rng(0);
  const loadings = rng.normalMatrix(7, 3);
  const x = rng.normalMatrix(4, 7);
  const direct = matmul(
    leastSquares(gram(loadings, { side: "right" }).plus(Matrix.identity(7)), x.transpose()),
    loadings,
    {
      transposeA: true,
    },
  );
  assertClose(posteriorMean({ loadings, noiseVariance: 1 }, x).data, direct.data, 1e-12);
});

Deno.test("the maximum-likelihood factor model of a covariance", () => {
  const { loadings, eigenvalues } = fitPpcaToCovariance(sigma, 1);
  const sign = Math.sign(loadings.get(0, 0));
  assertClose(loadings.times(sign).data, [2, 0, 1]);
  assertClose(eigenvalues, [6, 1, 1]);
  const diagonal = fitPpcaToCovariance(Matrix.diagonal([3, 2, 0.5]), 3).loadings.map(Math.abs);
  assertClose(diagonal.data, [Math.SQRT2, 0, 0, 0, 1, 0, 0, 0, 0]);
  const noisy = fitPpcaToCovariance(Matrix.diagonal([5, 2, 1]), 1, { noiseVariance: "ml" });
  assertAlmostEquals(noisy.noiseVariance, 1.5, 1e-15);
  assertAlmostEquals(Math.abs(noisy.loadings.get(0, 0)), Math.sqrt(3.5), 1e-15);
});

Deno.test("centring takes the mean off", () => {
  const x = new Rng(3).normalMatrix(50, 4);
  const far = x.map((value) => value + 1000);
  const centred = (data: Matrix) => fitPpca(data, 2, { center: true }).eigenvalues;
  assertClose(centred(far), centred(x), 1e-9);
});

Deno.test("the largest eigenvalues come first, whatever the order of the entries", () => {
  const { eigenvalues } = fitPpcaToCovariance(Matrix.diagonal([1, 5, 3]), 1);
  assertClose(eigenvalues, [5, 3, 1]);
});

Deno.test("least squares on factors does not depend on which of the equivalent models it gets", () => {
  const rng = new Rng(1);
  const x = rng.normalMatrix(30, 10);
  const y = rng.normals(30);
  const { loadings, noiseVariance } = fitPpca(rng.normalMatrix(100, 10).times(2), 3);
  const { weights } = regressOnFactors({ loadings, noiseVariance }, x, y);
  const turned = matmul(loadings, haarOrthogonal(3, { rng }));
  assertClose(regressOnFactors({ loadings: turned, noiseVariance }, x, y).weights, weights, 1e-12);
  const mapped = matmul(loadings, rng.normalMatrix(3, 3).plus(Matrix.identity(3), 3));
  assertClose(regressOnFactors({ loadings: mapped, noiseVariance }, x, y).weights, weights, 1e-12);
  // It is least squares on the principal components.
  const scores = matmul(x, loadings);
  const principal = matmul(loadings, leastSquares(scores, new Matrix(30, 1, y)));
  assertClose(principal.data, weights, 1e-12);
});

Deno.test("both phases together", () => {
  const rng = new Rng(5);
  const unlabeled = rng.normalMatrix(200, 6).times(3);
  const x = rng.normalMatrix(12, 6);
  const y = rng.normals(12);
  const both = pretrainThenRegress(unlabeled, x, y, { rank: 2 });
  assertEquals(both.weights, regressOnFactors(fitPpca(unlabeled, 2), x, y).weights);
  assertEquals(both.isUnderdetermined, false);
  const few = { rank: 4, allowUnderdetermined: true };
  const under = pretrainThenRegress(unlabeled, x.slice(0, 2), y.slice(0, 2), few);
  assert(under.isUnderdetermined);
  const z = posteriorMean(under.model, x.slice(0, 2));
  assertClose(matmul(z, new Matrix(4, 1, under.coefficients)).data, y.slice(0, 2), 1e-12);
});

Deno.test("risks in closed form", () => {
  assertAlmostEquals(irreducibleRisk(standard), 0.45, 1e-15);
  assertClose(
    [200, 500, 1000].map((n) => leastSquaresRisk(0.45, 60, n)),
    [0.1942446, 0.0615034, 0.0287540],
    5e-8,
  );
  assertAlmostEquals(leastSquaresRisk(0.45, 60, 100), 0.6923077, 5e-8);
  assertAlmostEquals(leastSquaresRisk(0.45, 4, 100), 0.0189474, 5e-8);
  assertClose([1000, 5000, 1e5].map((m) => subspaceRisk(standard, m)), [2.8e-3, 5.6e-4, 2.8e-5], 1e-15);
  const pairs = [[500, 30], [5000, 30], [5000, 1000]];
  assertClose(pairs.map(([m, n]) => pretrainedRisk(standard, m, n)), [0.078496, 0.0726496, 0.0023713], 5e-7);
  assertEquals(leastSquaresRisk(1, 60, 61), Infinity);
  assertEquals(leastSquaresRisk(1, 60, Infinity), 0);
  assertEquals(subspaceRisk(standard, Infinity), 0);
  // Ever stronger factors: the target's own noise is left. Ever weaker ones: the target's variance.
  const limit = (s: number) => irreducibleRisk({ ...problem, strengths: [s] });
  assertAlmostEquals(limit(1e12), 0.25, 1e-11);
  assertAlmostEquals(limit(1e-12), 1.25, 1e-11);
  assertEquals(breakEvenUnlabeled(standard, 61), 0);
});

Deno.test("the spiked model has its phase transition", () => {
  const values = [[4, 0.6, 0.8369565217, 0.03], [1, 0.25, 0.6, 0.125], [1, 0.5, 1 / 3, 0.25], [
    2,
    1,
    0.5,
    1 / 6,
  ], [
    0.5,
    0.3,
    0,
    1 / 3,
  ]];
  for (const [s, gamma, cosine2, risk] of values) {
    assertAlmostEquals(spikedCosine2(s, gamma), cosine2, 1e-10);
    assertAlmostEquals(spikedRisk(s, spikedCosine2(s, gamma)), risk, 1e-12);
  }
  // Few dimensions per input: the first order.
  const one = { dimension: 400, strengths: [2], coefficients: [1], noiseVariance: 0 };
  const ratio = spikedRisk(2, spikedCosine2(2, 400 / 4e6)) / subspaceRisk(one, 4e6);
  assertAlmostEquals(ratio, 400 / 399, 1e-3);
});

Deno.test("Wishart matrices have the mean and variance of sums of squares", () => {
  const rng = new Rng(7);
  const draws = Array.from({ length: 2000 }, () => wishart(sigma, 5, { rng }));
  const mean = (i: number, j: number) => draws.reduce((sum, w) => sum + w.get(i, j), 0) / draws.length;
  for (let i = 0; i < 3; i++) {
    for (let j = 0; j < 3; j++) {
      const variance = 5 * (sigma.get(i, j) ** 2 + sigma.get(i, i) * sigma.get(j, j));
      assert(
        Math.abs(mean(i, j) - 5 * sigma.get(i, j)) < 4.5 * Math.sqrt(variance / draws.length),
        `${i}, ${j}`,
      );
    }
  }
  const squares = draws.reduce((sum, w) => sum + (w.get(0, 2) - 10) ** 2, 0) / draws.length;
  assertAlmostEquals(squares / (5 * (4 + 10)), 1, 0.2);
  // Of 3 degrees of freedom only: not singular, but fewer are refused.
  assert(eigh(wishart(sigma, 3, { rng })).values[0] > 0);
  assertThrows(
    () => wishart(sigma, 2, { rng }),
    RangeError,
    "`degreesOfFreedom` must be an integer of at least 3",
  );
});

Deno.test("ridge regression leaves one out as refitting without it does", () => {
  const rng = new Rng(2);
  for (const n of [8, 20]) {
    const x = rng.normalMatrix(n, 12);
    const y = rng.normals(n);
    const penalties = [0.1, 3];
    const { errors, weights, penalty } = ridgeLeaveOneOut(x, y, { penalties });
    const ridge = (rows: number[], lambda: number) => {
      const part = Matrix.fromRows(rows.map((i) => x.row(i)));
      const right = matmul(part, Matrix.fromRows(rows.map((i) => [y[i]])), { transposeA: true });
      return leastSquares(gram(part).plus(Matrix.identity(12), lambda), right).data;
    };
    const all = Array.from({ length: n }, (_, i) => i);
    penalties.forEach((lambda, k) => {
      const error = all.reduce((sum, i) => {
        const w = ridge(all.filter((j) => j !== i), lambda);
        return sum + (y[i] - x.row(i).reduce((dot, value, c) => dot + value * w[c], 0)) ** 2 / n;
      }, 0);
      assertAlmostEquals(errors[k], error, 1e-10);
    });
    assertEquals(penalty, penalties[errors[0] < errors[1] ? 0 : 1]);
    assertClose(weights, ridge(all, penalty), 1e-10);
  }
});

Deno.test("the error of the nearest mean", () => {
  assertAlmostEquals(nearestMeanError(8, 4.5), 0.0045331776, 1e-10);
  assertEquals(nearestMeanError(1, 3), 0);
  // Two means at distance rho sqrt 2.
  assertAlmostEquals(nearestMeanError(2, 2), 0.0786496035, 1e-9);
});

Deno.test("expectation maximization never loses likelihood", () => {
  const rng = new Rng(4);
  const x = rng.normalMatrix(500, 3).map((noise, i, j) => noise + (j === i % 3 ? 3 : 0));
  const { means, logLikelihood } = fitSphericalMixture(x, 3, { rng, restarts: 2, startSteps: 3, steps: 15 });
  for (let t = 1; t < logLikelihood.length; t++) assert(logLikelihood[t] >= logLikelihood[t - 1] - 1e-9);
  const { probabilities, logLikelihood: last } = responsibilities(means, x);
  assertEquals(last, logLikelihood.at(-1));
  for (let i = 0; i < x.rows; i++) assertAlmostEquals(probabilities.row(i).reduce((a, b) => a + b), 1, 1e-12);
  // The density itself, summed over components.
  const direct = x.toRows().reduce((sum, row) =>
    sum + Math.log(
        means.toRows().reduce((p, mean) =>
          p + Math.exp(
              -row.reduce((s, value, j) => s + (value - mean[j]) ** 2, 0) / 2,
            ) / (2 * Math.PI) ** 1.5 / 3, 0),
      ) / 500, 0);
  assertAlmostEquals(last, direct, 1e-12);
  // Means in another order: responsibilities in that order.
  const swapped =
    responsibilities(Matrix.fromRows([means.row(2), means.row(0), means.row(1)]), x).probabilities;
  assertClose(swapped.column(0), probabilities.column(2), 1e-12);
});

Deno.test("labels of components by majority", () => {
  assertEquals(majorityLabels([0, 0, 0, 2, 2], [1, 1, 0, 1, 0], 4), new Float64Array([1, 0.5, 0.5, 0.5]));
  assertEquals(majorityLabels([], [], 2), new Float64Array([0.5, 0.5]));
  const means = Matrix.fromRows([[3, 0], [0, 3]]);
  assertEquals(nearestMeans(means, Matrix.fromRows([[1, 2], [2, 1]])), new Int32Array([1, 0]));
});

Deno.test("arguments that make no sense are refused by name", () => {
  const rng = new Rng(0);
  const x = rng.normalMatrix(5, 3);
  const bad: [() => unknown, new (message: string) => Error, string][] = [
    [() => fitPpca(x, 0), RangeError, "`rank` must be an integer from 1 to 3, got 0"],
    [() => fitPpca(x, 4), RangeError, "`rank` must be an integer from 1 to 3, got 4"],
    [() => fitPpca(x, 3, { noiseVariance: "ml" }), RangeError, "from 1 to 2, got 3"],
    [() => fitPpca(x.map(() => NaN), 1), RangeError, "Cannot fit a factor model to `x`"],
    [
      () => fitPpcaToCovariance(Matrix.fromRows([[1, 2], [0, 1]]), 1),
      RangeError,
      "must be symmetric, got 0 at (1, 0)",
    ],
    [() => regressOnFactors(model, x, [1, 2]), RangeError, "`y` must have"],
    [
      () => pretrainThenRegress(x, x.slice(0, 1), [1], { rank: 2 }),
      RangeError,
      "as many targets as there are factors",
    ],
    [() => posteriorMean(model, Matrix.zeros(2, 4)), RangeError, "`x.columns`"],
    [() => excessRisk([1, 2], [0, 0, 0], sigma), RangeError, "`w`"],
    [() => leastSquaresRisk(1, 60, 58), RangeError, "`n`"],
    [() => fitSphericalMixture(x, 6, { rng }), RangeError, "`k` must be an integer from 1 to 5, got 6"],
    [() => majorityLabels([3], [1], 2), RangeError, "`components[0]`"],
    [() => majorityLabels([0], [2], 2), RangeError, "`labels[0]`"],
    [() => gaussianKl(sigma, Matrix.identity(2)), RangeError, "`q` must be 3 x 3"],
    [
      () => ridgeLeaveOneOut(x, rng.normals(5), { penalties: [0] }),
      RangeError,
      "`penalties` must be positive",
    ],
    [() => spikedRisk(1, 2), RangeError, "`cosine2`"],
  ];
  for (const [call, type, message] of bad) assertThrows(call, type, message);
});
