// The oracles of the method are in test/forecasting/forecasting_test.ts.
import { experiment } from "../../experiments/olinear/mod.ts";
import type { BasisName, Row, Task } from "../../experiments/olinear/rows.ts";
import type { VariateMixer } from "../../lib/forecasting/mod.ts";
import { type Break, testPaper } from "./paper.ts";

type Rows = readonly Row[];

/** The quick run's fits with those of other tasks, whose errors are `of` the basis times a seed's own factor. */
const withFits = (tasks: Task[], of: Partial<Record<BasisName, number>>): Break => ({ rows }) => [
  ...(rows as Rows).filter((row) => row.kind !== "fit"),
  ...tasks.flatMap((task) =>
    (["time", "DCT", "OrthoTrans"] as const).flatMap((basis) =>
      [1e-3, 3e-3, 1e-2, 3e-2, 1e-1, 3e-1].flatMap((learningRate) =>
        [0, 1, 2].map((seed): Row<"fit"> => ({
          kind: "fit",
          task,
          basis,
          learningRate,
          seed,
          mse: 0.5 * of[basis]! * (1 + 0.001 * seed),
        }))
      )
    )
  ),
];

/** The quick run's network in the place of some, with an error of `errors` for each mixer. */
const withNetworks = (
  variates: number,
  steps: number,
  errors: Partial<Record<VariateMixer, number>>,
  rank: Partial<Record<VariateMixer, number>> = {},
): Break =>
({ rows }) => {
  const trained = (rows as Rows).find((row) => row.kind === "training") as Row<"training">;
  return [
    ...(rows as Rows).filter((row) => row.kind !== "training"),
    ...Object.entries(errors).flatMap(([mixer, error]) =>
      [0, 1, 2, 3, 4, 5, 6, 7].map((seed): Row<"training"> => ({
        ...trained,
        variates,
        mixer: mixer as VariateMixer,
        seed,
        steps,
        mse: error + 0.03 * seed,
        effectiveRank: rank[mixer as VariateMixer] ?? trained.effectiveRank,
      }))
    ),
  ];
};

const SMOOTH: Task[] = ["hourly 96 → 24", "jobs 12 → 12"];

testPaper(experiment, {
  // The cosine basis in the place of the eigenbasis.
  "decorrelates": ({ rerun }) =>
    rerun((trial) => (trial.kind === "process" || trial.kind === "data") && { ...trial, learned: "DCT" }),
  "compacts": ({ rerun }) => rerun((trial) => trial.kind === "process" && { ...trial, learned: "DCT" }),
  // One coefficient is doubled: the basis is no rotation.
  "descent-is-blind": ({ rerun }) => rerun((trial) => trial.kind === "descent" && { ...trial, stretch: 2 }),
  // A basis that gains three percent.
  "adam-gains": withFits(SMOOTH, { time: 1, DCT: 0.97, OrthoTrans: 0.97 }),
  "as-good-as-cosine": withFits(SMOOTH, { time: 1, DCT: 0.88, OrthoTrans: 0.9 }),
  // A basis that gains where the variance is spread out, too.
  "daily-weather-loses": withFits(["daily 96 → 24", "daily 96 → 96"], { time: 1, DCT: 1, OrthoTrans: 0.99 }),
  "mixes-as-well": withNetworks(8, 400, { normlin: 0.85, attention: 0.83 }),
  "beats-attention": withNetworks(16, 400, { normlin: 0.81, attention: 0.8 }),
  "mixing-helps-early": withNetworks(16, 200, { normlin: 0.81, none: 0.8 }),
  // A free matrix in the place of NormLin.
  "stochastic": async ({ rerun }) =>
    (await rerun((trial) => trial.kind === "training" && { ...trial, mixer: "linear" }))
      .map((row) => row.kind === "training" ? { ...row, mixer: "normlin" } : row),
  // Attention that shares queries and keys.
  "half-the-products": ({ alter }) =>
    alter("cost", (row) => ({ ...row, attention: row.attention - row.variates * row.width ** 2 })),
  "higher-rank": withNetworks(8, 400, { normlin: 0.8, attention: 0.8 }, { normlin: 4, attention: 3 }),
});
