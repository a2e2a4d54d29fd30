import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import {
  Autoencoder,
  blobs,
  experiment,
  readAttributes,
  releasedStart,
  varimax,
} from "../../experiments/householder-projector/mod.ts";
import type { Row } from "../../experiments/householder-projector/rows.ts";
import { packedQr } from "../../experiments/householder-projector/released_start.ts";
import { Matrix, Rng } from "../../lib/arrays/mod.ts";
import { gram, matmul } from "../../lib/blas/mod.ts";
import { judgeAll } from "../../lib/experiment/mod.ts";
import { HouseholderProjector } from "../../lib/latent_directions/mod.ts";
import { haarOrthogonal } from "../../lib/linalg/mod.ts";
import released from "../fixtures/latent_directions/released_start.json" with { type: "json" };
import { testPaper } from "./paper.ts";

/** What the autoencoder shows at full length, roughly: relative to free projections. */
const ROUGHLY: Record<string, Partial<Row<"training">>> = {
  "free": { rank: 16, start: "free", error: 0.004, pathLength: 0.03, normalized: 0.004, entanglement: 0.53 },
  "r = 15": {
    rank: 15,
    start: "nearest",
    error: 0.0045,
    pathLength: 0.02,
    normalized: 0.008,
    entanglement: 0.53,
  },
  "r = 8": {
    rank: 8,
    start: "nearest",
    error: 0.005,
    pathLength: 0.018,
    normalized: 0.009,
    entanglement: 0.55,
  },
  "r = 5": {
    rank: 5,
    start: "nearest",
    error: 0.006,
    pathLength: 0.018,
    normalized: 0.01,
    entanglement: 0.55,
  },
  "r = 3": {
    rank: 3,
    start: "nearest",
    error: 0.008,
    pathLength: 0.02,
    normalized: 0.012,
    entanglement: 0.55,
  },
  "8, random": {
    rank: 8,
    start: "random",
    error: 0.009,
    pathLength: 0.05,
    normalized: 0.02,
    entanglement: 0.55,
  },
};

/** Training rows of eight seeds, with these models changed. */
function eightSeeds(changed: Record<string, Partial<Row<"training">>> = {}): Row[] {
  const rng = new Rng(0);
  return Array.from({ length: 8 }, (_, seed) => {
    const scale = Math.exp(0.3 * rng.normal());
    return Object.entries(ROUGHLY).map(([model, row]): Row => {
      const { error, ...rest } = { ...row, ...changed[model] } as Row<"training">;
      return { ...rest, kind: "training", seed, model, before: 1, error: scale * error };
    });
  }).flat();
}

/** The row with the start of the released code called the nearest, and the other way round. */
function exchanged(row: Row<"start">): Row<"start"> {
  if (row.method === "nearest") return { ...row, method: "released code" };
  return row.method === "released code" ? { ...row, method: "nearest" } : row;
}

testPaper(experiment, {
  // Reflections by vectors whose norm has drifted from 1.
  "spectrum": ({ alter }) =>
    alter("spectrum", (row) => ({ ...row, ones: row.precision === "float32" ? row.ones : 1e-6 })),
  // Free projections in place of projectors.
  "equal-directions": ({ alter }) => alter("traversal", (row) => ({ ...row, length: 0.6, cosine: 0.1 })),
  // The released code's start in the place of the nearest projector, and the other way round.
  "nearest-start": ({ alter }) => alter("start", exchanged),
  "released-start": ({ alter }) => alter("start", exchanged),
  // A rank that is too large costs more than one that is too small.
  "fidelity": () => eightSeeds({ "r = 15": { error: 0.008 } }),
  // Both start from the trained projections.
  "start-matters": () => eightSeeds({ "8, random": { error: 0.005 } }),
  // Projections that are kept as they are.
  "path-length": () => eightSeeds({ "r = 8": { pathLength: 0.03 } }),
  // Styles that move as much as before: a gain of 2.
  "only-smaller": () => eightSeeds({ "r = 8": { normalized: 0.0025 } }),
  // Singular vectors that are the columns of V, as they would be if singular values differed.
  "axes-are-free": ({ alter }) => alter("axes", (row) => ({ ...row, cosine: 1 })),
});

Deno.test("householder-projector: parts of claims about eight seeds fail one by one, and hold as measured", () => {
  const verdict = (rows: Row[], id: string) =>
    judgeAll(experiment.claims, rows).find((claim) => claim.id === id)!.holds;
  for (const id of ["fidelity", "start-matters", "path-length", "only-smaller"]) {
    assertEquals(verdict(eightSeeds(), id), true, id);
    assertEquals(verdict(eightSeeds().filter((row) => "seed" in row && row.seed < 7), id), null, id);
  }
  // The lowest rank costs nothing.
  assertEquals(verdict(eightSeeds({ "r = 3": { error: 0.0055 } }), "fidelity"), false);
  // Ranks in the wrong order.
  assertEquals(verdict(eightSeeds({ "r = 5": { error: 0.0044 } }), "fidelity"), false);
  assertEquals(verdict(eightSeeds({ "r = 8": { entanglement: 0.3 } }), "only-smaller"), false);
});

Deno.test("householder-projector, criterion 8: packed QR and the released start are those of PyTorch", () => {
  const { d, rank } = released;
  const matrix = (data: number[]) => new Matrix(d, d, Float64Array.from(data));
  const close = (a: Matrix, b: number[]) =>
    b.forEach((entry, k) => assertAlmostEquals(a.data[k], entry, 1e-13));
  close(packedQr(matrix(released.u)), released.packedU);
  close(packedQr(matrix(released.v)), released.packedV);
  close(releasedStart(matrix(released.u), matrix(released.v), rank), released.released);
});

Deno.test("householder-projector: gradients of the autoencoder agree with central differences", () => {
  const rng = new Rng(1);
  const free = Autoencoder.start(rng);
  const projected = free.with(
    free.decoder.layers.map(({ projection }) => HouseholderProjector.fromMatrix(projection, { rank: 5 })),
  );
  const pictures = blobs(40, rng);
  for (const model of [free, projected]) {
    const gradients = model.gradients(pictures).map((gradient) => gradient.clone());
    model.parameters().forEach(({ weights: { data } }, i) => {
      const direction = new Rng(i).normals(data.length);
      const kept = data.slice();
      const at = (step: number) => {
        for (let k = 0; k < data.length; k++) data[k] = kept[k] + step * direction[k];
        // A copy takes its projections from its projectors.
        return model.with(model.projectors).error(pictures);
      };
      const slope = (at(1e-6) - at(-1e-6)) / 2e-6;
      at(0);
      const expected = gradients[i].data.reduce((sum, g, k) => sum + g * direction[k], 0);
      assertAlmostEquals(slope, expected, 1e-5 * Math.max(1, Math.abs(expected)), `parameter ${i}`);
    });
  }
});

Deno.test("householder-projector: attributes are read off pictures; varimax finds sparse axes", () => {
  const rng = new Rng(2);
  // A spot far from the edge and narrow, whose attributes are those that it was drawn with, but for the grid.
  const [background, brightness, x, y, width] = readAttributes(
    Matrix.from(1, 256, (_, k) => {
      const [row, column] = [Math.floor(k / 16), k % 16].map((i) => (i + 0.5) / 8 - 1);
      return 0.2 + 0.7 * Math.exp(-((column - 1 / 16) ** 2 + (row + 3 / 16) ** 2) / (2 * 0.15 ** 2));
    }),
  ).data;
  [[background, 0.2], [brightness, 0.9], [x, 1 / 16], [y, -3 / 16], [width, 0.15]].forEach(([found, drawn]) =>
    assertAlmostEquals(found, drawn, 1e-6)
  );
  const sparse = Matrix.from(60, 4, (i, j) => i % 4 === j ? 1 + rng.uniform() : 0.05 * rng.normal());
  const mixed = matmul(sparse, haarOrthogonal(4, { rng }));
  const rotation = varimax(mixed);
  const found = matmul(mixed, rotation);
  gram(rotation).data.forEach((entry, k) => assertAlmostEquals(entry, k % 5 === 0 ? 1 : 0, 1e-13));
  for (let i = 0; i < 60; i++) {
    const sizes = Array.from(found.row(i), Math.abs).sort((a, b) => b - a);
    assert(sizes[1] < 0.4 * sizes[0], `${sizes}`);
  }
});
