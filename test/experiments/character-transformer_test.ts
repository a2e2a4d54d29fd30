/**
 * The race of the optimizers: what its claims see, what the trial promises, and that seeds decide everything.
 */
import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  old as experiment,
  type Row,
  type RunRow,
  stepMilliseconds,
} from "../../experiments/character-transformer/mod.ts";
import { contestantNamed, contestants } from "../../experiments/character-transformer/optimizers.ts";
import { setBlasThreads } from "../../lib/blas/mod.ts";
import { quickRun } from "./quick_run.ts";

setBlasThreads(1);
const rows = (await quickRun("character-transformer")).rows as Row[];
const claim = (id: string, of: Row[]) => experiment.claims(of).find((claim) => claim.id === id)!;
const isRun = (row: Row): row is RunRow => row.type === "run";

/** Rows in which one optimizer's runs carry another one's name. */
function renamed(from: string, to: string): Row[] {
  return rows.filter(({ optimizer }) => optimizer !== to).flatMap((row) =>
    row.optimizer === from ? [row, { ...row, optimizer: to }] : [row]
  );
}

Deno.test("quick decides what it can: Muon before AdamW and SGD, in fewer steps, with half of AdamW's memory", () => {
  for (const id of ["muon-adamw", "fewer-steps", "memory"]) {
    assertEquals(claim(id, rows).holds, true, claim(id, rows).measured);
  }
  assertEquals(claim("normuon-muon", rows).holds, null);
});

Deno.test("with AdamW's or SGD's runs in Muon's place the headline fails", () => {
  for (const other of ["AdamW", "SGD"]) {
    assertEquals(claim("muon-adamw", renamed(other, "Muon")).holds, false);
  }
  assertEquals(claim("fewer-steps", renamed("AdamW", "Muon")).holds, false);
  assertEquals(claim("memory", renamed("AdamW", "Muon")).holds, false);
});

Deno.test("a best rate at the edge of its grid is told, one inside is not", () => {
  const grid = (losses: number[]): Row[] =>
    losses.map((loss, k) => ({
      type: "run",
      optimizer: "SGD",
      learningRate: 2 ** k,
      seed: 0,
      loss,
      stateSize: 1,
      tuning: true,
      chosen: loss === Math.min(...losses),
    }));
  assertEquals(claim("tuned", grid([3, 1, 2])).holds, true);
  assertEquals(claim("tuned", grid([1, 2, 3])).holds, false);
  assertEquals(claim("tuned", grid([2, 1])).holds, null);
});

Deno.test("no rows, no headline", () => {
  assertEquals(claim("muon-adamw", rows.filter((row) => !isRun(row))).holds, false);
});

Deno.test("every optimizer is tried at every rate of the grid, and at one rate on every seed", () => {
  const { optimizers, ratios, seeds } = experiment.presets.quick;
  for (const name of optimizers) {
    const runs = rows.filter(isRun).filter(({ optimizer }) => optimizer === name);
    const grid = runs.filter(({ tuning }) => tuning);
    const chosen = runs.filter((run) => run.chosen);
    const { learningRate } = contestantNamed(name);
    assertEquals(grid.map((run) => run.learningRate), ratios.map((ratio) => ratio * learningRate));
    assertEquals(new Set(chosen.map(({ seed }) => seed)).size, seeds);
    assertEquals(new Set(chosen.map((run) => run.learningRate)).size, 1);
  }
});

Deno.test("a trial gives the same rows again; a rate that is too large ends its run, not the trial", async () => {
  const { seed: _, seeds: __, optimizers: ___, ...sizes } = experiment.presets.quick;
  const trial = { ...sizes, optimizer: "SGD", seeds: [3], steps: 12, ratios: [1, 1e30] };
  const once = await experiment.run(trial, () => {});
  const again = await experiment.run(trial, () => {});
  assertEquals(once, again);
  assertEquals(once.filter(isRun).map(({ loss }) => loss === null), [false, true]);
});

Deno.test("an unknown optimizer is named, with those there are", () => {
  assertThrows(() => contestantNamed("Lion"), TypeError, '`optimizer` must be "Muon", "AdamW"');
});

Deno.test("a step of every optimizer can be timed", async () => {
  const times = await stepMilliseconds(2);
  assertEquals(Object.keys(times), contestants.map(({ name }) => name));
  assert(Object.values(times).every((ms) => ms > 0));
});
