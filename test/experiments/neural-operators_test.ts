// The oracles of the method, and criteria 3 to 6 and 8 on their own, are in test/operators.
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { burgersData, FINEST, starts } from "../../experiments/neural-operators/data.ts";
import { experiment } from "../../experiments/neural-operators/mod.ts";
import type { Route, Row } from "../../experiments/neural-operators/rows.ts";
import { Rng } from "../../lib/arrays/mod.ts";
import { setBlasThreads } from "../../lib/blas/mod.ts";
import { rowTable } from "../../lib/experiment/mod.ts";
import { subsample } from "../../lib/operators/mod.ts";
import { type Break, testPaper } from "./paper.ts";

setBlasThreads(1);

/** The errors of one route under the name of another, with more of a row changed. */
const insteadOf = (route: Route, other: Route, change: Partial<Row<"error">> = {}): Break => ({ rows }) =>
  rows
    .filter((row: Row) => row.kind !== "error" || row.route !== route)
    .concat(
      rows.filter((row: Row) => row.kind === "error" && row.route === other).map((row: Row<"error">) => ({
        ...row,
        route,
      })),
    )
    .map((row: Row) => row.kind === "error" ? { ...row, ...change } : row);

/** The errors of one layer under the name of another. */
const layerInsteadOf = (layer: Row<"layer">["layer"], other: Row<"layer">["layer"]): Break => ({ rows }) =>
  rows.filter((row: Row) => row.kind !== "layer" || row.layer !== layer)
    .concat(
      rows.filter((row: Row) => row.kind === "layer" && row.layer === other).map((row: Row<"layer">) => ({
        ...row,
        layer,
      })),
    );

testPaper(experiment, {
  "collapse": insteadOf("hat kernel", "official resizing"),
  // As after full training, but with kernels that are resized.
  "total-collapse": insteadOf("plain CNN", "official resizing", { steps: 500 }),
  "fno-flat": insteadOf("FNO", "official resizing"),
  // Kernels that are resampled do not collapse.
  "collapse-law": ({ rows }) =>
    rows.filter((row: Row) => row.kind !== "symbol" || row.method !== "naive")
      .concat(
        rows.filter((row: Row) => row.kind === "symbol" && row.method === "hat")
          .map((row: Row) => ({ ...row, method: "naive" } as Row)),
      ),
  "hat-law": ({ rows }) =>
    rows.filter((row: Row) => row.kind !== "symbol" || row.method !== "hat")
      .concat(
        rows.filter((row: Row) => row.kind === "symbol" && row.method === "official")
          .map((row: Row) => ({ ...row, method: "hat" } as Row)),
      ),
  // Two equal orders: a stencil without its curvature in both places.
  "differential": layerInsteadOf("differential", "differential, a + c = 0"),
  "attention": layerInsteadOf("attention, weights", "attention, no weights"),
  "ordering": insteadOf("official resizing", "hat kernel"),
  "ordering-trained": insteadOf("official resizing", "hat kernel", { steps: 500 }),
  // Steps that are eight times as long.
  "solver": ({ rerun }) =>
    rerun((trial) => trial.kind === "solver" && { ...trial, steps: 50 })
      .then((rows) => rows.map((row) => row.kind === "solver" ? { ...row, steps: 400 } : row)),
  // A kernel that keeps its width.
  "squeeze": ({ alter }) => alter("squeeze", (row) => ({ ...row, fromSqueezed: row.fromTrained })),
  "input-output": insteadOf("input and output resized", "official resizing"),
  "three-grids": insteadOf("hat kernel, three grids", "plain CNN"),
  "spectral-exact": layerInsteadOf("spectral", "local integral, hat kernel"),
  // Too few points for the front.
  "data": ({ rerun }) => rerun((trial) => trial.kind === "data" && { ...trial, solverPoints: 64 }),
  "larger": insteadOf("hat kernel", "official resizing", { setting: "larger" }),
});

Deno.test("neural-operators: data do not depend on the grid of the solver", () => {
  const options = { functions: 3, viscosity: 0.05, time: 0.1, solverSteps: 100 };
  const [coarse, fine] = [128, 256].map((solverPoints) =>
    burgersData({ ...options, solverPoints, rng: new Rng(1) })
  );
  assertEquals(coarse.u, fine.u);
  coarse.target.data.forEach((value, i) => assertAlmostEquals(value, fine.target.data[i], 1e-5));
  const u = starts(2, FINEST, new Rng(2));
  subsample(u, 64).data.forEach((value, i) =>
    assertAlmostEquals(value, starts(2, 64, new Rng(2)).data[i], 1e-13)
  );
});

Deno.test("neural-operators: the larger protocol and three grids run and are judged; knobs run", async () => {
  const params = {
    ...experiment.presets.quick,
    seeds: 1,
    severalGridsSeeds: 1,
    largerSeeds: 1,
    functions: 8,
    testFunctions: 2,
    batch: 4,
    steps: 2,
    checkedFunctions: 1,
  };
  for (const turned of [{}, { viscosity: 0.005, taps: 3, modes: 24 }, { taps: 15, modes: 4 }]) {
    const all = { ...params, ...turned };
    experiment.check!(all);
    const rows: Row[] = [];
    for (const trial of experiment.trials(all)) {
      // The larger protocol has 800 steps whatever the knobs.
      const short = trial.kind === "training" ? { ...trial, steps: 2, batch: 4 } : trial;
      if (trial.kind === "training") rows.push(...await experiment.run(short, () => {}));
    }
    const { error } = rowTable(rows);
    const routes = new Set(error.map((row) => `${row.setting}, ${row.route}`));
    assertEquals(routes.size, 6 + 5);
    assert(error.every((row) => row.error > 0 && Number.isFinite(row.error)));
  }
});
