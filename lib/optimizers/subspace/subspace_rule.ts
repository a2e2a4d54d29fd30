import { requireOneOf, requireOptions } from "../../arrays/mod.ts";
import { leadingSingularVectors } from "./leading_singular_vectors.ts";
import { SUBSPACE } from "./names.ts";
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
 * @throws {TypeError} if an option is unknown or of the wrong type, or the fast transform is asked for with a
 * basis that has none. With `basis: "svd"` the other options have no effect.
 *
 * @example
 * ```ts
 * import { subspaceRule } from "refigure/optimizers";
 * import { assertThrows } from "@std/assert";
 *
 * assertThrows(() => subspaceRule({ basis: "random", method: "fft" }), TypeError, '`method` can be "fft"');
 * ```
 */
export function subspaceRule(options: SubspaceOptions = {}): SubspaceRule {
  requireOptions("options", options, SUBSPACE);
  const { basis = "dct2", ...rest } = options;
  requireOneOf("basis", basis, ["dct2", "dct3", "random", "axes", "svd"]);
  // All of them are checked, also where they have no effect.
  const ranked = rankedBasis({ ...rest, basis: basis === "svd" ? undefined : basis });
  return basis === "svd" ? leadingSingularVectors() : ranked;
}
