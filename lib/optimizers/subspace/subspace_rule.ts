import { leadingSingularVectors } from "./leading_singular_vectors.ts";
import { rankedBasis, type RankedBasisOptions } from "./ranked_basis.ts";
import type { SubspaceRule } from "./subspace.ts";

/** Where the vectors of a subspace come from: a fixed basis with its selection, or `"svd"`. */
export type SubspaceOptions = Omit<RankedBasisOptions, "basis"> & {
  /** A fixed basis, or `"svd"` for the leading singular vectors. Default `"dct2"`. */
  basis?: RankedBasisOptions["basis"] | "svd";
};

/**
 * The rule that these options describe.
 *
 * @example
 * ```ts
 * import { subspaceRule } from "refigure/optimizers";
 * import { assertThrows } from "@std/assert";
 *
 * assertThrows(() => subspaceRule({ basis: "random", method: "fft" }), TypeError, '`method` can be "fft"');
 * ```
 */
export function subspaceRule({ basis = "dct2", ...options }: SubspaceOptions = {}): SubspaceRule {
  return basis === "svd" ? leadingSingularVectors() : rankedBasis({ basis, ...options });
}
