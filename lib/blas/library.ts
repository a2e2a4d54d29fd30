import { openBlasLibrary } from "./native/library.ts";

/** A library that was found. Its types need no namespace `Deno`, so that they can be read by any compiler. */
export interface BlasLibrary {
  /** The file, as given to the dynamic linker. */
  readonly path: string;
  /** Where it came from. */
  readonly source: "REFIGURE_BLAS" | "scipy-openblas32 wheel" | "system" | "Accelerate";
  /** What stands before every symbol, such as `scipy_`; often empty. */
  readonly prefix: string;
  /** Why its kernels are not the reproducible ones although these were wanted. */
  readonly missed?: string;
}

/** A library, or the reason why there is none. */
export type BlasSearch = { library: BlasLibrary; reason?: undefined } | {
  library?: undefined;
  reason: string;
};

/**
 * The BLAS library of this process, searched at the first call in this order: the path in `REFIGURE_BLAS`;
 * the `scipy-openblas32` wheel in a Python environment (one that holds the running Deno, or a `.venv` beside
 * the working directory, this module, or above); the system's OpenBLAS; Accelerate on macOS. OpenBLAS is
 * tried on Linux; the macOS and Windows names are untried. Outside of Deno there is none. Never throws.
 *
 * @example
 * ```ts
 * import { findBlasLibrary } from "refigure/blas";
 * import { assert } from "@std/assert";
 *
 * const { library, reason } = findBlasLibrary();
 * assert(library !== undefined || reason !== undefined);
 * ```
 */
export function findBlasLibrary(): BlasSearch {
  return openBlasLibrary();
}
