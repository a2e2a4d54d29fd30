/** Real windows of weather. */
import { Matrix, Rng } from "../../lib/arrays/mod.ts";
import { gram, matmul } from "../../lib/blas/mod.ts";
import { seattleWeather } from "../../lib/datasets/mod.ts";
import { eigh } from "../../lib/linalg/mod.ts";
import { OnlineOrthogonalDictionary } from "../../lib/dictionary/mod.ts";
import { dctMatrix } from "../../lib/transforms/mod.ts";
import type { Row } from "./rows.ts";

/** Real windows of one sensor. */
export interface WeatherTrial {
  sensor: Row<"weather">["sensor"];
  /** How many batches of 16 windows. */
  steps: number;
  seed: number;
}

/** Readings per window. */
const WINDOW = 16;
const BATCH = 16;

/**
 * Windows of 16 readings without their mean, whitened, learned from on the first nine months; how much of the
 * energy of the last three is in the largest entries of a code. Whitening makes every orthogonal basis equal
 * in variance: only sparsity can tell them apart.
 */
export function weather({ sensor, steps, seed }: WeatherTrial): Row<"weather">[] {
  const readings = seattleWeather()[sensor];
  const count = readings.length - WINDOW + 1;
  // In the coordinates of the cosines that are not constant, the mean is gone.
  const cosines = dctMatrix(WINDOW).slice(1, WINDOW);
  const windows = matmul(cosines, Matrix.from(WINDOW, count, (i, j) => readings[i + j]));
  const learnedFrom = Math.floor(0.75 * count);
  const n = WINDOW - 1;
  const { values, vectors } = eigh(gram(windows.slice(0, n, 0, learnedFrom), { side: "right" }));
  const whitener = matmul(
    vectors.map((x, _, j) => x * Math.sqrt(learnedFrom / values[j])),
    vectors,
    { transposeB: true },
  );
  const white = matmul(whitener, windows);
  const rng = new Rng(seed).split(`weather ${sensor}`);
  const learner = new OnlineOrthogonalDictionary({ n, rng: rng.split("start") });
  for (let step = 0; step < steps; step++) {
    const chosen = Array.from({ length: BATCH }, () => rng.integer(learnedFrom));
    learner.partialFit(Matrix.from(n, BATCH, (i, j) => white.get(i, chosen[j])));
  }
  const fresh = white.slice(0, n, learnedFrom, count);
  const bases: Record<Row<"weather">["basis"], Matrix> = {
    learned: learner.analysis,
    DCT: Matrix.identity(n),
    "principal components": vectors.transpose(),
    // A frame of 16 atoms for 15 dimensions, which keeps the energy.
    readings: cosines.transpose(),
  };
  return Object.entries(bases).flatMap(([basis, atoms]) =>
    shares(matmul(atoms, fresh)).slice(0, 8).map((share, i): Row<"weather"> => ({
      kind: "weather",
      sensor,
      basis: basis as Row<"weather">["basis"],
      kept: i + 1,
      share,
      seed,
    }))
  );
}

/** The share of the energy that the k largest entries of every column hold, for k = 1, 2, ... */
function shares(codes: Matrix): number[] {
  const sums = new Float64Array(codes.rows);
  for (let j = 0; j < codes.columns; j++) {
    codes.column(j).map((x) => x * x).sort().reverse().forEach((square, rank) => sums[rank] += square);
  }
  const total = sums.reduce((sum, x) => sum + x, 0);
  let kept = 0;
  return Array.from(sums, (square) => (kept += square) / total);
}
