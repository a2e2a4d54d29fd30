/** Spurious minima of one filter of 3 x 3 taps on one channel. */
import { Matrix, Rng } from "../../lib/arrays/mod.ts";
import {
  convolutionBlocks,
  glorotKernel,
  lorth,
  lorthGradient,
  minimizeLorth,
  orthogonalityErrors,
} from "../../lib/convolutions/mod.ts";
import { eigh } from "../../lib/linalg/mod.ts";
import { type Row, shapeOf } from "./rows.ts";

const ONE = shapeOf({ M: 1, C: 1, k: 3, S: 1 });

/** The minima whose value is an exact fraction (notes 8.3). */
const P = Math.sqrt(0.08);
const Q = Math.sqrt(0.28);
const T = Math.sqrt(0.2);
const STRIPES = [-P, -Q, -P, 0, 0, 0, P, -Q, P];
const CORNERS = [T, 0, T, 0, 0, 0, T, 0, -T];

/** Names with the value of the regularizer. */
export const NAMES = ["L = 0.0798", "L = 3/25", "L = 1/5"] as const;
/** The values of {@linkcode NAMES}. */
export const VALUES: readonly number[] = [0.079834245, 3 / 25, 1 / 5];

/** The three families: value, slope, curvature, gains. */
export function minimumRows(frequencies: number, seed: number): Row[] {
  return [thirdFamily(seed), STRIPES, CORNERS].flatMap((kernel, i) => [
    minimumRow(NAMES[i], kernel),
    ...responseRows(NAMES[i], kernel, frequencies),
  ]);
}

/** A descent from a Glorot draw, with a rate that falls to nothing. */
function settle(seed: number): { kernel: Float64Array; value: number } {
  const start = glorotKernel(ONE, { rng: new Rng(seed).split("single") });
  return minimizeLorth(start, ONE, { steps: 5750, learningRate: (step) => 0.05 * 0.998 ** step });
}

/** Where descents settle. */
export function endingRow(seed: number): Row<"ending"> {
  return { kind: "ending", seed, lorth: settle(seed).value };
}

/** The family that has no simple closed form: the first descent that ends there. */
function thirdFamily(seed: number): Float64Array {
  for (let draw = seed;; draw++) {
    const { kernel, value } = settle(draw);
    if (Math.abs(value - VALUES[0]) < 1e-4) return kernel;
  }
}

function minimumRow(name: string, kernel: ArrayLike<number>): Row<"minimum"> {
  const { value, gradient } = lorthGradient(kernel, ONE);
  const { smallest, largest } = orthogonalityErrors(kernel, ONE, 64);
  return {
    kind: "minimum",
    name,
    lorth: value,
    gradient: Math.sqrt(gradient.reduce((sum, g) => sum + g * g, 0)),
    curvature: eigh(hessian(kernel)).values[0],
    smallest,
    largest,
  };
}

/** The Hessian by central differences of the gradient, made symmetric. */
function hessian(kernel: ArrayLike<number>): Matrix {
  const h = 1e-4;
  const at = (i: number, step: number) => {
    const moved = Float64Array.from(kernel);
    moved[i] += step;
    return lorthGradient(moved, ONE).gradient;
  };
  const columns = Array.from(kernel, (_, i) => {
    const [up, down] = [at(i, h), at(i, -h)];
    return up.map((g, j) => (g - down[j]) / (2 * h));
  });
  return Matrix.from(kernel.length, kernel.length, (i, j) => (columns[i][j] + columns[j][i]) / 2);
}

function responseRows(name: string, kernel: ArrayLike<number>, N: number): Row<"response">[] {
  const blocks = convolutionBlocks(kernel, ONE, N);
  const half = Math.floor(N / 2);
  // The gain at a frequency and at its negative are the same: half of the plane shows all.
  return Array.from({ length: (half + 1) * N }, (_, f) => {
    const { re, im } = blocks.get(f, 0);
    const v = f % N;
    return {
      kind: "response",
      name,
      u: Math.floor(f / N) / N,
      v: (v >= N / 2 ? v - N : v) / N,
      power: re * re + im * im,
    };
  });
}

/** L on x times the minimum at 3/25, normalized, plus y times the centre tap. */
export function sliceRows(points: number): Row<"slice">[] {
  const norm = Math.sqrt(0.88);
  const values = Array.from({ length: points }, (_, i) => 1.4 * (2 * i / (points - 1) - 1));
  return values.flatMap((x) =>
    values.map((y): Row<"slice"> => {
      const kernel = STRIPES.map((p, i) => x * p / norm + (i === 4 ? y : 0));
      return { kind: "slice", x, y, lorth: lorth(kernel, ONE) };
    })
  );
}
