import { requireString } from "../arrays/mod.ts";

/**
 * An iteration that did not reach its precision in the steps allowed. The message tells what to change.
 *
 * @example
 * ```ts
 * import { NotConvergedError } from "refigure/linalg";
 * import { assertEquals } from "@std/assert";
 *
 * const error = new NotConvergedError("The SVD of `a`", "Scale the matrix to norm 1 and try again.");
 * assertEquals(error.message, "The SVD of `a` did not converge. Scale the matrix to norm 1 and try again.");
 * ```
 */
export class NotConvergedError extends Error {
  /** Always "NotConvergedError". */
  override readonly name = "NotConvergedError";

  /**
   * The sentence is `<what> did not converge. <advice>`.
   *
   * @param what The subject of the sentence.
   * @param advice What the reader can change.
   */
  constructor(what: string, advice: string) {
    requireString("what", what);
    requireString("advice", advice);
    super(`${what} did not converge. ${advice}`);
  }
}

/**
 * A matrix that has no factorization of the wanted kind: exactly singular, or not positive definite.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { SingularMatrixError, solve } from "refigure/linalg";
 * import { assertThrows } from "@std/assert";
 *
 * assertThrows(() => solve(Matrix.zeros(2, 2), new Float64Array(2)), SingularMatrixError);
 * ```
 */
export class SingularMatrixError extends RangeError {
  /** Always "SingularMatrixError". */
  override readonly name = "SingularMatrixError";
}
