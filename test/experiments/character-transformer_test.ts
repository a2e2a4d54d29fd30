/** The race of the optimizers: what its claims see, what a trial promises, and that seeds decide everything. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { experiment, stepMilliseconds } from "../../experiments/character-transformer/mod.ts";
import { contestantNamed, contestants } from "../../experiments/character-transformer/optimizers.ts";
import type { Row } from "../../experiments/character-transformer/rows.ts";
import { setBlasThreads } from "../../lib/blas/mod.ts";
import { type Break, testPaper } from "./paper.ts";
import { quickPaper } from "./quick_paper.ts";

setBlasThreads(1);

/** Runs of one optimizer under the names of others as well. */
const under = (from: string, ...names: string[]): Break => ({ rows }) =>
  rows.filter((row: Row) => !names.includes(row.optimizer)).concat(
    rows.filter((row: Row) => row.optimizer === from)
      .flatMap((row: Row) => names.map((optimizer) => ({ ...row, optimizer }))),
  );

/** The runs of a grid on which the losses are these, rate by rate. */
function grid(losses: number[]): Row<"run">[] {
  return losses.map((loss, k) => ({
    kind: "run",
    optimizer: "SGD",
    learningRate: 2 ** k,
    seed: 0,
    loss,
    stateSize: 1,
    tuning: true,
    chosen: loss === Math.min(...losses),
  }));
}

testPaper(experiment, {
  // Another method in the place of the one that is to be better; AdamW, Muon and SGD are what quick runs.
  "muon-adamw": under("AdamW", "Muon"),
  "fewer-steps": under("AdamW", "Muon"),
  "memory": under("AdamW", "Muon"),
  "normuon-muon": under("SGD", "NorMuon"),
  "root-muon": under("SGD", "ROOT"),
  "muon-auon": under("Muon", "AuON", "Hybrid-AuON"),
  "hybrid-auon": under("SGD", "AuON", "Hybrid-AuON"),
  "muon-trion": under("Muon", "Trion"),
  // The best rate is the smallest that was tried.
  "tuned": () => grid([1, 2, 3]),
});

Deno.test("character-transformer: a best rate inside of the grid is none at its edge; two rates decide nothing", async () => {
  const { judgeAll } = await import("../../lib/experiment/mod.ts");
  const tuned = (rows: Row<"run">[]) =>
    judgeAll(experiment.claims, rows).find(({ id }) => id === "tuned")!.holds;
  assertEquals([tuned(grid([3, 1, 2])), tuned(grid([1, 2, 3])), tuned(grid([2, 1]))], [true, false, null]);
});

Deno.test("character-transformer: every optimizer is tried at every rate, and at one rate on every seed", async () => {
  const { rows } = await quickPaper(experiment);
  const { optimizers, ratios, seeds } = experiment.presets.quick;
  const runs = rows.filter((row) => row.kind === "run");
  for (const name of optimizers) {
    const own = runs.filter(({ optimizer }) => optimizer === name);
    const tried = own.filter(({ tuning }) => tuning);
    const chosen = own.filter((run) => run.chosen);
    const { learningRate } = contestantNamed(name);
    assertEquals(tried.map((run) => run.learningRate), ratios.map((ratio) => ratio * learningRate));
    assertEquals(new Set(chosen.map(({ seed }) => seed)).size, seeds);
    assertEquals(new Set(chosen.map((run) => run.learningRate)).size, 1);
  }
});

Deno.test("character-transformer: a rate that is too large ends its run, not the trial", async () => {
  const [{ kind, ...sizes }] = experiment.trials(experiment.presets.quick);
  const trial = { ...sizes, kind, optimizer: "SGD", seeds: [3], steps: 12, ratios: [1, 1e30] };
  const rows = await experiment.run(trial, () => {});
  assertEquals(rows.flatMap((row) => row.kind === "run" ? [row.loss === null] : []), [false, true]);
});

Deno.test("character-transformer: an unknown optimizer is named, with those there are", () => {
  assertThrows(() => contestantNamed("Lion"), TypeError, '`optimizer` must be "Muon", "AdamW"');
});

Deno.test("character-transformer: a step of every optimizer can be timed", async () => {
  const times = await stepMilliseconds(2);
  assertEquals(Object.keys(times), contestants.map(({ name }) => name));
  assert(Object.values(times).every((ms) => ms > 0));
});
