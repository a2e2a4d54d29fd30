import { type Matrix, requireNumber, requireOptions, requireRealArray } from "../arrays/mod.ts";
import type { NoisePredictor, OutOption } from "../diffusion/mod.ts";
import { requireBatch } from "./check.ts";
import { expOfMinus, LIMIT } from "./exp.ts";
import { compiledLoops } from "./kernels.ts";

/**
 * The variational distribution of n particles with images g_j: under noise it is the mixture
 * `1/n sum_j N(alpha g_j, sigma^2 I)`, whose noise prediction is exact,
 * `eps(x) = sum_j r_j (x - alpha g_j) / sigma` with `r = softmax_j(-|x - alpha g_j|^2 / (2 sigma^2))`.
 * It minimizes `E |eps_phi(alpha g_j + sigma eps) - eps|^2` over all functions, so it is what the fine-tuned
 * network of ProlificDreamer would be after perfect training. (A `GaussianMixture` of point masses is the
 * same, and slower.) Weights below 4e-18 of the largest one are taken for that.
 *
 * @param images The images g_j of the particles, one per row. They are not copied: later changes are seen.
 * @throws {RangeError} if there is no particle or no pixel, or an entry is not finite; in `noisePrediction`,
 * if the length of `x` is no multiple of the pixels, `alpha` is negative or `sigma` not positive.
 * @throws {TypeError} if `images` is not a Matrix of double precision.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { particleCloud } from "refigure/score_distillation";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * // Halfway between two particles, each is as likely as the other.
 * const two = particleCloud(Matrix.fromRows([[-1], [1]]));
 * assertAlmostEquals(two.noisePrediction(Float64Array.of(0), 0.6, 0.8)[0], 0, 1e-15);
 * // The noise of a single particle is the one that was added.
 * const single = particleCloud(Matrix.fromRows([[1]]));
 * assertAlmostEquals(single.noisePrediction(Float64Array.of(0.6 * 1 + 0.8 * 0.3), 0.6, 0.8)[0], 0.3, 1e-15);
 * ```
 */
export function particleCloud(images: Matrix): NoisePredictor {
  requireBatch("images", images);
  if (images.data.length === 0) {
    throw new RangeError(
      `\`images\` must have at least one row and one column, got ${images.rows} x ${images.columns}`,
    );
  }
  const n = images.rows;
  const d = images.columns;
  return {
    dim: d,
    noisePrediction(x, alpha, sigma, options: OutOption = {}) {
      requireRealArray("x", x, "float64");
      if (x.length % d !== 0) {
        throw new RangeError(`\`x\` must have a multiple of ${d} entries, got ${x.length}`);
      }
      requireNumber("alpha", alpha, { min: 0 });
      requireNumber("sigma", sigma, { above: 0 });
      requireOptions("options", options, ["out"]);
      const { out = new Float64Array(x.length) } = options;
      requireRealArray("out", out, "float64");
      if (out.length !== x.length) {
        throw new RangeError(`\`out\` must have length ${x.length}, got ${out.length}`);
      }
      // In units of sqrt(2) sigma the exponent of a particle is minus its squared distance.
      const unit = 1 / (Math.SQRT2 * sigma);
      if (compiledNoise(x, images.data, d, alpha, unit, out)) return out;
      const points = x.map((value) => value * unit);
      const centers = images.data.map((value) => alpha * value * unit);
      const squares = new Float64Array(n);
      const mean = d === 2 ? meanInThePlane : meanOf;
      for (let at = 0; at < x.length; at += d) mean(points, centers, at, d, squares, out);
      for (let k = 0; k < out.length; k++) out[k] = Math.SQRT2 * (points[k] - out[k]);
      return out;
    },
  };
}

const kernelsOf = compiledLoops();

/** The same in WebAssembly, two points at a time; false where it cannot run. */
function compiledNoise(
  x: Float64Array,
  images: Float64Array,
  d: number,
  alpha: number,
  unit: number,
  out: Float64Array,
): boolean {
  const kernels = kernelsOf();
  const n = images.length / d;
  const count = x.length / d;
  const pairs = (count + 1) >> 1;
  const start = kernels?.scratch(16 * (2 * pairs * d + n) + 8 * images.length) ?? 0;
  if (kernels === null || start === 0) return false;
  const { run, float64: memory } = kernels;
  const means = start + 16 * pairs * d;
  const weights = means + 16 * pairs * d;
  const centers = weights + 16 * n;
  const [from, to, at] = [start / 8, means / 8, centers / 8];
  for (let i = 0; i < 2 * pairs; i++) {
    // Coordinate by coordinate, both points of a pair; an odd one is its own partner.
    const row = Math.min(i, count - 1) * d;
    const place = from + (i >> 1) * 2 * d + (i & 1);
    for (let c = 0; c < d; c++) memory[place + 2 * c] = x[row + c] * unit;
  }
  for (let k = 0; k < images.length; k++) memory[at + k] = alpha * images[k] * unit;
  if (d === 2) run.meansInThePlane(start, pairs, centers, n, means, NEAR);
  else run.means(start, pairs, centers, n, d, weights, means);
  for (let i = 0; i < count; i++) {
    const place = (i >> 1) * 2 * d + (i & 1);
    for (let c = 0; c < d; c++) {
      out[i * d + c] = Math.SQRT2 * (memory[from + place + 2 * c] - memory[to + place + 2 * c]);
    }
  }
  return true;
}

/**
 * Writes the mean of the centres, weighted by the softmax for the point that starts at `at`, to there in
 * `out`.
 */
function meanOf(
  points: Float64Array,
  centers: Float64Array,
  at: number,
  d: number,
  squares: Float64Array,
  out: Float64Array,
): void {
  const n = squares.length;
  let nearest = Infinity;
  for (let j = 0; j < n; j++) {
    let square = 0;
    for (let c = 0; c < d; c++) square += (points[at + c] - centers[j * d + c]) ** 2;
    squares[j] = square;
    nearest = Math.min(nearest, square);
  }
  let sum = 0;
  out.fill(0, at, at + d);
  for (let j = 0; j < n; j++) {
    const weight = expOfMinus(Math.min(squares[j] - nearest, LIMIT));
    sum += weight;
    for (let c = 0; c < d; c++) out[at + c] += weight * centers[j * d + c];
  }
  for (let c = 0; c < d; c++) out[at + c] /= sum;
}

/** The same for two coordinates, in registers. */
function meanInThePlane(
  points: Float64Array,
  centers: Float64Array,
  at: number,
  _d: number,
  squares: Float64Array,
  out: Float64Array,
): void {
  // A noised particle is near its own centre: the weights are in range as they are.
  if (weighInThePlane(points, centers, at, 0, out) > NEAR) return;
  const n = squares.length;
  let nearest = Infinity;
  for (let j = 0; j < n; j++) {
    const dx = points[at] - centers[2 * j];
    const dy = points[at + 1] - centers[2 * j + 1];
    nearest = Math.min(nearest, dx * dx + dy * dy);
  }
  weighInThePlane(points, centers, at, nearest, out);
}

/** exp(-4): with a sum of weights above it, what is left out below exp(-40) is less than rounding. */
const NEAR = Math.exp(-4);

/** Writes the mean with the weights exp(shift - |x - centre|^2), and returns their sum. */
function weighInThePlane(
  points: Float64Array,
  centers: Float64Array,
  at: number,
  shift: number,
  out: Float64Array,
): number {
  const x = points[at];
  const y = points[at + 1];
  let sum = 0;
  let sumX = 0;
  let sumY = 0;
  for (let k = 0; k < centers.length; k += 2) {
    const cx = centers[k];
    const cy = centers[k + 1];
    const dx = x - cx;
    const dy = y - cy;
    const weight = expOfMinus(Math.min(dx * dx + dy * dy - shift, LIMIT));
    sum += weight;
    sumX += weight * cx;
    sumY += weight * cy;
  }
  out[at] = sumX / sum;
  out[at + 1] = sumY / sum;
  return sum;
}
