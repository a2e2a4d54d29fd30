import { Matrix, Rng } from "../../lib/arrays/mod.ts";
import { gram, matmul } from "../../lib/blas/mod.ts";
import { digits } from "../../lib/datasets/mod.ts";
import { eigh, frobeniusNorm } from "../../lib/linalg/mod.ts";
import {
  corrupt,
  recordingSteps,
  signSpectralStart,
  subgradientDescent,
  symmetricGaussianOperator,
} from "../../lib/sensing/mod.ts";
import type { Loss, Row } from "./rows.ts";

/** Principal components that make up the target. */
const COMPONENTS = 3;

/** Columns that are offered. */
const COLUMNS = 8;

/**
 * Real data: the covariance of 1,797 images of digits, cut to its first three principal components and scaled
 * to spectral norm 1, seen through random quadratic sketches of which a tenth are wrong.
 */
export function runDigits(
  { seed, loss, m, steps }: { seed: number; loss: Loss; m: number; steps: number },
  report: (fraction: number) => void,
): (Row<"digits"> | Row<"pixel">)[] {
  const { images } = digits();
  const mean = Float64Array.from(
    { length: 64 },
    (_, j) => images.column(j).reduce((sum, x) => sum + x, 0) / images.rows,
  );
  const { values, vectors } = eigh(gram(images.map((x, _, j) => x - mean[j])));
  const factor = Matrix.from(
    64,
    COMPONENTS,
    (i, j) => Math.sqrt(values[63 - j] / values[63]) * vectors.get(i, 63 - j),
  );
  const truth = gram(factor, { side: "right" });
  const rng = new Rng(seed);
  const operator = symmetricGaussianOperator({
    rows: 64,
    measurements: m,
    scale: 1,
    rng: rng.split("measurements"),
  });
  const y = corrupt(operator.apply(truth), {
    outlierProbability: 0.1,
    outlier: (draw) => 10 * draw.normal(),
    rng: rng.split("noise"),
  });
  const { u, errors } = subgradientDescent({
    operator,
    y,
    truth,
    loss,
    u0: signSpectralStart(operator, y, COLUMNS, 1e-3),
    step: loss === "absolute"
      ? { kind: "geometric", first: 0.3, decay: 0.988 }
      : { kind: "constant", size: 0.1 },
    steps,
    record: recordingSteps(steps, { count: 2, every: 10 }),
    onRecord: (t) => report(t / steps),
  });
  const norm = frobeniusNorm(truth);
  return [
    {
      kind: "digits",
      seed,
      loss,
      lastError: errors[errors.length - 1] / norm,
      bestError: Math.min(...errors) / norm,
    },
    ...pixels(gram(u, { side: "right" }), vectors, loss),
    ...(loss === "absolute" ? pixels(truth, vectors, "truth") : []),
  ];
}

/** The leading eigenvectors as images, with the signs of the true ones. */
function pixels(matrix: Matrix, reference: Matrix, method: Row<"pixel">["method"]): Row<"pixel">[] {
  const { vectors } = eigh(matrix);
  const overlap = matmul(vectors, reference, { transposeA: true });
  return [1, 2, 3].flatMap((component) => {
    const at = 64 - component;
    const sign = Math.sign(overlap.get(at, at)) || 1;
    return Array.from({ length: 64 }, (_, i) => ({
      kind: "pixel" as const,
      method,
      component,
      x: i % 8,
      y: Math.floor(i / 8),
      value: Number((sign * vectors.get(i, at)).toPrecision(4)),
    }));
  });
}
