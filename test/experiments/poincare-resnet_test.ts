// The methods' own tests, with the oracles of the notes, are in test/hyperbolic and test/training.
import { assert, assertEquals } from "@std/assert";
import { ballLayer, experiment, meansTimes } from "../../experiments/poincare-resnet/mod.ts";
import type { Row } from "../../experiments/poincare-resnet/rows.ts";
import { setBlasThreads } from "../../lib/blas/mod.ts";
import { type Break, testPaper } from "./paper.ts";

// As in the runner's workers: many small products, for which threads only wait for each other.
setBlasThreads(1);

/**
 * The networks of the quick run as if they had `layers` layers, for three seeds, with their starts
 * exchanged: a method whose identity start is the other one.
 */
const exchanged = (layers: number): Break => ({ rows }) =>
  [0, 1, 2].flatMap((seed) =>
    rows.filter((row: Row) => row.kind === "training").map((row: Row<"training">): Row<"training"> => ({
      ...row,
      layers,
      seed,
      init: row.init === "identity" ? "hnn++" : "identity",
    }))
  );

testPaper(experiment, {
  // Weights I instead of ½ I.
  "identity-keeps": ({ alter }) =>
    alter("depth", (row) => row.start === "identity" ? { ...row, worst: 2 ** row.norms.length - 1 } : row),
  // Gaussian weights instead of orthogonal ones.
  "orthogonal-keeps": ({ alter }) =>
    alter("depth", (row) => row.start === "½Q" ? { ...row, start: "HNN++" } : { ...row, start: "½Q" }),
  // Entries of variance 1/(4n): in the mean norms are kept.
  "hnn-collapses": ({ alter }) =>
    alter(
      "depth",
      (row) =>
        row.start === "HNN++"
          ? {
            ...row,
            norms: row.norms.map((norm: number, layer: number) => norm * (row.d / 2) ** (layer / 2)),
          }
          : row,
    ),
  // The right conformal factor.
  "released-shrinks": ({ alter }) =>
    alter("released", (row) => ({ ...row, norms: row.norms.map(() => row.rho) })),
  "gradient-arrives": exchanged(8),
  "eight-layers": exchanged(8),
  "sixteen-layers": exchanged(16),
  "two-layers": exchanged(2),
  // The Euclidean mean of the points, too far from the Fréchet mean.
  "midpoint-is-close": ({ alter }) => alter("means", (row) => ({ ...row, relative: 10 * row.relative })),
  // An iteration that converges in one step.
  "frechet-iterates": ({ alter }) => alter("means", (row) => ({ ...row, iterations: 1 })),
  // The variance about the midpoint taken for that about the Fréchet mean, and the means exchanged.
  "normalization-centres": ({ alter }) =>
    alter("normalization", (row) => ({ ...row, mean: row.mean === "midpoint" ? "frechet" : "midpoint" })),
  // A normalization that does not scale: the networks without it.
  "midpoint-trains-as-well": (paper) =>
    (["midpoint", "frechet"] as const).flatMap((norm) =>
      (exchanged(8)(paper) as Row<"training">[]).map((row) => ({ ...row, norm }))
    ),
  // The identity's runs taken for those of ½Q.
  "orthogonal-loses-with-relu": (paper) =>
    (exchanged(16)(paper) as Row<"training">[]).map((row) =>
      row.init === "hnn++" ? { ...row, init: "orthogonal" } : row
    ),
  // A ball form in double precision has no trouble at these norms.
  "fused-layer-has-no-boundary": ({ alter }) =>
    alter(
      "boundary",
      (row) =>
        row.form === "ball"
          ? { ...row, error: ballLayer(row.norm, 1, (gap) => 2 / gap) / row.norm - 1 }
          : row,
    ),
  "small-graph": ({ alter }) => alter("graph", (row) => ({ ...row, form: "fused" })),
  // A network whose weights do not move.
  "resnet-learns": async ({ run }) => {
    const [row] = await run([
      { kind: "resnet", network: "Poincaré", c: 0.1, epochs: 1, images: 100, seed: 0 },
    ]) as Extract<Row, { kind: "resnet" }>[];
    return [0, 1, 2].flatMap((seed) => [{ ...row, seed }, { ...row, seed, network: "Euclidean" as const }]);
  },
});

Deno.test("poincare-resnet: both residual networks give the same rows again", async () => {
  for (const network of ["Poincaré", "Euclidean"] as const) {
    const trial = { kind: "resnet", network, c: 0.1, epochs: 1, images: 100, seed: 0 } as const;
    const run = async () => await experiment.run(trial, () => {});
    assertEquals(await run(), await run());
  }
});

Deno.test("poincare-resnet, criterion 6: the midpoint takes a third of the time, or less", () => {
  for (const { sigma, midpointMs, frechetMs } of meansTimes([0.1, 1])) {
    assert(frechetMs > 3 * midpointMs, `σ = ${sigma}: ${midpointMs} ms and ${frechetMs} ms`);
  }
});
