// Oracles, layouts, routing and errors are in test/optimizers/muon_test.ts and muon_tfjs_test.ts.
import { assert, assertEquals } from "@std/assert";
import { experiment } from "../../experiments/muon/mod.ts";
import type { Row } from "../../experiments/muon/rows.ts";
import { judgeAll } from "../../lib/experiment/mod.ts";
import { type Break, testPaper } from "./paper.ts";
import { quickPaper } from "./quick_paper.ts";

/** Another optimizer's rows in the place of Muon's. */
const insteadOfMuon = (optimizer: string): Break => ({ rows }) => replaced(rows, "Muon", optimizer);

/** Rows of one kind or all: those of `name` are replaced by those of another optimizer. */
function replaced(rows: readonly Row[], name: string, other: string): Row[] {
  return [
    ...rows.filter((row) => !("optimizer" in row && row.optimizer === name)),
    ...rows.flatMap((row): Row[] =>
      "optimizer" in row && row.optimizer === other ? [{ ...row, optimizer: name }] : []
    ),
  ];
}

testPaper(experiment, {
  // Without the orthogonalization.
  "rare-directions": insteadOfMuon("normalized SGD"),
  // A step that does not look at coordinates.
  "adam-on-axes": ({ rows }) => replaced(rows, "Adam", "SGD"),
  // A rule for each coordinate.
  "rotation": insteadOfMuon("Adam"),
  // Without the ripple the paper's own schedule could not be told from the exact polar factor.
  "other-sizes": insteadOfMuon("exact polar"),
  // Coefficients that are two percent too large.
  "band": ({ alter }) => alter("extremes", (row) => ({ ...row, most: 1.02 * row.most })),
  "singular-values": ({ alter }) => alter("spectrum", (row) => ({ ...row, deviation: row.deviation + 1e-6 })),
  // A factor for the smaller instead of the larger dimension.
  "root-mean-square": ({ alter }) =>
    alter("rms", (row) => ({ ...row, rms: row.rms * Math.sqrt(row.columns / row.rows) })),
  // The exact polar factor in the place of five steps.
  "root-mean-square-five": ({ rows }) => {
    const isFive = (row: Row) => row.kind === "rms" && row.method === "muon5";
    return rows.filter((row: Row) => !isFive(row)).flatMap((row: Row): Row[] =>
      row.kind === "rms" ? [row, { ...row, method: "muon5" }] : [row]
    );
  },
  "generator": ({ alter }) => alter("triple", (row) => ({ ...row, difference: row.difference + 1e-6 })),
  // Muon's triple in the place of every schedule.
  "schedules": ({ rows }) => {
    const muon = rows.find((row: Row) =>
      row.kind === "extremes" && row.schedule === "muon5" && row.lower === 0.01
    );
    return rows.map((row: Row): Row =>
      row.kind === "extremes" ? { ...row, least: muon.least, most: muon.most } : row
    );
  },
  "digits": insteadOfMuon("Adam"),
  "momentum-forms": ({ alter }) => alter("forms", (row) => ({ ...row, difference: row.difference + 1e-3 })),
});

Deno.test("muon: what is nearly right fails, too", async () => {
  const { rows, alter } = await quickPaper(experiment);
  const holds = (id: string, of: readonly Row[]) =>
    judgeAll(experiment.claims, of).find((claim) => claim.id === id)!.holds;
  for (const other of ["SGD", "Adam"]) {
    assertEquals(holds("rare-directions", replaced(rows, "Muon", other)), false, other);
  }
  // A step that is not equivariant by one part in a million.
  const bent = alter(
    "bases",
    (row) =>
      row.optimizer === "Muon" && row.turn === "random" && row.curve !== null
        ? { ...row, curve: row.curve.map(([mean, tail]): [number, number] => [mean * (1 + 1e-6), tail]) }
        : row,
  );
  assertEquals(holds("rare-directions", bent), false);
  // A Muon that diverged at every rate.
  const diverged = alter("digits", (row) => row.optimizer === "Muon" ? { ...row, loss: null } : row);
  assertEquals(holds("digits", diverged), false);
});

Deno.test("muon: a grid of learning rates that ends at a baseline's best decides nothing", async () => {
  const { rows } = await quickPaper(experiment);
  for (const optimizer of ["Adam", "SGD"]) {
    const own = rows.flatMap((row) =>
      row.kind === "digits" && row.optimizer === optimizer && row.batch === 128 && row.steps === 100
        ? [row.learningRate]
        : []
    );
    // The grid has three rates at quick size; without the largest, the best is at its edge.
    const largest = Math.max(...own);
    const cut = rows.filter((row) =>
      !(row.kind === "digits" && row.optimizer === optimizer && row.learningRate === largest)
    );
    const claim = judgeAll(experiment.claims, cut).find(({ id }) => id === "digits")!;
    assertEquals(claim.holds, false, `${optimizer}: ${claim.measured}`);
    assert(/edge of their grid 1/.test(claim.measured), claim.measured);
  }
});
