// Oracles, criteria 7 and 8 are in test/multigrid.
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { oneCycle } from "../../experiments/mgno/darcy.ts";
import { experiment } from "../../experiments/mgno/mod.ts";
import type { Row } from "../../experiments/mgno/rows.ts";
import { setBlasThreads } from "../../lib/blas/mod.ts";
import type { QuickPaper } from "./quick_paper.ts";
import { type Break, testPaper } from "./paper.ts";

setBlasThreads(1);

const SEEDS = [0, 1, 2];

/** The learned V-cycles of the headline. */
function learnedOf(rows: readonly Row[]): Row<"learned">[] {
  return rows.flatMap((row) => row.kind === "learned" ? [row] : []);
}

/** One V-cycle that is trained for a moment, under other names. */
async function shortly(
  { run }: QuickPaper,
  trial: Partial<Row<"learned">>,
  as: Partial<Row<"learned">>[],
): Promise<Row[]> {
  const common = {
    kind: "learned",
    n: 63,
    levels: 5,
    channels: 1,
    residual: true,
    seed: 0,
    steps: 60,
    rate: 5e-3,
    drawn: false,
  };
  const [made] = learnedOf(await run([{ ...common, ...trial }]));
  return as.map((names) => ({ ...made, levels: 5, n: 63, residual: true, steps: 1500, ...names }));
}

/** One network under the names of both. */
const sameNetwork = (coefficient: "trig" | "rough"): Break => async ({ rows, run }) => {
  const trial = { kind: "darcy", coefficient, model: "MgNO", n: 7, seed: 0, steps: 4 };
  const made: Row[] = await run([trial]);
  const one = made.find((row): row is Row<"darcy"> => row.kind === "darcy")!;
  const both = SEEDS.flatMap((seed) =>
    (["MgNO", "FNO"] as const).map((model): Row => ({ ...one, model, seed, n: 15, steps: 400 }))
  );
  return [...rows, ...both];
};

testPaper(experiment, {
  // Two grids in place of five.
  "few-parameters": async (paper) => [
    ...paper.rows.filter((row: Row) => row.kind !== "learned"),
    ...await shortly(paper, { levels: 2 }, SEEDS.map((seed) => ({ seed }))),
  ],
  // Those of another grid.
  "closed-forms": async ({ rows, run }) => {
    const other: Row[] = await run([{ kind: "reference", n: 31 }]);
    return [
      ...rows.filter((row: Row) => row.kind !== "reference"),
      ...other.map((row) => row.kind === "reference" ? { ...row, n: 63 } : row),
    ];
  },
  // Too few applications of the map.
  "classical": ({ rerun }) => rerun((trial) => trial.kind === "factor" && { ...trial, steps: 3 }),
  // All depths alike.
  "depth": ({ rows }) => [
    ...rows,
    ...[1, 2, 3, 4].flatMap((levels) => learnedOf(rows).map((row) => ({ ...row, levels }))),
  ],
  // One grid only on the largest size.
  "size": async (paper) => [
    ...paper.rows,
    ...([[15, 3], [31, 4]] as const).flatMap(([n, levels]) =>
      learnedOf(paper.rows).map((row) => ({ ...row, n, levels }))
    ),
    ...await shortly(paper, { n: 127, levels: 1 }, SEEDS.map((seed) => ({ seed, n: 127, levels: 6 }))),
  ],
  "trig": sameNetwork("trig"),
  "rough": sameNetwork("rough"),
  // One channel under the name of eight.
  "channels": ({ rows }) => [...rows, ...learnedOf(rows).map((row) => ({ ...row, channels: 8 }))],
  // Hardly trained.
  "residual": async (paper) => [
    ...paper.rows,
    ...await shortly(paper, { residual: false }, SEEDS.map((seed) => ({ seed, residual: false }))),
  ],
  // An error that is the same everywhere.
  "boundary": ({ alter }) => alter("where", (row) => ({ ...row, error: 1 })),
});

Deno.test("mgno: the rate rises from half, then falls to zero", () => {
  const rate = oneCycle(2, 100);
  assertEquals([rate(0), rate(15), rate(30)], [1, 1.5, 2]);
  assertAlmostEquals(rate(65), 1, 1e-15);
  assertAlmostEquals(rate(100), 0, 1e-15);
});

Deno.test("mgno: networks of a seed share their data, and a training can be repeated", async () => {
  const trial = { kind: "darcy", coefficient: "rough", n: 7, seed: 1, steps: 3 } as const;
  const rowsOf = async (model: "MgNO" | "FNO" | "CNN") => await experiment.run({ ...trial, model }, () => {});
  const once = await rowsOf("MgNO");
  assertEquals(await rowsOf("MgNO"), once);
  for (const model of ["FNO", "CNN"] as const) {
    const last = (await rowsOf(model)).at(-1)!;
    assert(last.kind === "darcy" && last.l2 < 10 && last.h1 > last.l2 / 10);
  }
});

Deno.test("mgno: the knobs run", async () => {
  for (const knobs of [{ levels: 3 }, { channels: 3 }, { k: 4, levels: 4 }, { k: 7 }]) {
    const params = { ...experiment.presets.quick, ...knobs, steps: 2 };
    experiment.check!(params);
    const learned = experiment.trials(params).filter(({ kind }) => kind === "learned");
    assert(learned.length > 0);
    for (const trial of learned) await experiment.run(trial, () => {});
  }
  let refused = "";
  try {
    experiment.check!({ ...experiment.presets.quick, k: 4, levels: 5 });
  } catch (error) {
    refused = (error as Error).message;
  }
  assertEquals(refused, "`levels` must be an integer from 1 to 4, got 5");
});
