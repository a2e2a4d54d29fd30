/**
 * The tangent-kernel experiment. Acceptance criteria of the paper's sheet: 1 `limit-kernel` and
 * `spread-exponent`, 2 `frozen-kernel` and `inflation`, 3 `gaussian-band` and `training-points-fitted`, 4
 * `mode-rate`, 5 `off-mode-error`, 6 `linearized` (also test/tangent_kernels/kernel_gradient_flow_test.ts), 7
 * `order-of-learning`, 8 `depth-two-law` (also test/tangent_kernels/tangent_kernel_test.ts).
 */
import { assert, assertEquals } from "@std/assert";
import { old as experiment } from "../../experiments/neural-tangent-kernel/mod.ts";
import { renderSvg } from "refigure/figures";
import { quickTrials } from "./quick_run.ts";

const { trials, rows, run, verdict, broken } = await quickTrials(experiment);

Deno.test("on quick every claim that is decided holds", () => {
  const claims = experiment.claims(rows);
  assert(claims.length >= 5);
  assertEquals(claims.filter(({ headline }) => headline).map(({ id }) => id), ["limit-kernel"]);
  assertEquals(claims.filter(({ holds }) => holds === false), []);
  // Three networks a width are too few for these; laptop decides them.
  assertEquals(claims.filter(({ holds }) => holds === null).map(({ id }) => id), [
    "smooth-activation",
    "mode-rate",
    "off-mode-error",
  ]);
});

Deno.test("networks without biases miss the limit: the headline fails", async () => {
  const changed = await broken((trial) => trial.kind === "spread" ? { ...trial, beta: 0 } : undefined);
  assertEquals(verdict(changed, "limit-kernel"), false);
});

Deno.test("a limit of another depth, or with He's factor 2 per layer, misses too", () => {
  const scaled = rows.map((row) => row.kind === "limit" ? { ...row, ntk: 8 * row.ntk } : row);
  assertEquals(verdict(scaled, "limit-kernel"), false);
});

Deno.test("rates off by the number of points (sum instead of mean) and a moving kernel are noticed", () => {
  const fast = rows.map((row) =>
    row.kind === "mode-summary"
      ? { ...row, width: 200, left: row.left === null ? null : row.left ** 32 }
      : row
  );
  const many = [0, 1].flatMap((copy) =>
    fast.map((row) => row.kind === "mode-summary" ? { ...row, init: row.init + 3 * copy } : row)
  );
  // One width alone has no slope; keep a second one beside it.
  const narrow = rows.filter((row) => row.kind === "mode-summary");
  assertEquals(verdict([...many, ...narrow], "mode-rate"), false);
  const moving = rows.map((row) =>
    row.kind === "drift" ? { ...row, after: row.before.map((v) => 2 * v) } : row
  );
  assertEquals(verdict(moving, "frozen-kernel"), false);
  assertEquals(verdict(moving, "inflation"), false);
});

Deno.test("a trial gives the same rows again", async () => {
  const trial = trials.find(({ kind }) => kind === "drift")!;
  assertEquals(await run([trial]), await run([trial]));
});

Deno.test("every figure is drawn", async () => {
  for (const draw of Object.values(experiment.figures)) {
    assert((await renderSvg(draw(rows))).startsWith("<svg"));
  }
});
