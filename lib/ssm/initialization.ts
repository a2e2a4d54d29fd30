import { requireOneOf, requireOptions, requireRng, type Rng } from "../arrays/mod.ts";
import { requirePairs } from "./check.ts";
import { legsNormalSpectrum } from "./legs_spectrum.ts";

/** Names of the diagonal initializations. */
export const DIAGONAL_INITS = ["legs", "inv", "lin", "inv2", "quad", "real", "random", "dss"] as const;

/** Name of a diagonal initialization. */
export type DiagonalInit = typeof DIAGONAL_INITS[number];

/** Poles and input weights of a diagonal model. */
export interface DiagonalSystem {
  /** Poles, complex interleaved. One of each conjugate pair if `pairs`. */
  A: Float64Array;
  /** Input weights, complex interleaved. */
  B: Float64Array;
  /** Whether each pole stands for itself and its conjugate: outputs are twice the real part. */
  pairs: boolean;
}

/**
 * The initial poles and input weights of a diagonal state space model with n real degrees of freedom (Gu et
 * al. 2022, section 4; k counts pairs from 0):
 *
 * | kind | poles |
 * | --- | --- |
 * | `legs` | the normal part of HiPPO-LegS, with its B (twice that of Theorem 3: C takes the factor) |
 * | `inv` | `-1/2 + i n/pi (n / (2k+1) - 1)` |
 * | `lin` | `-1/2 + i pi k` |
 * | `inv2` | `-1/2 + i n/pi (n / (k+1) - 1)` |
 * | `quad` | `-1/2 + i (1 + 2k)^2 / pi` |
 * | `real` | `-(k+1)`, n of them, not pairs: the true eigenvalues of HiPPO-LegS |
 * | `random` | `-1/2 + i exp(normal)` |
 * | `dss` | poles of `legs` with B = 1; to be used with {@linkcode dssWeights} (Gupta et al. 2022) |
 *
 * @param kind Name of the initialization.
 * @param n Real state size, even: n / 2 pairs, or n real poles.
 * @param options `rng`: the stream of `random`, which needs one.
 * @returns Poles and input weights, and whether the poles are one of each conjugate pair.
 * @throws {RangeError} if `n` is odd.
 * @throws {TypeError} if the kind is unknown, or `random` has no stream.
 *
 * @example
 * ```ts
 * import { diagonalInit } from "refigure/ssm";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(diagonalInit("lin", 4).A, new Float64Array([-0.5, 0, -0.5, Math.PI]));
 * ```
 */
export function diagonalInit(
  kind: DiagonalInit,
  n: number,
  options: { rng?: Rng } = {},
): DiagonalSystem {
  requireOptions("options", options, ["rng"]);
  const { rng } = options;
  if (rng !== undefined) requireRng("rng", rng);
  requireOneOf("kind", kind, DIAGONAL_INITS);
  requirePairs("n", n);
  const half = n / 2;
  if (kind === "real") {
    return system(n, () => 1, (k) => [-(k + 1), 0], false);
  }
  const at = (im: (k: number) => number) => system(half, () => 1, (k) => [-0.5, im(k)]);
  switch (kind) {
    case "lin":
      return at((k) => Math.PI * k);
    case "inv":
      return at((k) => n / Math.PI * (n / (2 * k + 1) - 1));
    case "inv2":
      return at((k) => n / Math.PI * (n / (k + 1) - 1));
    case "quad":
      return at((k) => (1 + 2 * k) ** 2 / Math.PI);
    case "random": {
      if (rng === undefined) throw new TypeError('`rng` must be given for kind "random"');
      const draws = rng.normals(half);
      return at((k) => Math.exp(draws[k]));
    }
  }
  const { omega, bTilde } = legsNormalSpectrum(n);
  return system(half, (k) => kind === "dss" ? 1 : bTilde[k], (k) => [-0.5, omega[k]]);
}

function system(
  count: number,
  weight: (k: number) => number,
  pole: (k: number) => [number, number],
  pairs = true,
): DiagonalSystem {
  const A = new Float64Array(2 * count);
  const B = new Float64Array(2 * count);
  for (let k = 0; k < count; k++) {
    A.set(pole(k), 2 * k);
    B[2 * k] = weight(k);
  }
  return { A, B, pairs };
}
