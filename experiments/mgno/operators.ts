/** Linear operators as approximations of Green's function: best ones in closed form, and learned V-cycles. */
import { Matrix, Rng } from "../../lib/arrays/mod.ts";
import { sumOfSquares } from "../../lib/blas/mod.ts";
import type { Report } from "../../lib/experiment/mod.ts";
import {
  bestCirculant,
  bestRank,
  bestToeplitz,
  fitOperator,
  frobeniusError,
  mgConv,
  mgNo,
  operatorMatrix,
  poissonGreen,
} from "../../lib/multigrid/mod.ts";
import { warmupCosine } from "../../lib/optimizers/schedule.ts";
import type { Drawn, Row } from "./rows.ts";

/** Green's function with entries of mean square 1. */
function target(n: number): Matrix {
  const g = poissonGreen(n);
  return g.times(n / Math.sqrt(sumOfSquares(g.data)));
}

/** Sources whose columns are drawn, as places in (0, 1). */
const SOURCES = [1 / 8, 1 / 2, 3 / 4];

function columnRows(operator: Drawn, levels: number, matrix: Matrix): Row<"column">[] {
  const n = matrix.rows;
  return SOURCES.flatMap((source) =>
    Array.from(matrix.column(Math.round(source * (n + 1)) - 1), (value, i): Row<"column"> => ({
      kind: "column",
      operator,
      levels,
      source,
      x: (i + 1) / (n + 1),
      value,
    }))
  );
}

function whereRows(operator: Drawn, levels: number, matrix: Matrix, g: Matrix): Row<"where">[] {
  const n = g.rows;
  const difference = matrix.minus(g);
  return Array.from({ length: n }, (_, j): Row<"where"> => ({
    kind: "where",
    operator,
    levels,
    source: (j + 1) / (n + 1),
    // A column of g has the norm sqrt(n) on average.
    error: Math.sqrt(sumOfSquares(difference.column(j)) / n),
  }));
}

/** What needs no training. */
export function referenceRows({ n }: { n: number }): (Row<"reference"> | Row<"column"> | Row<"where">)[] {
  const g = target(n);
  const row = (operator: string, error: number, parameters: number): Row<"reference"> => ({
    kind: "reference",
    n,
    operator,
    parameters,
    error,
  });
  const circulant = bestCirculant(g);
  const toeplitz = bestToeplitz(g);
  const green = poissonGreen(n);
  const levels = Math.log2(n + 1);
  return [
    row("circulant", circulant.error, circulant.parameters),
    row("Toeplitz", toeplitz.error, toeplitz.parameters),
    ...[1, 2, 4, 8].map((rank) => {
      const { error, parameters } = bestRank(g, rank);
      return row(`rank ${rank}`, error, parameters);
    }),
    ...([["V(1,0)", 1, 0], ["V(1,1)", 1, 1], ["V(2,2)", 2, 2]] as const).map(([name, before, after]) => {
      const smoothings = Array.from({ length: levels }, (_, l) => l === levels - 1 ? 1 : before);
      const postSmoothings = smoothings.map((_, l) => l === levels - 1 ? 0 : after);
      const options = { smoothings, postSmoothings, init: "classical", rng: new Rng(0) } as const;
      const cycle = operatorMatrix(mgConv({ dimension: 1, n, levels, ...options }));
      return row(name, frobeniusError(cycle, green).error, 0);
    }),
    ...columnRows("Green's function", 0, g),
    ...columnRows("best circulant", 0, circulant.matrix),
    ...columnRows("best Toeplitz", 0, toeplitz.matrix),
    ...whereRows("best circulant", 0, circulant.matrix, g),
    ...whereRows("best Toeplitz", 0, toeplitz.matrix, g),
  ];
}

/** A learned V-cycle. */
export interface LearnedTrial {
  n: number;
  levels: number;
  channels: number;
  residual: boolean;
  seed: number;
  steps: number;
  /** Learning rate at the start. */
  rate: number;
  /** Whether its columns are kept. */
  drawn: boolean;
}

/** Trains one on all unit vectors. */
export function learnedRows(
  trial: LearnedTrial,
  report: Report<Row<"learned">>,
): (Row<"learned"> | Row<"column"> | Row<"where">)[] {
  const { n, levels, channels, residual, seed, steps, rate, drawn } = trial;
  const g = target(n);
  const net = mgNo({
    dimension: 1,
    n,
    levels,
    layers: 1,
    channels,
    residual,
    activation: false,
    dtype: "float32",
    rng: new Rng(seed).split(`levels ${levels}, channels ${channels}, n ${n}`),
  });
  // The responses to unit vectors times sqrt(n) are the columns of g; it is symmetric.
  const sources = Matrix.identity(n).times(Math.sqrt(n)).astype("float32");
  const columns = g.astype("float32");
  fitOperator(net, sources, columns, {
    loss: "frobenius",
    steps,
    learningRate: warmupCosine(rate, steps),
    onStep: ({ step }) => {
      if (step % 50 === 0) report(step / steps);
    },
  });
  const learned = net.forward(sources);
  const { error } = frobeniusError(learned, columns);
  const row: Row<"learned"> = {
    kind: "learned",
    n,
    levels,
    channels,
    residual,
    seed,
    steps,
    parameters: net.parameters.length,
    error,
  };
  if (!drawn) return [row];
  const matrix = learned.transpose().astype("float64");
  const shown = columnRows("learned V-cycle", levels, matrix);
  return [row, ...shown, ...whereRows("learned V-cycle", levels, matrix, g)];
}
