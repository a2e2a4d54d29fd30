/**
 * The permutation experiment. Acceptance criteria of the paper's sheet: 1 `exact-decoding`, 2 `closed-forms`,
 * 3 `accuracy-curve` and `single-network-variance`, 4 `finite-width`, 5 `linearithmic`, 6
 * `last-layer-explains`, 7 `bound`, 8 `quadratic`, 9 `two-bits-hardest`; the exact ensemble sizes of 5, 8 and
 * 9 are in test/tangent_kernels/permutation_test.ts.
 */
import { assert, assertEquals } from "@std/assert";
import { Matrix } from "refigure/arrays";
import {
  infiniteKernels,
  KernelGradientFlow,
  permutationMeans,
  permutationOutputLaw,
} from "refigure/tangent_kernels";
import { old as experiment } from "../../experiments/permutation-learning/mod.ts";
import { NNGP, NTK } from "../../experiments/permutation-learning/rows.ts";
import { renderSvg } from "refigure/figures";
import { quickTrials } from "./quick_run.ts";

const { trials, rows, run, verdict } = await quickTrials(experiment);

Deno.test("on quick every claim that is decided holds", () => {
  const claims = experiment.claims(rows);
  assert(claims.length >= 5);
  assertEquals(claims.filter(({ headline }) => headline).map(({ id }) => id), ["exact-decoding"]);
  assertEquals(claims.filter(({ holds }) => holds === false), []);
  assertEquals(claims.filter(({ holds }) => holds === null).map(({ id }) => id), [
    "accuracy-curve",
    "finite-width",
  ]);
});

Deno.test("decoding at 1/2 instead of 0, as for bits, is wrong: the headline fails", () => {
  const k = 5;
  const inputs = 2 ** k - 1;
  const bits = Matrix.from(inputs, k, (i, j) => (i + 1) >> j & 1);
  const mean = permutationMeans(bits);
  let wrong = 0;
  for (let i = 0; i < inputs; i++) {
    if (Array.from(mean.row(i)).some((value, j) => (value > 0.5 ? 1 : 0) !== bits.get(i, j))) wrong++;
  }
  assert(wrong > inputs / 2);
  const changed = rows.map((row) => row.kind === "exact" && row.k === k ? { ...row, wrong } : row);
  assertEquals(verdict(changed, "exact-decoding"), false);
});

Deno.test("inputs that are not scaled to unit length have other means than the closed form", () => {
  const kernels = { depth: 2, beta: 0 };
  const training = Matrix.identity(5);
  const y = new Float64Array(5);
  const flow = new KernelGradientFlow({ ntk: infiniteKernels(training, kernels).ntk, y });
  const raw = infiniteKernels(Matrix.fromRows([[1, 1, 0, 0, 0]]), { x2: training, ...kernels }).ntk;
  const deviation = Math.abs(
    flow.weights(raw, Infinity).get(0, 0) - permutationOutputLaw({ k: 5, ones: 2 }).meanOne,
  );
  assert(deviation > 0.1);
  const changed = rows.map((row) => row.kind === "closed" ? { ...row, deviation } : row);
  assertEquals(verdict(changed, "closed-forms"), false);
});

Deno.test("exchanging the two kernels is noticed", () => {
  const swapped = rows.map((row) =>
    row.kind === "curve" || row.kind === "law" ? { ...row, rate: row.rate === NTK ? NNGP : NTK } : row
  );
  assertEquals(verdict(swapped, "last-layer-explains"), false);
});

Deno.test("a bound of half the margin's square, or ensembles that grow like k^3, are noticed", () => {
  const low = rows.map((row) => row.kind === "law" ? { ...row, bound: row.bound / 100 } : row);
  assertEquals(verdict(low, "bound"), false);
  const cubic = rows.map((row) =>
    row.kind === "law" ? { ...row, all90: row.k ** 3, models90: row.k ** 2 } : row
  );
  assertEquals(verdict(cubic, "quadratic"), false);
  assertEquals(verdict(cubic, "linearithmic"), false);
});

Deno.test("a trial gives the same rows again", async () => {
  for (const kind of ["finite", "process"]) {
    const trial = trials.find((trial) => trial.kind === kind)!;
    assertEquals(await run([trial]), await run([trial]));
  }
});

Deno.test("every figure is drawn", async () => {
  for (const draw of Object.values(experiment.figures)) {
    assert((await renderSvg(draw(rows))).startsWith("<svg"));
  }
});
