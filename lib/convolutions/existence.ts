import { requireOneOf, requireOptions, requireRng, type Rng } from "../arrays/mod.ts";
import { qr } from "../linalg/mod.ts";
import { type Border, BORDERS, type ConvolutionShape, requireConvolutionShape } from "./shape.ts";

/**
 * Which side of a layer's matrix is the small one. `"RO"`: M < C S^2, orthogonal means orthonormal rows.
 * `"CO"`: M > C S^2, orthonormal columns. `"square"`: M = C S^2, both.
 */
export type OrthogonalityCase = "RO" | "CO" | "square";

/** What {@linkcode orthogonalConvExists} returns. */
export interface OrthogonalConvExistence {
  /** Whether a kernel of this shape makes the layer orthogonal. */
  exists: boolean;
  /** Which side is the small one. */
  case: OrthogonalityCase;
  /**
   * Whether only kernels with nothing but a centre tap do, that is convolutions of 1 x 1 in disguise (zero
   * padding).
   */
  centreTapOnly: boolean;
  /** The inequality that decides, with its numbers. */
  reason: string;
}

/**
 * The exact test of whether an orthogonal convolution of a shape exists, for images larger than the kernel.
 *
 * Circular border (Achour, Malgouyres & Mamalet 2022, Theorem 1): for `M <= C S^2` if and only if `M <= C
 * k^2`; for `M >= C S^2` if and only if `S <= k`. `"valid"`, stride 1: for `M <= C` always; for `M > C` only
 * with k = 1, as a corner pixel is seen through one tap and an inner one through all. `"same"` (zero
 * padding), stride 1: only with all taps but the centre zero, as an output at a corner uses a quarter of the
 * taps and must have the same norm as one that uses all.
 *
 * @throws {RangeError} if a size is out of range, or the stride is not 1 for a border other than "circular".
 * @throws {TypeError} if an argument is of the wrong type, a border unknown or an option unknown.
 *
 * @example
 * ```ts
 * import { orthogonalConvExists } from "refigure/convolutions";
 * import { assertEquals } from "@std/assert";
 *
 * const shape = { outChannels: 10, inChannels: 1, kernelSize: 3, stride: 4 };
 * const { exists, reason } = orthogonalConvExists(shape);
 * assertEquals(exists, false);
 * assertEquals(reason, "M <= C S^2 needs M <= C k^2, but 10 > 9");
 * ```
 */
export function orthogonalConvExists(
  shape: ConvolutionShape,
  options: { border?: Border } = {},
): OrthogonalConvExistence {
  const { M, C, k, S } = requireConvolutionShape(shape);
  requireOptions("options", options, ["border"]);
  const { border = "circular" } = options;
  requireOneOf("border", border, BORDERS);
  const inner = C * S * S;
  const result = (exists: boolean, reason: string, centreTapOnly = false): OrthogonalConvExistence => ({
    exists,
    case: M < inner ? "RO" : M > inner ? "CO" : "square",
    centreTapOnly,
    reason,
  });
  if (border === "circular") {
    if (M <= inner) {
      const exists = M <= C * k * k;
      return result(
        exists,
        `M <= C S^2 needs M <= C k^2, ${exists ? `and ${M} <= ${C * k * k}` : `but ${M} > ${C * k * k}`}`,
      );
    }
    const exists = S <= k;
    return result(exists, `M >= C S^2 needs S <= k, ${exists ? `and ${S} <= ${k}` : `but ${S} > ${k}`}`);
  }
  if (S !== 1) {
    throw new RangeError(`\`shape.stride\` must be 1 for the border "${border}", got ${S}`);
  }
  if (k === 1) return result(true, "k = 1: no window meets a border");
  if (border === "same") {
    return result(true, `zero padding and k = ${k} > 1 allow a centre tap only`, true);
  }
  return M <= C
    ? result(true, `a valid border needs M <= C or k = 1, and ${M} <= ${C}`)
    : result(false, `a valid border needs M <= C or k = 1, but ${M} > ${C} and ${k} > 1`);
}

/**
 * A random orthogonal kernel for the circular border by construction. For k >= S the S x S taps in the middle
 * hold a random M x C S^2 matrix with orthonormal rows or columns, the others are zero: shifted filters then
 * do not overlap. For k < S (where M <= C k^2) all taps hold orthonormal rows.
 *
 * @param shape Sizes for which {@linkcode orthogonalConvExists}.
 * @param options `rng`: the stream that the kernel is drawn from.
 * @returns M x C x k x k.
 * @throws {RangeError} if a size is out of range, or no orthogonal kernel of this shape exists; the message
 * has the inequality.
 * @throws {TypeError} if an argument is of the wrong type or an option is unknown.
 *
 * @example
 * ```ts
 * import { Rng } from "refigure/arrays";
 * import { lorth, orthogonalKernel } from "refigure/convolutions";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const shape = { outChannels: 8, inChannels: 2, kernelSize: 3, stride: 2 };
 * assertAlmostEquals(lorth(orthogonalKernel(shape, { rng: new Rng(1) }), shape), 0, 1e-12);
 * ```
 */
export function orthogonalKernel(shape: ConvolutionShape, options: { rng: Rng }): Float64Array {
  const { M, C, k, S } = requireConvolutionShape(shape);
  requireOptions("options", options, ["rng"]);
  const rng = requireRng("rng", options.rng);
  const { exists, reason } = orthogonalConvExists(shape);
  if (!exists) throw new RangeError(`\`shape\` has no orthogonal kernel: ${reason}`);
  const side = Math.min(k, S);
  return spread(orthonormal(M, C * side * side, rng), { M, C, k, side });
}

/** A random matrix with orthonormal rows, or columns if there are fewer. */
function orthonormal(rows: number, columns: number, rng: Rng): Float64Array {
  return rows >= columns
    ? qr(rng.normalMatrix(rows, columns)).q.data
    : qr(rng.normalMatrix(columns, rows)).q.transpose().data;
}

/** Puts an M x (C side side) matrix into the middle taps of a kernel of zeros. */
function spread(
  values: Float64Array,
  { M, C, k, side }: { M: number; C: number; k: number; side: number },
): Float64Array {
  const kernel = new Float64Array(M * C * k * k);
  const first = Math.floor((k - side) / 2);
  let from = 0;
  for (let mc = 0; mc < M * C; mc++) {
    for (let a = 0; a < side; a++) {
      for (let b = 0; b < side; b++) kernel[(mc * k + first + a) * k + first + b] = values[from++];
    }
  }
  return kernel;
}

/**
 * The smallest value that the regularizer {@linkcode lorth} can have for a shape: 0 where an orthogonal
 * kernel exists. Elsewhere k < S, filters do not overlap, and it is `M - C k^2` for `M <= C S^2` and `C (S^2
 * - k^2)` for `M >= C S^2` (derived: the Gram matrix of M filters of C k^2 taps has rank C k^2 at most).
 *
 * @throws {RangeError} if a size is out of range.
 * @throws {TypeError} if `shape` is of the wrong type or has an unknown name.
 *
 * @example
 * ```ts
 * import { lorthFloor } from "refigure/convolutions";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(lorthFloor({ outChannels: 17, inChannels: 1, kernelSize: 3, stride: 4 }), 7);
 * assertEquals(lorthFloor({ outChannels: 17, inChannels: 1, kernelSize: 3 }), 0);
 * ```
 */
export function lorthFloor(shape: ConvolutionShape): number {
  const { M, C, k, S } = requireConvolutionShape(shape);
  return k >= S ? 0 : Math.max(0, Math.min(M, C * S * S) - C * k * k);
}
