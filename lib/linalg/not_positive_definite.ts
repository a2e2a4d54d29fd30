import { SingularMatrixError } from "./errors.ts";

/** The error for a matrix whose leading block of size `index + 1` is not positive definite. */
export function notPositiveDefinite(index: number): SingularMatrixError {
  return new SingularMatrixError(
    `Cannot compute the Cholesky factor of \`a\`: the leading ${index + 1} x ${
      index + 1
    } block is not positive ` +
      "definite. Adding a small multiple of the identity helps if it is only semidefinite.",
  );
}
