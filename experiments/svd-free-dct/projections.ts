import { type Matrix, Rng } from "../../lib/arrays/mod.ts";
import { frobeniusNorm } from "../../lib/linalg/mod.ts";
import { adamwUpdates, SubspaceProjector, type SubspaceProjectorOptions } from "../../lib/optimizers/mod.ts";
import { trainOnDigits } from "../../lib/training/mod.ts";
import { type Basis, COLUMNS, type Data, type GradientSide, type Row, ROWS } from "./rows.ts";

/** A 256 x 64 matrix with smooth rows: each entry is `correlation` times its left neighbour, and noise. */
export function smoothRows(correlation: number, rng: Rng): Matrix {
  const g = rng.normalMatrix(ROWS, COLUMNS);
  for (let i = 0; i < ROWS; i++) {
    const row = g.row(i);
    for (let j = 1; j < COLUMNS; j++) {
      row[j] = correlation * row[j - 1] + Math.sqrt(1 - correlation ** 2) * row[j];
    }
  }
  return g;
}

function shuffleColumns(g: Matrix, seed: number): Matrix {
  const order = new Rng(seed).split("order").permutation(g.columns);
  return g.map((_, i, j) => g.get(i, order[j]));
}

/** The share of the squared norm that a projection loses, and how far the identity of notes 3.2 is off. */
function lost(
  g: Matrix,
  rank: number,
  options: SubspaceProjectorOptions,
): { error: number; identity: number } {
  const projector = new SubspaceProjector(g, rank, options);
  const low = projector.update(g);
  const total = frobeniusNorm(g) ** 2;
  const error = frobeniusNorm(g.minus(projector.reconstruct(low))) ** 2 / total;
  return { error, identity: Math.abs(error - 1 + frobeniusNorm(low) ** 2 / total) };
}

const RANKINGS: [basis: Basis, norm: 1 | 2][] = [
  ["svd", 2],
  ["dct2", 2],
  ["dct2", 1],
  ["dct3", 2],
  ["random", 2],
  ["axes", 2],
];

/** Protocol A: one matrix, in every basis and at every rank. */
export function project(
  { data, correlation, ranks, seed }: { data: Data; correlation: number; ranks: number[]; seed: number },
): Row<"projection">[] {
  const smooth = smoothRows(data === "gaussian" ? 0 : correlation, new Rng(seed).split("matrix"));
  const g = data === "permuted" ? shuffleColumns(smooth, seed) : smooth;
  return RANKINGS.flatMap(([basis, norm]) =>
    ranks.map((rank): Row<"projection"> => ({
      kind: "projection",
      data,
      correlation,
      seed,
      basis,
      norm,
      rank,
      ...lost(g, rank, { basis, norm, seed }),
    }))
  );
}

/** Steps at which gradients and momenta of the digits network are looked at. */
export const LOOKED_AT: readonly number[] = [5, 20, 50, 90];

/** Protocol B: gradients of a training run. */
export function projectGradients({ rank, seed }: { rank: number; seed: number }): Row<"gradient">[] {
  const rows: Row<"gradient">[] = [];
  trainOnDigits({
    optimizer: adamwUpdates({ learningRate: 0.01 }),
    steps: 90,
    rng: new Rng(seed),
    onStep({ step, gradients }) {
      if (!LOOKED_AT.includes(step)) return;
      gradients.forEach((gradient, layer) => {
        // Weights are [out, in]: the entries of a row of the gradient belong to the inputs.
        const sides: [GradientSide, Matrix, "left" | "right"][] = [
          ["inputs", gradient, "right"],
          ["shuffled inputs", shuffleColumns(gradient, seed), "right"],
          ["outputs", gradient, "left"],
        ];
        for (const [name, g, side] of sides) {
          for (const basis of ["svd", "dct2", "dct3", "random", "axes"] as const) {
            const { error } = lost(g, rank, { basis, side, seed });
            rows.push({ kind: "gradient", seed, step, layer, side: name, basis, error });
          }
        }
      });
    },
  });
  return rows;
}
