/** The theorems on single kernels: identity, bound, existence. */
import { Matrix, Rng } from "../../lib/arrays/mod.ts";
import { gram } from "../../lib/blas/mod.ts";
import {
  convolutionMatrix,
  convolutionSingularValues,
  glorotKernel,
  lorth,
  lorthFloor,
  lorthGradient,
  lorthSpectralConstant,
  minimizeLorth,
  orthogonalConvExists,
  orthogonalityErrors,
  orthogonalKernel,
} from "../../lib/convolutions/mod.ts";
import { frobeniusNorm, qr, singularValues } from "../../lib/linalg/mod.ts";
import { type Layer, type Row, shapeOf } from "./rows.ts";

/** K[m, c, a, b] = sin(1 + m + 2c + 3a + 5b) / 4, the kernel of the reference values. */
export function sineKernel({ M, C, k }: Layer): Float64Array {
  const kernel = new Float64Array(M * C * k * k);
  let i = 0;
  for (let m = 0; m < M; m++) {
    for (let c = 0; c < C; c++) {
      for (let a = 0; a < k; a++) {
        for (let b = 0; b < k; b++) kernel[i++] = Math.sin(1 + m + 2 * c + 3 * a + 5 * b) / 4;
      }
    }
  }
  return kernel;
}

function randomKernel({ M, C, k }: Layer, rng: Rng): Float64Array {
  return rng.normals(M * C * k * k, 0.3);
}

/** The Frobenius identity and the singular values, against the explicit matrix. */
export function identityRow(
  layer: Layer & { N: number },
  kernel: "sine" | "random",
  seed: number,
): Row<"identity"> {
  const { M, C, k, S, N } = layer;
  const shape = shapeOf(layer);
  const weights = kernel === "sine"
    ? sineKernel(layer)
    : randomKernel(layer, new Rng(seed).split("identity"));
  const K = convolutionMatrix(weights, shape, N);
  const product = gram(K, { side: M <= C * S * S ? "right" : "left" });
  const error = frobeniusNorm(product.minus(Matrix.identity(product.rows)));
  const explicit = singularValues(K);
  return {
    kind: "identity",
    ...{ M, C, k, S, N, kernel, seed },
    aliased: S * N < 2 * k - 1,
    ratio: error ** 2 / (N ** 2 * lorth(weights, shape)),
    singularValues: convolutionSingularValues(weights, shape, N)
      .reduce((largest, s, i) => Math.max(largest, Math.abs(s - explicit[i])), 0),
  };
}

/** The spectral bound on random kernels of different size, and on perturbed orthogonal ones. */
export function boundRow(layer: Layer, count: number, seed: number): Row<"bound"> {
  const shape = shapeOf(layer);
  const { k, S } = layer;
  const rng = new Rng(seed).split(`bound ${JSON.stringify(layer)}`);
  const ratios = Array.from({ length: count }, (_, i) => {
    const size = 10 ** rng.uniform(-2, 0.5);
    const kernel = rng.normals(layer.M * layer.C * k * k, size);
    if (i % 2 === 1) orthogonalKernel(shape, { rng }).forEach((x, t) => kernel[t] += x);
    const { spectral, bound } = orthogonalityErrors(kernel, shape, Math.ceil((2 * k - 1) / S));
    return (spectral / bound) ** 2;
  });
  return { kind: "bound", ...layer, ratios };
}

export function constantRow(layer: Layer): Row<"constant"> {
  return { kind: "constant", ...layer, alpha: lorthSpectralConstant(shapeOf(layer)) };
}

/** The gradient against differences of fourth order in three random directions. */
export function gradientRow(layer: Layer, seed: number): Row<"gradient"> {
  const shape = shapeOf(layer);
  const rng = new Rng(seed).split("gradient");
  const kernel = randomKernel(layer, rng);
  const { gradient } = lorthGradient(kernel, shape);
  let error = 0;
  for (let trial = 0; trial < 3; trial++) {
    const direction = rng.sphere(kernel.length);
    const at = (t: number) => lorth(kernel.map((x, i) => x + t * direction[i]), shape);
    const central = (h: number) => (at(h) - at(-h)) / (2 * h);
    const slope = gradient.reduce((sum, g, i) => sum + g * direction[i], 0);
    const size = Math.sqrt(gradient.reduce((sum, g) => sum + g * g, 0));
    error = Math.max(error, Math.abs((4 * central(1e-3) - central(2e-3)) / 3 - slope) / size);
  }
  return { kind: "gradient", ...layer, seed, error };
}

/**
 * For M = 1, 2, ...: does an orthogonal kernel exist, and does the best kernel that we can construct reach the
 * floor of the regularizer? Neighbours with the same answer make one row.
 */
export function existenceRows({ C, k, S, filters, seed }: {
  C: number;
  k: number;
  S: number;
  filters: number;
  seed: number;
}): Row<"existence">[] {
  const rows: Row<"existence">[] = [];
  for (let M = 1; M <= filters; M++) {
    const shape = shapeOf({ M, C, k, S });
    const { exists, case: side } = orthogonalConvExists(shape);
    const floor = lorthFloor(shape);
    const rng = new Rng(seed).split(`existence ${M} ${C} ${k} ${S}`);
    const value = lorth(exists ? orthogonalKernel(shape, { rng }) : bestKernel(M, C * k * k, rng), shape);
    const residual = Math.abs(value - floor);
    const last = rows.at(-1);
    if (last !== undefined && last.exists === exists && last.case === side) {
      last.to = M;
      last.lorth = Math.max(last.lorth, Math.abs(value));
      last.residual = Math.max(last.residual, residual);
      last.floor = Math.min(last.floor, floor);
    } else {
      rows.push({
        kind: "existence",
        C,
        k,
        S,
        from: M,
        to: M,
        exists,
        case: side,
        lorth: Math.abs(value),
        residual,
        floor,
      });
    }
  }
  return rows;
}

/** Without an orthogonal kernel there are more filters than taps, and the best are orthonormal columns. */
function bestKernel(M: number, taps: number, rng: Rng): Float64Array {
  return qr(rng.normalMatrix(M, taps)).q.data;
}

/** Adam for a shape without an orthogonal kernel. */
export function floorRow(layer: Layer, seed: number): Row<"floor"> {
  const shape = shapeOf(layer);
  const { value } = minimizeLorth(glorotKernel(shape, { rng: new Rng(seed).split("floor") }), shape);
  return { kind: "floor", ...layer, seed, lorth: value, floor: lorthFloor(shape) };
}
