// The oracles of the method are in test/retrieval and test/statistics/samples_test.ts.
import { assertEquals } from "@std/assert";
import { domains, retrieved } from "../../experiments/semi-parametric-synthesis/domains.ts";
import { experiment } from "../../experiments/semi-parametric-synthesis/mod.ts";
import type { Arm, Row } from "../../experiments/semi-parametric-synthesis/rows.ts";
import { setBlasThreads } from "../../lib/blas/mod.ts";
import { type Break, testPaper } from "./paper.ts";

setBlasThreads(1);

const SEEDS = [0, 1, 2];

/** Three seeds of models that are others in truth: the rows of `from` under the names that are given. */
const inPlaceOf = (from: Arm, places: Partial<Row<"model">>[]): Break => ({ rows }) => {
  const models = rows.filter((row: Row): row is Row<"model"> => row.kind === "model" && row.arm === from);
  return [
    ...rows,
    ...places.flatMap((place) =>
      SEEDS.flatMap((seed) => models.map((row: Row<"model">) => ({ ...row, ...place, seed })))
    ),
  ];
};

/** The quality of RDM's samples, whatever the dial. */
const unmoved = (rows: readonly Row[]): Row<"model"> =>
  rows.find((row): row is Row<"model"> => row.kind === "model" && row.arm === "RDM" && row.domain === "old")!;

const ALL_ARMS: Partial<Row<"model">>[] = [
  { arm: "RDM", k: 4 },
  { arm: "parametric, 52 k" },
  { arm: "parametric, 18 k" },
];

testPaper(experiment, {
  // Guidance 0: the neighbours are retrieved and not used.
  "swap": ({ rerun }) =>
    rerun((trial) =>
      trial.kind === "model" && trial.arm === "RDM" && { ...trial, guidance: 0, steps: 100, count: 60 }
    ),
  // A model without a database under every name.
  "fewer-parameters": ({ rows }) =>
    inPlaceOf("parametric, 18 k", ALL_ARMS)(
      { rows: rows.filter((row: Row) => row.kind !== "model" || row.k === 0) } as never,
    ),
  "precision": ({ rows }) =>
    inPlaceOf("parametric, 18 k", ALL_ARMS)(
      { rows: rows.filter((row: Row) => row.kind !== "model" || row.k === 0) } as never,
    ),
  // The neighbours of the control are the true ones.
  "random-neighbours": inPlaceOf("RDM", [{ arm: "random neighbours" }]),
  // The mean of the neighbours in place of samples.
  "no-copying": ({ rows }) => {
    const copies = rows.find((row: Row) =>
      row.kind === "data" && row.of === "mean of the neighbours" && row.domain === "old"
    );
    const { memorization } = copies;
    return SEEDS.map((seed): Row => ({ ...unmoved(rows), memorization, seed }));
  },
  // The preconditioned network in place of the one that predicts digits.
  "contraction": inPlaceOf("RDM", [{ arm: "RDM, predicts x₀" }, { arm: "RDM" }]),
  // Neighbours that lower no loss.
  "loss": inPlaceOf("RDM", [...ALL_ARMS, { arm: "random neighbours" }]),
  // The same four neighbours, whatever k.
  "number-of-neighbours": inPlaceOf("RDM", [1, 2, 4, 8].map((k) => ({ k }))),
  // All entries are kept, whatever m.
  "top-m": ({ rows }) =>
    [1, 0.5, 0.1, 0.02].flatMap((m) =>
      SEEDS.map((seed): Row<"topM"> => ({ ...unmoved(rows), kind: "topM", m, seed }))
    ),
  // Guidance 1, whatever s.
  "guidance": ({ rows }) =>
    [1, 1.5, 3].flatMap((strength) =>
      SEEDS.map((seed): Row<"guidance"> => ({
        ...unmoved(rows),
        kind: "guidance",
        drop: 0.1,
        strength,
        seed,
      }))
    ),
  "untrained-token": ({ rows }) =>
    [1, 1.5].flatMap((strength) =>
      SEEDS.map((seed): Row<"guidance"> => ({ ...unmoved(rows), kind: "guidance", drop: 0, strength, seed }))
    ),
  // A network that was trained on random neighbours ignores them at all levels.
  "why": ({ rerun }) =>
    rerun((trial) =>
      trial.kind === "model" && trial.arm === "RDM" &&
      { ...trial, arm: "random neighbours" as const, steps: 100, count: 60 }
    ),
  // Nothing is deleted.
  "deletion": ({ alter }) => alter("deleted", (row) => ({ ...row, after: row.before })),
  // The entries themselves, not their means: as far from the training set as test images.
  "copy-baseline": ({ rows }) =>
    rows.flatMap((row: Row): Row[] =>
      row.kind !== "data"
        ? [row]
        : row.of === "database"
        ? [{ ...row, of: "mean of the neighbours" }]
        : row.of === "train"
        ? [row]
        : []
    ),
  // One neighbour per training image.
  "proposal": ({ alter }) =>
    alter("proposal", (row) => {
      const { neighbors, proposal } = retrieved(1);
      return {
        ...row,
        total: neighbors.length,
        used: proposal.filter((p) => p > 0).length / proposal.length,
        largest: Math.round(neighbors.length * Math.max(...proposal)),
      };
    }),
});

Deno.test("semi-parametric-synthesis: the split and the spread of the pixels are those of the notes", () => {
  const { database, train, test, sigmaData } = domains();
  const sizes = [train.old, database.old, test.old, database.new, test.new].map(({ labels }) =>
    labels.length
  );
  assertEquals(sizes, [393, 300, 208, 330, 149]);
  assertEquals(sigmaData.toFixed(7), "0.7521017");
});

Deno.test("semi-parametric-synthesis: its knobs run, and change what is drawn", async () => {
  const params = { ...experiment.presets.quick, steps: 30, count: 40 };
  const samples = async (turned: object) => {
    const now = { ...params, ...turned };
    experiment.check!(now);
    const trial = experiment.trials(now).find((one) => one.kind === "model" && one.arm === "RDM")!;
    const rows = await experiment.run(trial, () => {});
    return rows.flatMap((row) => row.kind === "strip" && row.of === "RDM" ? [row.pixels] : []);
  };
  const [old, swapped] = await samples({});
  for (const guidance of [0.5, 3]) assertEquals((await samples({ guidance }))[0] === old, false);
  assertEquals((await samples({ m: 0.02 }))[0] === old, false);
  const few = await samples({ entries: 1 });
  assertEquals([few[0] === old, few[1] === swapped], [true, false]);
});
