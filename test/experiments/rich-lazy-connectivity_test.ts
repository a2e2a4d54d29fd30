/**
 * The rank experiment. Acceptance criteria of the paper's sheet: 1 `average-law` and `root-of-rank`, 2
 * `isotropic`, 3 `ordered`, 4 `large-scale`, 5 `aligned-exception`, 6 `kernel-moves`, `representation-moves`,
 * `delayed-match` and `context`, 7 `comparable-loss`, `bayes`, `every-run` and `delayed-match-learned`, 8
 * `wider-kernel` and `wider-change`, 9 `equal-norm`. Beyond it: `any-gain`, `structure`. Oracles:
 * test/recurrent/rich_lazy_test.ts.
 */
import { assert, assertEquals } from "@std/assert";
import { old as experiment } from "../../experiments/rich-lazy-connectivity/mod.ts";
import { quickTrials } from "./quick_run.ts";
import { renderSvg } from "refigure/figures";

const { trials, rows, run, verdict, broken } = await quickTrials(experiment);

Deno.test("on quick every claim that is decided holds", () => {
  const claims = experiment.claims(rows);
  assert(claims.length >= 5);
  assertEquals(claims.filter(({ headline }) => headline).map(({ id }) => id), ["kernel-moves"]);
  assertEquals(claims.filter(({ holds }) => holds !== true), []);
});

Deno.test("without the rescaling to equal norm, low rank looks lazier: the headline and the norms fail", async () => {
  const changed = await broken((trial) => trial.kind === "rnn" ? { ...trial, sameNorm: false } : undefined);
  assertEquals(verdict(changed, "equal-norm"), false);
  assertEquals(verdict(changed, "kernel-moves"), false);
});

Deno.test("if rank did not matter, the headline would fail", async () => {
  const changed = await broken((trial) => trial.kind === "rnn" ? { ...trial, rank: 100 } : undefined);
  const relabelled = changed.map((row, i) => row.kind === "rnn" && i % 2 > 0 ? { ...row, rank: 1 } : row);
  assertEquals(verdict(relabelled, "kernel-moves"), false);
});

Deno.test("a start that is not small misses the law of the average, and networks that learn too slowly miss the loss", async () => {
  const large = await broken((trial) =>
    trial.kind === "average" ? { ...trial, sigma: 2, tasks: 30 } : undefined
  );
  assertEquals(verdict(large, "root-of-rank"), false);
  const slow = await broken((trial) => trial.kind === "rnn" ? { ...trial, iterations: 200 } : undefined);
  assertEquals(verdict(slow, "bayes") && verdict(slow, "comparable-loss"), false);
});

Deno.test("features without an alignment are no exception", () => {
  const swapped = rows.map((row) =>
    row.kind === "anisotropic" && row.start !== "full"
      ? { ...row, start: row.start === "random" ? "aligned" as const : "random" as const }
      : row
  );
  assertEquals(verdict(swapped, "aligned-exception"), false);
});

Deno.test("a trial gives the same rows again", async () => {
  for (const kind of ["rnn", "flow", "average"] as const) {
    const trial = trials.find((trial) => trial.kind === kind)!;
    const short = trial.kind === "rnn" ? { ...trial, iterations: 50 } : trial;
    assertEquals(await run([short]), await run([short]));
  }
});

Deno.test("every figure is drawn", async () => {
  for (const draw of Object.values(experiment.figures)) {
    assert((await renderSvg(draw(rows))).startsWith("<svg"));
  }
});
