import { Matrix, requireInteger, requireOneOf, requireOptions, requireRng, type Rng } from "../arrays/mod.ts";
import { haarOrthogonal } from "../linalg/mod.ts";
import { betaRatio } from "./beta_ratio.ts";

/** How the weights of a Poincaré layer start; see {@linkcode poincareInit}. */
export type PoincareStart =
  | "identity"
  | "orthogonal"
  | "hnn++"
  | "identity-center"
  | "identity-official";

/** All of them, for checks. */
export const POINCARE_STARTS: readonly PoincareStart[] = [
  "identity",
  "orthogonal",
  "hnn++",
  "identity-center",
  "identity-official",
];

/** Options of {@linkcode poincareInit}. */
export interface PoincareInitOptions {
  /**
   * Taps of a convolution's kernel, k * k, as n = k * k * channels; an odd k for "identity-center". Default
   * 1.
   */
  taps?: number;
  /** Stream of the random starts, "orthogonal" and "hnn++". */
  rng?: Rng;
}

/**
 * Start values for the n x m weights of a Poincaré fully connected layer or convolution (van Spengler,
 * Berkhout & Mettes 2023).
 *
 * - `"identity"`: ½ I, truncated where n ≠ m. A square layer that starts so is the identity map.
 * - `"orthogonal"`: ½ Q with orthonormal columns (or rows, if m > n): a square layer is an isometry.
 * - `"hnn++"`: normal entries of variance 1/(2nm) (Shimizu et al. 2021); features shrink by √(2/n) per layer.
 * - `"identity-center"`, for a convolution: ½ at the centre tap over the β ratio, so that features near the
 *   origin keep their norm.
 * - `"identity-official"`, for a convolution: the official code's identity, which counts inputs tap by tap
 *   within a channel, so that output j reads channel ⌊j / taps⌋ at tap j mod taps.
 *
 * @param kind Which start.
 * @param n Inputs, tap by tap: row `tap * channels + channel` of a convolution.
 * @param m Outputs.
 * @param options Taps of a convolution, and the stream.
 * @returns The weights, n x m.
 * @throws {RangeError} if a size is not a positive integer, or `taps` does not divide `n`, or is even for
 * "identity-center".
 * @throws {TypeError} if `kind` is unknown, or a random start has no `rng`.
 *
 * @example
 * ```ts
 * import { Rng } from "refigure/arrays";
 * import { poincareInit } from "refigure/hyperbolic";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(poincareInit("identity", 3, 2).toRows(), [[0.5, 0], [0, 0.5], [0, 0]]);
 * assertEquals(poincareInit("hnn++", 3, 2, { rng: new Rng(0) }).rows, 3);
 * ```
 */
export function poincareInit(
  kind: PoincareStart,
  n: number,
  m: number,
  options: PoincareInitOptions = {},
): Matrix {
  requireOneOf("kind", kind, POINCARE_STARTS);
  requireInteger("n", n, { min: 1 });
  requireInteger("m", m, { min: 1 });
  requireOptions("options", options, ["taps", "rng"]);
  const { taps = 1, rng } = options;
  requireInteger("taps", taps, { min: 1 });
  if (rng !== undefined || kind === "orthogonal" || kind === "hnn++") requireRng("rng", rng!);
  if (n % taps !== 0) throw new RangeError(`\`n\` must be a multiple of \`taps\` = ${taps}, got ${n}`);
  const channels = n / taps;
  switch (kind) {
    case "identity":
      return Matrix.from(n, m, (i, j) => i === j ? 0.5 : 0);
    case "orthogonal": {
      const q = haarOrthogonal(Math.max(n, m), { rng: rng! });
      return q.slice(0, n, 0, m).times(0.5);
    }
    case "hnn++":
      return rng!.normalMatrix(n, m, Math.sqrt(1 / (2 * n * m)));
    case "identity-center": {
      if (taps % 2 === 0) throw new RangeError(`\`taps\` must be odd for "identity-center", got ${taps}`);
      const center = (taps - 1) / 2 * channels;
      const value = 0.5 / betaRatio(channels, n);
      return Matrix.from(n, m, (i, j) => i === center + j && j < channels ? value : 0);
    }
    case "identity-official":
      return Matrix.from(
        n,
        m,
        (i, j) => i === (j % taps) * channels + Math.floor(j / taps) && j < n ? 0.5 : 0,
      );
  }
}
