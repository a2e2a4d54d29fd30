// The oracles of the method are in test/score_distillation.
import { assertAlmostEquals } from "@std/assert";
import { attractorRows } from "../../experiments/variational-score-distillation/attractor.ts";
import { experiment } from "../../experiments/variational-score-distillation/mod.ts";
import type { Row } from "../../experiments/variational-score-distillation/rows.ts";
import { type Break, testPaper } from "./paper.ts";

/** The rows of one method in the plane in the place of another's. */
const insteadOf = (method: Row<"study">["method"], other: Row<"study">["method"]): Break => ({ rows }) =>
  rows
    .filter((row: Row) => row.kind !== "study" || row.method !== method)
    .concat(
      rows.filter((row: Row) => row.kind === "study" && row.method === other)
        .map((row: Row) => ({ ...row, method } as Row)),
    );

/** Every row of a kind for three seeds, changed. */
const threeSeeds = (rows: readonly Row[], change: (row: any) => Partial<Row>): Row[] =>
  rows.flatMap((row) => [0, 1, 2].map((seed) => ({ ...row, seed, ...change(row) }) as Row));

testPaper(experiment, {
  "law": insteadOf("VSD", "SDS"),
  // SDS at the size at which the claim is decided.
  "shares": ({ rows }) =>
    threeSeeds(
      rows.filter((row: Row) => row.kind === "study" && row.method === "SDS"),
      () => ({ method: "VSD", particles: 128, steps: 1500 }),
    ),
  // Far from the end.
  "one-attractor": ({ rerun }) => rerun((trial) => trial.kind === "settled" && { ...trial, steps: 30 }),
  // Guidance that is left out.
  "overshoot": ({ rows, alter }) => {
    const { distance } = rows.find((row: Row) => row.kind === "attractor" && row.guidance === 1);
    return alter("attractor", (row) => ({ ...row, distance }));
  },
  "as-samplers": insteadOf("VSD", "SDS"),
  // As strongly guided as 7.5.
  "as-samplers-weakly-guided": ({ alter }) =>
    alter("study", (row) => row.guidance === 7.5 ? { ...row, guidance: 3 } : row),
  "modes-kept": insteadOf("VSD", "SDS"),
  // Steps that are too long for the equation.
  "gaussian-flow": ({ rerun }) =>
    rerun((trial) => trial.kind === "ownTimes" && { ...trial, learningRate: 0.5 }),
  // The variance of SDS.
  "one-time-per-step": ({ rows }) => {
    const row = rows.find((row: Row) => row.kind === "variance" && row.times === "one time");
    return [0, 1, 2, 3, 4, 5, 6, 7].map((seed) => ({ ...row, seed, measured: 0.0757931777 }));
  },
  // Each method's scenes under the name of the other.
  "flatland": ({ alter }) =>
    alter("scene", (row) => ({ ...row, method: row.method === "SDS" ? "VSD" : "SDS" })),
  // SDS at the size at which the claim is decided.
  "three-scenes": ({ rows }) =>
    threeSeeds(
      rows.filter((row: Row) => row.kind === "scene" && row.method === "SDS"),
      () => ({ method: "VSD", steps: 2000 }),
    ),
  // Particles with the right sign and the right noise.
  "broken": ({ alter, rows }) => {
    const right = (seed: number) =>
      rows.find((row: Row) =>
        row.kind === "study" && row.method === "VSD" && row.guidance === 1 && row.seed === seed
      );
    return alter(
      "study",
      (row) =>
        row.method === "VSD, wrong sign" || row.method === "VSD, fresh noise"
          ? { ...right(row.seed), method: row.method }
          : row,
    );
  },
  // A prior that sees one view, in the place of one that sees two.
  "two-faces": ({ rows }) => {
    const scenes = rows.filter((row: Row) => row.kind === "scene" && row.method === "VSD");
    const wrong = scenes.map((row: any) => ({ ...row, rmse: 0.5, nearestByView: [0, 2] }));
    return [...wrong, ...threeSeeds(wrong, () => ({ views: 2 }))];
  },
  // Long before the end.
  "collapse": ({ rerun }) => rerun((trial) => trial.kind === "guided" && { ...trial, tau: 1 }),
  // Where the particles start.
  "better-than-independent": ({ rerun }) =>
    rerun((trial) => trial.kind === "count" && { ...trial, steps: 1 }),
  "control-variate": insteadOf("SJC", "SDS"),
});

Deno.test("the zeros of the expected SDS gradient are those of an independent quadrature", () => {
  const wanted: [number, number, number, number][] = [
    [500, 1, 0.933391, 0.850606],
    [500, 7.5, 1.571944, 1.448581],
    [500, 100, 2.8128, 2.6204],
    [980, 1, 0.879866, 0.822485],
    [980, 7.5, 2.30628, 2.26924],
  ];
  for (const largest of [500, 980]) {
    const rows = attractorRows({ largest, nodes: 16, guidances: [1, 3, 7.5, 25, 100], isFlowRun: false });
    for (const [end, guidance, x, y] of wanted) {
      if (end !== largest) continue;
      const row = rows.find((row) => row.kind === "attractor" && row.guidance === guidance)!;
      const tolerance = guidance === 100 ? 1e-4 : 1e-5;
      assertAlmostEquals(row.x, x, tolerance);
      assertAlmostEquals(row.y, y, tolerance);
    }
  }
});
