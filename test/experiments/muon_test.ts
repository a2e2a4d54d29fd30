// Criteria of the sheet: 1 is claims rare-directions (headline), adam-on-axes, rotation and other-sizes; 2
// band; 3 root-mean-square and -five; 4 generator; 5 schedules; 6 digits; 7 momentum-forms. The oracles are
// in test/optimizers/muon_test.ts, which repeats 2, 3, 4, 5 and 7 on the library alone; layouts, routing and
// errors are in muon_tfjs_test.ts.
import { assertEquals } from "@std/assert";
import type { Claim } from "../../lib/experiment/mod.ts";
import { old as experiment, type Row } from "../../experiments/muon/mod.ts";
import type { MemoryRow } from "../../experiments/muon/rows.ts";
import { quickRun } from "./quick_run.ts";

const { rows } = await quickRun("muon") as unknown as { rows: Row[] };

const claim = (id: string, of: Row[] = rows): Claim =>
  experiment.claims(of).find((claim) => claim.id === id)!;

Deno.test("the quick preset shows every claim", () => {
  for (const { id, holds, measured } of experiment.claims(rows)) {
    assertEquals(holds, true, `${id}: ${measured}`);
  }
});

Deno.test("a grid that ends at a baseline's best rate decides nothing", () => {
  for (const optimizer of ["Adam", "SGD"]) {
    const runs = rows.filter((row) => row.type === "digits");
    const best = claim("digits").measured.match(new RegExp(`${optimizer} .*? at rate ([0-9.]+)`))![1];
    const cut = runs.filter((row) => row.optimizer !== optimizer || row.learningRate <= Number(best));
    assertEquals(claim("digits", cut).holds, false, `${optimizer}, ${best}`);
  }
});

/** The memory's rows with Muon's runs replaced by those of another optimizer. */
const as = (optimizer: string): Row[] => [
  ...rows.filter((row) => row.type !== "memory" || row.optimizer !== "Muon"),
  ...rows.filter((row): row is MemoryRow => row.type === "memory" && row.optimizer === optimizer)
    .map((row) => ({ ...row, optimizer: "Muon" })),
];

Deno.test("without the orthogonalization, the headline fails", () => {
  for (const other of ["normalized SGD", "SGD"]) {
    assertEquals(claim("rare-directions", as(other)).holds, false);
  }
});

Deno.test("with a rule for each coordinate, the headline and the rotation fail", () => {
  assertEquals(claim("rare-directions", as("Adam")).holds, false);
  assertEquals(claim("rotation", as("Adam")).holds, false);
});

Deno.test("a step that is not equivariant by one part in a million fails the headline", () => {
  const bent = rows.map((row): Row =>
    row.type === "memory" && row.optimizer === "Muon" && row.turn === "random" && row.curve !== null
      ? { ...row, curve: row.curve.map(([mean, tail]) => [mean * (1 + 1e-6), tail]) }
      : row
  );
  assertEquals(claim("rare-directions", bent).holds, false);
});

Deno.test("wrong constants fail the theorems", () => {
  const change = (type: Row["type"], factor: number) =>
    rows.map((row): Row => {
      if (row.type !== type) return row;
      switch (row.type) {
        case "extremes":
          return { ...row, most: row.most * factor };
        case "rms":
          return { ...row, rms: row.rms * factor };
        case "triple":
          return { ...row, difference: row.difference + factor - 1 };
        case "spectrum":
          return { ...row, deviation: row.deviation + factor - 1 };
        case "forms":
          return { ...row, difference: row.difference + factor - 1 };
        default:
          return row;
      }
    });
  for (
    const [id, type] of [
      ["band", "extremes"],
      ["root-mean-square", "rms"],
      ["root-mean-square-five", "rms"],
      ["generator", "triple"],
      ["singular-values", "spectrum"],
      ["momentum-forms", "forms"],
    ] as const
  ) assertEquals(claim(id, change(type, 1.02)).holds, false, id);
});

Deno.test("a Muon that learns the digits like Adam fails the comparison, and one that diverged does", () => {
  const digits = (change: (row: Row & { type: "digits" }) => Row) =>
    rows.filter((row) => row.type !== "digits" || row.optimizer !== "Muon")
      .flatMap((row): Row[] =>
        row.type === "digits" && row.optimizer === "Adam" ? [row, change(row)] : [row]
      );
  assertEquals(claim("digits", digits((row) => ({ ...row, optimizer: "Muon" }))).holds, false);
  assertEquals(claim("digits", []).holds, false);
});

Deno.test("no rows, no claim holds", () => {
  for (const { id, holds } of experiment.claims([])) assertEquals(holds, false, id);
});
