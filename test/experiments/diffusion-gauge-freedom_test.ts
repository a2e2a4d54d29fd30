// The oracles of the method are in test/diffusion/.
import { experiment } from "../../experiments/diffusion-gauge-freedom/mod.ts";
import type { NetworkKey, Row } from "../../experiments/diffusion-gauge-freedom/rows.ts";
import { setBlasThreads } from "../../lib/blas/mod.ts";
import { type Break, testPaper } from "./paper.ts";

// As in the runner's workers: many small products, for which threads only wait for each other.
setBlasThreads(1);

/** The sampling rows for three seeds, changed. */
const threeSeeds = (change: (row: Row<"sampling">) => Partial<Row<"sampling">>): Break => ({ rows }) =>
  rows.flatMap((row: Row): Row[] =>
    row.kind === "sampling" ? [0, 1, 2].map((seed) => ({ ...row, seed, ...change(row) })) : [row]
  );

const SHORT: NetworkKey = { surface: "sphere", dim: 3, conservative: false, width: 48, steps: 1500, seed: 0 };
const LONG: NetworkKey = { ...SHORT, width: 96, steps: 8000 };

/** Rows of networks as the laptop's run has them; what is changed is the break. */
const network = (key: NetworkKey, change: Partial<Row<"learned">> = {}): Row<"learned"> => ({
  kind: "learned",
  ...key,
  counts: key.steps === 8000 ? [0, 0, 64, 0] : key.conservative ? [0, 0, 44, 20] : [0, 0, 0, 64],
  third: key.steps === 8000 ? 0.04 : key.conservative ? 0.115 : 0.42,
  offSurface: key.steps === 8000 ? 0.016 : key.conservative ? 0.05 : 0.2,
  asymmetry: 0.03,
  loss: 0.4,
  ...change,
});
const networks = (change: (key: NetworkKey) => Partial<Row<"learned">>): Row<"learned">[] =>
  [0, 1, 2].flatMap((seed) =>
    [false, true].map((conservative) => ({ ...SHORT, seed, conservative })).map((key) =>
      network(key, change(key))
    )
  );

testPaper(experiment, {
  // An ordinary divergence-free remainder in the place of a gauge field.
  "exact-sampling": ({ rerun }) =>
    rerun((trial) =>
      trial.kind === "gaugeSampling" && trial.strength === 1 && { ...trial, field: "rotation" }
    )
      .then((rows) =>
        rows.map((row) =>
          row.kind === "sampling" && row.field === "rotation" && row.strength === 1
            ? { ...row, field: "gauge" }
            : row
        )
      ),
  // A bias that no single seed shows.
  "exact-sampling-median": threeSeeds(({ field }) => field === "gauge" ? { distance: 0.004 } : {}),
  // A gauge in the place of the wrong fields.
  "not-sufficient": ({ rows, alter }) => {
    const gauge = rows.find((row) => row.kind === "sampling" && row.field === "gauge" && row.strength === 1);
    return alter(
      "sampling",
      (row) => row.field === "gauge" ? row : { ...row, distance: (gauge as Row<"sampling">).distance },
    );
  },
  "weak-rotation": threeSeeds(({ field, strength }) =>
    field === "rotation" && strength === 0.2 ? { distance: 0.001 } : {}
  ),
  // N(0, I) in the place of the diffused law's density at the end.
  "likelihood": ({ alter }) => alter("likelihood", (row) => ({ ...row, error: row.error + 1e-5 })),
  // The ordinary split in the place of the weighted one.
  "decomposition": ({ rows, alter }) => {
    const ordinary = rows.find((row) => row.kind === "decomposition" && row.weight === "ordinary");
    return alter("decomposition", (row) => ({ ...ordinary, weight: row.weight } as typeof row));
  },
  // A rigid rotation: no shear.
  "shear": ({ alter }) => alter("shear", (row) => ({ ...row, values: [1, 1] })),
  // A flow that ends before the values have levelled off.
  "sphere": ({ alter }) =>
    alter(
      "dimension",
      (row) => ({
        ...row,
        slopes: row.slopes.map((slope: number, k: number) => k === 0 ? slope + 0.1 : slope),
      }),
    ),
  // A gauge that is weaker than it should be.
  "isotropy-lost": ({ rows, alter }) =>
    alter("dimension", (row) => {
      if (row.omega !== 5) return row;
      const weaker = rows.find((other) =>
        other.kind === "dimension" && other.omega === 1 && other.dim === 3 && other.start === row.start
      ) as Row<"dimension">;
      return { ...weaker, omega: 5, dim: row.dim };
    }),
  // Free networks that find the dimension as the conservative ones do.
  "learned": ({ rows }) => [...rows, ...networks(() => ({ counts: [0, 0, 44, 20], third: 0.115 }))],
  // Longer training that does not help.
  "under-fitting": ({ rows }) => [
    ...rows,
    ...networks(() => ({})),
    network(LONG, { counts: [0, 0, 0, 64], third: 0.42 }),
  ],
  // An error with much curl.
  "error-is-gradient": ({ rows }) => [
    ...rows,
    ...[SHORT, LONG].map((key): Row<"split"> => ({
      kind: "split",
      ...key,
      after: key.steps,
      sigma: 0.17,
      error: key === SHORT ? 0.7 : 0.006,
      gradient: key === SHORT ? 0.4 : 0.004,
      gauge: key === SHORT ? 0.3 : 0.002,
    })),
  ],
  // A solver without error at any number of steps.
  "price-of-gauge": ({ rows }) => [
    ...rows,
    ...[0, 1, 5].flatMap((strength) =>
      [16, 64, 128, 256, 512].map((steps): Row<"sampling"> => ({
        kind: "sampling",
        field: "gauge",
        strength,
        steps,
        seed: 0,
        distance: 0.0005,
      }))
    ),
  ],
  // Euler's method on a rotation: points spiral outwards.
  "spinning": ({ alter }) => alter("path", (row) => ({ ...row, level: row.level * (1 + row.step / 6000) })),
  // 512 nodes: on the outer turn they act as point masses.
  "swiss-roll": ({ rows }) => [
    ...rows,
    ...rows.filter((row) => row.kind === "dimension" && row.dim === 3 && row.omega === 0).map((row) => ({
      ...row as Row<"dimension">,
      surface: "Swiss roll" as const,
      slopes: [-0.31, 0, 1],
    })),
  ],
  // A density in the place of a finite sample: nothing is memorized.
  "memorization": ({ rows }) => [
    ...rows,
    ...[0.3, 0.2, 0.01].map((sigma): Row<"window"> => ({ kind: "window", sigma, dimension: 2 })),
  ],
});
